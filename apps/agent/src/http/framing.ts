import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

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
