import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

import { createTRPCUntypedClient, httpLink } from '@trpc/client';
import { encode } from 'next-auth/jwt';
import { pino } from 'pino';
import superjson from 'superjson';
import { expect, onTestFinished, test } from 'vitest';

import { listen } from '@gatehouse/process/listen';
import { countServed } from '@gatehouse/process/testing/count-served';
import { sendHostileRequests } from '@gatehouse/process/testing/hostile-requests';

import { readSessionToken } from '../../src/server/auth/session-token.ts';
import { CONSOLE_LIMITS } from '../../src/server/limits.ts';
import { createConsoleServer } from '../../src/server/listener.ts';

const proof = { secret: 'a secret of this test, long enough', secure: false };
const isSignedIn = async (cookies: string | undefined) => (await readSessionToken(cookies, proof)) !== null;
const makeCookie = async (secret = proof.secret) =>
  `theme=dark; next-auth.session-token=${await encode({ token: { sid: randomUUID(), uid: randomUUID() }, secret })}`;

/** A console whose pages say the address of whoever asks, and how long the body was. */
async function start(trustedProxies = 0) {
  const server = createConsoleServer({
    trustedProxies,
    isSignedIn,
    log: pino({ level: 'silent' }),
    async handle(request, response) {
      if (request.url?.startsWith('/broken')) throw new TypeError('broken');
      const { length } = await text(request);
      response.end(JSON.stringify([request.headers['x-forwarded-for'], length]));
    },
  });
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return port;
}

async function ask(port: number, path: string, init: RequestInit = {}) {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
  return [answer.status, await answer.json()];
}

test('the address of a caller is not what it claims, unless as many proxies as are trusted stand between', async () => {
  const headers = { 'x-forwarded-for': '6.6.6.6, 198.51.100.7' };
  expect(await ask(await start(), '/', { headers })).toEqual([200, ['127.0.0.1', 0]]);
  expect(await ask(await start(1), '/', { headers })).toEqual([200, ['198.51.100.7', 0]]);
});

test('T-57: one address has so many connections, unless a proxy stands before all of them', async () => {
  const { connectionsPerAddress: most } = CONSOLE_LIMITS;
  const port = await start();
  expect(await countServed({ port, path: '/' }, most + 10)).toBe(most);
  expect((await ask(port, '/'))[0]).toBe(200);
  expect(await countServed({ port: await start(1), path: '/' }, most + 10)).toBe(most + 10);
});

const TRPC = '/t/acme/api/trpc';
test.each([
  ['/login', 0],
  ['/api/auth/callback/credentials', CONSOLE_LIMITS.formBytes],
  ['/t/acme/audit/admin/export', CONSOLE_LIMITS.formBytes],
  [`${TRPC}/profile.saveDraft?batch=1`, CONSOLE_LIMITS.procedureBytes],
  [`${TRPC}/server.previewOpenapi?batch=1`, CONSOLE_LIMITS.descriptionBytes],
  [`${TRPC}/server.importOpenapi`, CONSOLE_LIMITS.descriptionBytes],
  [`${TRPC}/server.previewOpenapi,profile.saveDraft?batch=1`, CONSOLE_LIMITS.procedureBytes],
])('a body sent to %s has at most %i bytes', async (path, most) => {
  const port = await start();
  const headers = { cookie: await makeCookie() };
  expect(await ask(port, path, { method: 'POST', body: 'x'.repeat(most), headers })).toEqual([200, ['127.0.0.1', most]]);
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${most + 1}\r\n\r\n`;
  const large = connect(port, '127.0.0.1').end(head);
  expect(await text(large)).toMatch(/^HTTP\/1\.1 413 /);
});

test('T-57: large bodies on their way of one network have so much room, and hold up neither small ones nor others', async () => {
  const port = await start();
  const path = `${TRPC}/server.importOpenapi`;
  const { descriptionBytes, bodyBytesPerNetwork, smallBodyBytes } = CONSOLE_LIMITS;
  const cookie = await makeCookie();
  const head = (length: number) =>
    `POST ${path} HTTP/1.1\r\nHost: x\r\nCookie: ${cookie}\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`;
  // One more than there is room for: once it is refused, the others hold all of it.
  const sent = Array.from({ length: Math.floor(bodyBytesPerNetwork / descriptionBytes) + 1 }, () => {
    const socket = connect(port, '127.0.0.1').on('error', () => {});
    socket.write(`${head(descriptionBytes)}x`);
    return socket;
  });
  const refused = await Promise.race(sent.map(async (socket) => [socket, String(await once(socket, 'data'))] as const));
  expect(refused[1]).toMatch(/^HTTP\/1\.1 503 /);
  const held = sent.filter((socket) => socket !== refused[0]);
  const whole = 'x'.repeat(descriptionBytes);
  const readStatus = async () => (await ask(port, path, { method: 'POST', body: whole, headers: { cookie } }))[0];
  expect(await readStatus()).toBe(503);
  expect(await ask(port, path, { method: 'POST', body: 'x'.repeat(smallBodyBytes) })).toEqual([
    200,
    ['127.0.0.1', smallBodyBytes],
  ]);
  const neighbour = connect({ port, host: '127.0.0.1', localAddress: '127.0.1.1' });
  expect(await text(neighbour.end(head(descriptionBytes) + whole))).toContain('200 OK');
  held[0]?.destroy();
  await expect.poll(readStatus).toBe(200);
  for (const socket of sent) socket.destroy();
});

test('T-57: of strangers no large body is kept, and they take no room of those who signed in', async () => {
  const port = await start();
  const path = `${TRPC}/server.importOpenapi`;
  const { descriptionBytes, smallBodyBytes } = CONSOLE_LIMITS;
  const forged = await makeCookie('another secret, which is no less long');
  const head = `POST ${path} HTTP/1.1\r\nHost: x\r\nCookie: ${forged}\r\nContent-Length: ${descriptionBytes}\r\n\r\n`;
  const withheld = Array.from({ length: 40 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  const answers = withheld.map((socket) => once(socket.setEncoding('utf8'), 'data'));
  for (const socket of withheld) socket.write(`${head}x`);
  for (const [answer] of await Promise.all(answers)) expect(answer).toMatch(/^HTTP\/1\.1 401 [^]*Sign in again/);
  const whole = { method: 'POST', body: 'x'.repeat(descriptionBytes) };
  expect(await ask(port, path, { ...whole, headers: { cookie: await makeCookie() } })).toEqual([
    200,
    ['127.0.0.1', descriptionBytes],
  ]);
  for (const cookie of ['', 'next-auth.session-token=x', forged]) {
    const link = httpLink({ url: `http://127.0.0.1:${port}${TRPC}`, headers: { cookie }, transformer: superjson });
    const asked = createTRPCUntypedClient({ links: [link] }).mutation('server.importOpenapi', whole.body.slice(100));
    await expect(asked).rejects.toMatchObject({
      message: 'Your session has ended. Sign in again.',
      data: { code: 'UNAUTHORIZED', httpStatus: 401 },
    });
  }
  const small = { method: 'POST', body: 'x'.repeat(smallBodyBytes) };
  expect(await ask(port, path, small)).toEqual([200, ['127.0.0.1', smallBodyBytes]]);
  for (const socket of withheld) socket.destroy();
});

