import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';

import { listen } from '../src/listen.ts';
import { OPS_LIMITS, startOpsServer } from '../src/ops-server.ts';
import { serveRequests, type RequestEntry } from '../src/request-entry.ts';
import { sendHostileRequests } from '../src/testing/hostile-requests.ts';

const log = pino({ level: 'silent' });

async function serve(entry: Omit<RequestEntry, 'log'>) {
  const server = createServer();
  serveRequests(server, { log, ...entry });
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return port;
}

test.each<[string, (request: IncomingMessage, response: ServerResponse) => void | Promise<void>]>([
  ['at once', () => void new URL('//', 'http://[')],
  ['later', async () => Promise.reject(new Error('later'))],
])('a handler that throws %s ends its request with 500, and the next one is answered', async (_when, fail) => {
  const port = await serve({
    onRequest: (request, response) => (request.url === '/good' ? void response.end('ok') : fail(request, response)),
  });
  const broken = await fetch(`http://127.0.0.1:${port}/bad`);
  expect([broken.status, await broken.text()]).toEqual([500, '{"status":"failed"}']);
  expect((await fetch(`http://127.0.0.1:${port}/good`)).status).toBe(200);
});

test('an answer that breaks off in the middle, or is written to after its end, ends nothing else', async () => {
  const port = await serve({
    async onRequest(request, response) {
      if (request.url === '/good') return void response.end('ok');
      response.writeHead(200).write('half');
      if (request.url === '/late') response.end().write('after the end');
      else await Promise.reject(new Error('in the middle'));
    },
  });
  await expect(fetch(`http://127.0.0.1:${port}/half`).then((answer) => answer.text())).rejects.toThrow('terminated');
  await fetch(`http://127.0.0.1:${port}/late`).then((answer) => answer.text());
  expect((await fetch(`http://127.0.0.1:${port}/good`)).status).toBe(200);
});

test('an upgrade whose handler throws is cut, and the next request is answered', async () => {
  const port = await serve({
    onRequest: (_request, response) => void response.end('ok'),
    onUpgrade: () => void new URL('//', 'http://['),
  });
  const socket = connect(port, '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  await once(socket.resume(), 'close');
  expect((await fetch(`http://127.0.0.1:${port}/`)).status).toBe(200);
});

test('connections of one address over their number are closed, and its place is free when one ends', async () => {
  const port = await serve({ onRequest: (_request, response) => void response.end('ok'), connectionsPerAddress: 2 });
  const open = [connect(port, '127.0.0.1'), connect(port, '127.0.0.1')];
  await Promise.all(open.map((socket) => once(socket, 'connect')));
  await once(connect(port, '127.0.0.1').resume(), 'close');
  const neighbour = connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' });
  neighbour.end('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
  expect(await text(neighbour)).toContain('200 OK');
  open[0]?.destroy();
  const ask = () => fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } }).catch(() => null);
  await expect.poll(async () => (await ask())?.status).toBe(200);
  open[1]?.destroy();
});

async function startOps() {
  const server = await startOpsServer({
    host: '127.0.0.1',
    port: 0,
    version: { name: 'worker', version: '1.2.3' },
    checkReadiness: () => ({ isReady: true, report: { status: 'ready' } }),
    metrics: { contentType: 'text/plain', metrics: async () => 'up 1\n' },
    token: null,
    log,
  });
  onTestFinished(server.close);
  return server;
}

test('T-57: no bytes end the operations server', async () => {
  const server = await startOps();
  expect(await sendHostileRequests({ port: server.port, goodPath: '/healthz' }, ['/metrics', '/readyz'])).toBe(200);
});

test('T-57: silent connections of one address keep no probe of another from the operations server', async () => {
  const { port } = await startOps();
  // as many as all addresses together may have
  const silent = Array.from({ length: OPS_LIMITS.connections }, () =>
    connect({ port, host: '127.0.0.1', localAddress: '127.0.0.2' }),
  );
  await Promise.all(
    silent.map((socket) =>
      once(
        socket.on('error', () => undefined),
        'connect',
      ),
    ),
  );
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
  for (const socket of silent) socket.destroy();
});
