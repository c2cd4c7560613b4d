import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';

import { onTestFinished } from 'vitest';

/** A connection spoken by hand, for what no client library sends. Closed when the test is over. */
export function openRaw(url: string, ca?: string) {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket =
    protocol === 'https:' ? connectTls({ host, port: Number(port), ca, servername: 'localhost' }) : connect(Number(port), host);
  onTestFinished(() => void socket.destroy());
  let text = '';
  const closed = Promise.withResolvers<string>();
  socket.on('error', () => undefined);
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  socket.once('close', () => closed.resolve(text));
  return { socket, readReceived: () => text, closed: closed.promise };
}

/** Sends one whole request and resolves with everything that came until the connection closed. */
export async function sendRaw(url: string, request: string, ca?: string): Promise<string> {
  const { socket, closed } = openRaw(url, ca);
  socket.write(request);
  return closed;
}

export function parseStatus(response: string): number {
  return Number(/^HTTP\/1\.1 (\d{3})/.exec(response)?.[1] ?? 0);
}
