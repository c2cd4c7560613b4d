import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** How much of a refused body is read and thrown away, so that its sender gets to read the answer. */
const MAX_DISCARDED_BYTES = 64 * 1024 * 1024;
const MAX_DISCARD_MS = 15_000;

/**
 * Refuses a request that comes on a connection before the answer to the one before. Clients of MCP do not pipeline, and whoever does could
 * make one connection hold any number of answers in memory.
 */
export class PipeliningGuard {
  readonly #last = new WeakMap<Socket, ServerResponse>();

  /** Null when the request may be answered; else the reason for a 400. */
  check({ socket }: IncomingMessage, response: ServerResponse): string | null {
    const before = this.#last.get(socket);
    if (before && !before.writableEnded) return 'Send one request at a time on a connection.';
    this.#last.set(socket, response);
    return null;
  }
}

/** Refuses transfer codings other than chunked, because proxies and servers disagree on where their bodies end. Null when all is well. */
export function findFramingProblem({ headers }: IncomingMessage): string | null {
  const coding = headers['transfer-encoding'];
  return coding === undefined || coding.toLowerCase() === 'chunked' ? null : 'Transfer-Encoding may only be chunked.';
}

/** The value of a header that stands in the request exactly once; undefined when it is missing or repeated. */
export function getSingleHeader(request: IncomingMessage, lowerCaseName: string): string | undefined {
  const { rawHeaders } = request;
  let found: string | undefined;
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (!isNamed(rawHeaders[at], lowerCaseName)) continue;
    if (found !== undefined) return undefined;
    found = rawHeaders[at + 1];
  }
  return found;
}

/** Every value of a header as it was sent: Node itself keeps only the first of some headers. */
export function listHeaderValues({ rawHeaders }: IncomingMessage, lowerCaseName: string): string[] {
  const values: string[] = [];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    if (isNamed(rawHeaders[at], lowerCaseName)) values.push(rawHeaders[at + 1] ?? '');
  }
  return values;
}

function isNamed(name: string | undefined, lowerCaseName: string): boolean {
  return name?.length === lowerCaseName.length && (name === lowerCaseName || name.toLowerCase() === lowerCaseName);
}

/**
 * The chunks of the body in full, or null as soon as it is known to be larger than `maxBytes`. Rejects when the sender breaks off. The request keeps nothing of it: a
 * connection that is kept for the next request keeps the last one.
 */
export function readBody(request: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<Buffer[] | null> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve(null);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const take = (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxBytes) chunks.push(chunk);
      else settle(null);
    };
    const settle = (body: Buffer[] | null) => {
      request.off('data', take).off('end', end).off('error', fail).off('close', close);
      resolve(body);
    };
    const end = () => settle(chunks);
    const fail = (error: Error) => {
      reject(error);
      settle(null);
    };
    // 'close' is emitted for whole requests too: no Error is made for them, because that takes long
    const close = () => {
      if (!request.complete) fail(new Error('The request was broken off.'));
    };
    request.on('data', take).on('end', end).on('error', fail).on('close', close);
  });
}

/** Reads the rest of a refused body and throws it away, within bounds. */
export function discardBody(request: IncomingMessage): void {
  if (request.complete) return;
  let length = 0;
  const cut = () => request.socket.destroy();
  const late = setTimeout(cut, MAX_DISCARD_MS);
  request.removeAllListeners('data');
  request.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length > MAX_DISCARDED_BYTES) cut();
  });
  request.once('close', () => clearTimeout(late));
}
