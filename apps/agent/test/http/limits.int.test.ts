import { once } from 'node:events';
import type { RequestListener } from 'node:http';

import { expect, onTestFinished, test } from 'vitest';

import { countServed } from '@gatehouse/process/testing/count-served';

import { listenHttp, LISTEN_LIMITS, type ListenLimits } from '../../src/http/listener.ts';
import { readBody } from '../../src/http/request.ts';
import { StalledReaders, wasCutOff } from '../../src/http/stalled-readers.ts';
import { openRaw, parseStatus } from '../support/clients/raw-client.ts';
import { silentLog } from '../support/control-plane/site.ts';

async function listen(handler: RequestListener, limits: Partial<ListenLimits> = {}) {
  const listener = await listenHttp({
    host: '127.0.0.1',
    port: 0,
    tls: null,
    limits: { ...LISTEN_LIMITS, sweepMs: 20, ...limits },
    log: silentLog,
    now: () => new Date(),
  });
  listener.serve(handler);
  onTestFinished(() => listener.close());
  return `http://127.0.0.1:${listener.port}`;
}

/** Sends a part again and again until the other side closes; resolves with its answer. */
async function sendSlowly(url: string, head: string, part: string): Promise<string> {
  const { socket, closed } = openRaw(url);
  socket.write(head);
  const timer = setInterval(() => socket.write(part), 10);
  const answer = await closed;
  clearInterval(timer);
  return answer;
}

test('T-57: a body that drips, or never ends, and headers that drip are closed at the time limit', async () => {
  const broken: unknown[] = [];
  const url = await listen(
    (request, response) => {
      readBody(request).then(
        () => response.end('whole'),
        (error: unknown) => broken.push(error),
      );
    },
    { requestTimeoutMs: 300, headersTimeoutMs: 200 },
  );
  const head = 'POST / HTTP/1.1\r\nhost: x\r\n';
  expect(parseStatus(await sendSlowly(url, `${head}content-length: 1000000\r\n\r\n`, 'x'))).toBe(408);
  expect(parseStatus(await sendSlowly(url, `${head}transfer-encoding: chunked\r\n\r\n`, '1\r\nx\r\n'))).toBe(408);
  expect(parseStatus(await sendSlowly(url, head, 'a: b\r\n'))).toBe(408);
  expect(broken).toHaveLength(2);
});

test('T-57: a chunked body without end is given up at its size too', async () => {
  const url = await listen((request, response) => {
    void readBody(request, 64 * 1024).then((body) => response.writeHead(body ? 200 : 413, { connection: 'close' }).end());
  });
  const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
  const answer = await sendSlowly(url, 'POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n', chunk);
  expect(parseStatus(answer)).toBe(413);
});

test('a connection that a client opened ahead of its need is kept as long as one that it used', () => {
  expect(LISTEN_LIMITS.headersTimeoutMs).toBeGreaterThanOrEqual(LISTEN_LIMITS.keepAliveMs);
});

test('connections over their number are closed without an answer', async () => {
  const url = await listen((_request, response) => void response.end('ok'), { connections: 2 });
  const open = [openRaw(url), openRaw(url)];
  await Promise.all(open.map(({ socket }) => once(socket, 'connect')));
  const third = openRaw(url);
  expect(await third.closed).toBe('');
  open[0]?.socket.destroy();
  await expect.poll(async () => (await fetch(url).catch(() => null))?.status).toBe(200);
});

test('T-57: one address has so many of them, and others are served', async () => {
  const url = await listen((_request, response) => void response.end('ok'), { connectionsPerAddress: 5 });
  expect(await countServed({ port: Number(new URL(url).port), path: '/' }, 8)).toBe(5);
  expect((await fetch(url)).status).toBe(200);
});

