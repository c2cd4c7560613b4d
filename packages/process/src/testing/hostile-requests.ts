import { connect } from 'node:net';

/** How a request reaches a listener on loopback. */
interface Target {
  port: number;
  /** the `Host` that the listener answers to */
  host?: string;
  /** a path that is answered with 200 */
  goodPath: string;
}

const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
const KEY = 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n';

/** Heads with every kind of request target and method. `paths`: what the listener knows, each of which is asked in odd ways too. */
function listHeads(host: string, paths: readonly string[]): string[] {
  const targets = [
    '//',
    '///',
    '//evil.test/healthz',
    '/\\',
    '/..',
    '/%',
    '/%00',
    '/%ff%fe',
    '/?',
    '/#',
    '*',
    'http://',
    'http:///',
    'http://[',
    'http://[::1',
    'http://evil.test:99999/',
    'http://a b/',
    'javascript:1',
    'healthz',
    '/[',
    '/a:b@c',
    `/${'a'.repeat(8_000)}`,
    ...paths.flatMap((path) => [path, `/${path}`, `${path}/`, `${path}?`, `${path}?${'a='.repeat(500)}`, `${path}/../%2e%2e/`]),
  ];
  const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE', 'PATCH', 'QUERY', 'PROPFIND'];
  const common = `Host: ${host}\r\nConnection: close\r\n`;
  return [
    ...targets.flatMap((target) => methods.slice(0, 3).map((method) => `${method} ${target} HTTP/1.1\r\n${common}\r\n`)),
    ...methods.flatMap((method) => ['*', '/', ...paths].map((path) => `${method} ${path} HTTP/1.1\r\n${common}\r\n`)),
    ...['CONNECT evil.test:443', 'CONNECT /', 'CONNECT *', 'CONNECT :'].map((line) => `${line} HTTP/1.1\r\n${common}\r\n`),
  ];
}

function listUpgrades(host: string, paths: readonly string[]): string[] {
  const headers = [
    UPGRADE + KEY,
    UPGRADE,
    `${UPGRADE}Sec-WebSocket-Key: x\r\nSec-WebSocket-Version: 13\r\n`,
    `${UPGRADE}${KEY}Sec-WebSocket-Version: 99\r\n`,
    `${UPGRADE}${KEY}Sec-WebSocket-Protocol: a,,b,a\r\n`,
    `${UPGRADE}${KEY}Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99999\r\n`,
    'Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n',
    'Connection: Upgrade, Upgrade, close\r\nUpgrade: websocket, websocket\r\n',
  ];
  const garbage = ['', '\x81\xfe\x00', '\xff'.repeat(200), '\x88\x80\x00\x00\x00\x00', 'GET / HTTP/1.1\r\n\r\n'];
  return ['/', '//', '*', ...paths].flatMap((path) =>
    ['GET', 'POST'].flatMap((method) =>
      headers.flatMap((head) => garbage.map((tail) => `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${head}\r\n${tail}`)),
    ),
  );
}

function listBroken(host: string, path: string): string[] {
  const get = `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n`;
  const post = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`;
  return [
    '\0',
    '\0'.repeat(70_000),
    '\r\n'.repeat(10_000),
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    'GET\r\n\r\n',
    'GET /\r\n\r\n',
    'GET / HTTP/9.9\r\n\r\n',
    'GET / HTTP/1.0\r\n\r\n',
    ' / HTTP/1.1\r\n\r\n',
    `GET ${path} HTTP/1.1\n\n`,
    `GET ${path} HTTP/1.1\nHost: ${host}\n\n`,
    `GET /\0 HTTP/1.1\r\nHost: ${host}\r\n\r\n`,
    `GET ${path} HTTP/1.1\r\n\r\n`,
    `GET ${path} HTTP/1.1\r\nHost:\r\n\r\n`,
    `${get}Host: other\r\n\r\n`,
    ...['[', 'a b', '::', '\x7f', 'http://x', `${'h'.repeat(3_000)}`, 'user:pw@x', '%00'].map(
      (bad) => `GET ${path} HTTP/1.1\r\nHost: ${bad}\r\nConnection: close\r\n\r\n`,
    ),
    `${get}X: a\0b\r\n\r\n`,
    `${get}X: a\r\n b\r\n\r\n`,
    `${get}: empty\r\n\r\n`,
    `${get}X\r\n\r\n`,
    `${get}X: ${'a'.repeat(100_000)}\r\n\r\n`,
    `${get}${Array.from({ length: 3_000 }, (_, index) => `x${index}: a\r\n`).join('')}\r\n`,
    `${get}Cookie: ${'a=b;'.repeat(2_000)}%\r\n\r\n`,
    `${get}X-Forwarded-For: ${'1,'.repeat(3_000)}\r\n\r\n`,
    `${get}X-Forwarded-Host: [\r\nX-Forwarded-Proto: \x01\r\n\r\n`,
    `${get}Origin: http://[\r\n\r\n`,
    `${get}Expect: nothing\r\n\r\n`,
    `${get}Range: bytes=-\r\nIf-None-Match: "\r\nIf-Modified-Since: x\r\n\r\n`,
    `${get}Authorization: Bearer ${'\xff'.repeat(100)}\r\nAccept: ${'*/*,'.repeat(500)}\r\n\r\n`,
    `${post}Content-Length: -1\r\n\r\n`,
    `${post}Content-Length: 1e3\r\n\r\n`,
    `${post}Content-Length: 99999999999999999999\r\n\r\n`,
    `${post}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`,
    `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    `${post}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
    `${post}Transfer-Encoding: chunked\r\n\r\nZZ\r\n`,
    `${post}Transfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n`,
    `${post}Transfer-Encoding: chunked\r\n\r\n0\r\nX: y\r\n\r\n`,
    `${post}Expect: 100-continue\r\nContent-Length: 1\r\n\r\n`,
    `${post}Content-Length: 1000\r\n\r\nhalf`,
    `${post}Content-Length: 2\r\n\r\n{}${get}\r\n`.repeat(20),
    `${get}\r\n`.repeat(200),
    `${get}\r\n\0\0garbage\r\n\r\n${get}\r\n`,
    get,
    'GET',
  ];
}

/** Raw requests that no client library sends, for a listener that knows these paths. */
function listHostileRequests({ port, host = `127.0.0.1:${port}`, goodPath }: Target, paths: readonly string[]): Buffer[] {
  const known = [goodPath, ...paths];
  const texts = [...listHeads(host, known), ...listUpgrades(host, known), ...known.flatMap((path) => listBroken(host, path))];
  return texts.map((text) => Buffer.from(text, 'latin1'));
}

/** Sends the bytes, half closes, reads what comes, and cuts the connection in the middle when nothing ends it. */
async function send(port: number, bytes: Buffer): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined).resume();
  const cut = setTimeout(() => socket.destroy(), 250);
  socket.end(bytes);
  await new Promise((resolve) => socket.once('close', resolve));
  clearTimeout(cut);
}

/** Sends every request, some at a time, and then asks for the good path. Resolves with the status of that. */
export async function sendHostileRequests(target: Target, paths: readonly string[] = []): Promise<number> {
  const requests = listHostileRequests(target, paths);
  const AT_A_TIME = 25;
  for (let start = 0; start < requests.length; start += AT_A_TIME)
    await Promise.all(requests.slice(start, start + AT_A_TIME).map((bytes) => send(target.port, bytes)));
  const answer = await fetch(`http://127.0.0.1:${target.port}${target.goodPath}`);
  await answer.arrayBuffer();
  return answer.status;
}
