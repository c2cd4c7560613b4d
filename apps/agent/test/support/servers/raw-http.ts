import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

/** One request as its bytes were, split at the line breaks of HTTP and not interpreted any further. */
export interface RawRequest {
  method: string;
  target: string;
  /** as sent: the order, and every header as often as it came */
  headers: [name: string, value: string][];
  body: string;
}

/** A server that parses nothing but the frame of a request and records it. Answers every one with `{"ok":true}`. */
export async function startRawHttp() {
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let pending = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      for (let next = readRequest(pending); next; next = readRequest(pending)) {
        requests.push(next.request);
        pending = pending.subarray(next.length);
        socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"ok":true}');
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

function readRequest(bytes: Buffer): { request: RawRequest; length: number } | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return null;
  const [first = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const [method = '', target = ''] = first.split(' ');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  });
  const size = Number(headers.find(([name]) => name === 'content-length')?.[1] ?? 0);
  const length = end + 4 + size;
  if (bytes.length < length) return null;
  return { request: { method, target, headers, body: bytes.subarray(end + 4, length).toString('utf8') }, length };
}