test('a client that does not read its answers is cut off, one that reads slowly is not', async () => {
  const chunk = Buffer.alloc(1024 * 1024);
  const { server, port } = await startRawServer((_request, response) => {
    response.writeHead(200);
    for (let sent = 0; sent < 12; sent += 1) response.write(chunk);
    response.end();
  });
  const readers = new StalledReaders(server, { sweepMs: 20 });
  onTestFinished(() => readers.close());
  const url = `http://127.0.0.1:${port}`;
  const request = 'GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n';
  const stalled = openRaw(url);
  const cut = new Promise<void>((resolve) => server.once('connection', (socket) => socket.once('close', () => resolve())));
  stalled.socket.pause();
  stalled.socket.write(request);
  await cut;

  const slow = openRaw(url);
  slow.socket.setEncoding('latin1');
  const pace = setInterval(() => (slow.socket.isPaused() ? slow.socket.resume() : slow.socket.pause()), 5);
  slow.socket.write(request);
  expect((await slow.closed).length).toBeGreaterThan(12 * chunk.length);
  clearInterval(pace);
});

test('T-57: a client that takes a little of its answer now and then is cut off, like one that takes nothing', async () => {
  const { server, port } = await startRawServer((_request, response) => void response.end(Buffer.alloc(32 << 20)));
  const readers = new StalledReaders(server, { sweepMs: 20, leastBytes: 16 << 20 });
  onTestFinished(() => readers.close());
  const { promise: cut, resolve } = Promise.withResolvers<boolean>();
  server.once('connection', (connection) => connection.once('close', () => resolve(wasCutOff(connection))));
  const { socket } = openRaw(`http://127.0.0.1:${port}`);
  socket.pause();
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  const drip = setInterval(() => socket.read(1_024), 5);
  expect(await cut).toBe(true);
  clearInterval(drip);
});

test.each([
  ['one write', 1],
  ['several', 12],
])('a client that reads on gets all of an answer that is large and slow to read: %s', async (_name, parts) => {
  const whole = 24 << 20;
  const { server, port } = await startRawServer((_request, response) => {
    response.writeHead(200, { 'content-length': whole });
    for (let part = 0; part < parts; part += 1) response.write(Buffer.alloc(whole / parts));
    response.end();
  });
  // longer than who reads nothing would get, and more than may wait for who reads nothing
  const readers = new StalledReaders(server, { sweepMs: 100, leastBytes: 1, patience: 6, largeBytes: 1 << 20, largePatience: 5 });
  onTestFinished(() => readers.close());
  const { socket, closed } = openRaw(`http://127.0.0.1:${port}`);
  socket.setEncoding('latin1');
  let got = 0;
  socket.on('data', (data) => {
    got += data.length;
    socket.pause();
    setTimeout(() => socket.resume(), 4);
  });
  socket.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
  await closed;
  expect(got).toBeGreaterThan(whole);
});

test('what waits for all clients together is bounded', async () => {
  // the kernel takes some megabytes of each
  const chunk = Buffer.alloc(32 * 1024 * 1024);
  const { server, port } = await startRawServer((_request, response) => void response.end(chunk));
  const readers = new StalledReaders(server, { sweepMs: 20, patience: 1_000_000, totalBytes: 40 * 1024 * 1024 });
  onTestFinished(() => readers.close());
  let cut = 0;
  server.on('connection', (socket) => socket.once('close', () => (cut += 1)));
  for (let client = 0; client < 4; client += 1) {
    const { socket } = openRaw(`http://127.0.0.1:${port}`);
    socket.pause();
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  }
  await expect.poll(() => cut).toBe(3);
});

async function startRawServer(handler: RequestListener) {
  const { createServer } = await import('node:http');
  const server = createServer(handler);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return { server, port: typeof address === 'object' && address ? address.port : 0 };
}

test('an idle keep-alive connection is given back', async () => {
  const url = await listen((_request, response) => void response.end('ok'), { keepAliveMs: 50 });
  const { socket, closed } = openRaw(url);
  socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
  expect(parseStatus(await closed)).toBe(200);
});