test('a body whose length is not told is not read', async () => {
  const socket = connect(await start(), '127.0.0.1').end(
    `POST ${TRPC}/me.get HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 411 /);
});

test('who leaves in the middle of a body is not heard of by Next, however the connection ends', async () => {
  const heard: string[] = [];
  const server = createConsoleServer({
    trustedProxies: 0,
    isSignedIn,
    log: pino({ level: 'silent' }),
    async handle(request, response) {
      heard.push('asked');
      heard.push(await text(request));
      response.end('{}');
    },
  });
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => void server.close());
  const head = `POST /api/account/readLink HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 10\r\n\r\n`;
  for (const leave of ['end', 'destroy', 'resetAndDestroy'] as const) {
    const socket = connect(port, '127.0.0.1').resume();
    const closed = once(socket, 'close');
    socket.write(`${head}half`, () => socket[leave]());
    await closed;
  }
  const whole = connect(port, '127.0.0.1').end(`${head}0123456789`);
  expect(await text(whole)).toMatch(/^HTTP\/1\.1 200 /);
  expect(heard).toEqual(['asked', '0123456789']);
});

test('a client that leaves once its body has come breaks nothing that is still being read', async () => {
  const reading = Promise.withResolvers<string>();
  const server = createConsoleServer({
    trustedProxies: 0,
    isSignedIn,
    log: pino({ level: 'silent' }),
    async handle(request, response) {
      socket.destroy();
      await once(response, 'close');
      reading.resolve(await text(request));
    },
  });
  const port = await listen(server, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => void server.close());
  const socket = connect(port, '127.0.0.1');
  socket.write(`POST /api/account/readLink HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbody`);
  expect(await reading.promise).toBe('body');
});

test('what is asked for is a path', async () => {
  const socket = connect(await start(), '127.0.0.1').end('OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n');
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
});

test.each(['/t/%', '/t/%E0%A4%A/agents', '/%ff', '/login%'])('%s, which no one can decode, does not reach Next', async (path) => {
  expect(await ask(await start(), path)).toEqual([400, { message: 'Ask for a path.' }]);
});

test('a method that Next does not know does not reach it', async () => {
  for (const method of ['TRACE', 'PROPFIND', 'DELETE']) {
    const socket = connect(await start(), '127.0.0.1').end(`${method} / HTTP/1.1\r\nHost: x\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 405 /);
  }
});

test('whatever is answered can load and run nothing, unless Next says otherwise', async () => {
  const port = await start();
  for (const path of ['/', '/t/%', '/broken']) {
    const { headers } = await fetch(`http://127.0.0.1:${port}${path}`);
    expect(headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  }
});

test('T-57: what Next throws, and no bytes, end the console', async () => {
  const port = await start();
  expect(await ask(port, '/broken')).toEqual([500, { status: 'failed' }]);
  const paths = ['/broken', '/api/auth/csrf', `${TRPC}/me.get`];
  expect(await sendHostileRequests({ port, goodPath: '/healthz' }, paths)).toBe(200);
});
