import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import type { Logger } from 'pino';

import { toOrigin } from './origin.ts';

type Handled = void | Promise<void>;

export interface RequestEntry {
  log: Logger;
  onRequest: (request: IncomingMessage, response: ServerResponse) => Handled;
  /** left out: a request that asks for an upgrade is answered like any other */
  onUpgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => Handled;
  /** open connections of one address; further ones are closed at once. Left out: no bound, because a proxy stands before the server */
  connectionsPerAddress?: number | undefined;
}

/**
 * The one way in which a server of ours is given its requests. Whatever a handler throws, at once or later, ends that request and nothing
 * else: an error that nobody catches would end the process for everybody.
 */
export function serveRequests(server: Server, { log, onRequest, onUpgrade, connectionsPerAddress }: RequestEntry): void {
  const ignoreBroken = (error: Error) => log.debug({ err: error }, 'a connection broke');
  server.on('request', (request, response) => {
    response.on('error', ignoreBroken);
    const run = async () => onRequest(request, response);
    run().catch((error: unknown) => {
      log.error({ err: error }, 'a request failed');
      answerFailure(response);
    });
  });
  if (onUpgrade) {
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', ignoreBroken);
      const run = async () => onUpgrade(request, socket, head);
      run().catch((error: unknown) => {
        log.error({ err: error }, 'an upgrade failed');
        socket.destroy();
      });
    });
  }
  if (connectionsPerAddress !== undefined) boundConnections(server, connectionsPerAddress, log);
}

function answerFailure(response: ServerResponse): void {
  if (response.headersSent) return void response.destroy();
  response.writeHead(500, { 'content-type': 'application/json', connection: 'close' }).end('{"status":"failed"}');
}

/** The log tells of it once a minute at most. */
const TOLD_EVERY_MS = 60_000;

function boundConnections(server: Server, most: number, log: Logger): void {
  const open = new Map<string, number>();
  let toldAt = Number.NEGATIVE_INFINITY;
  const tell = (address: string) => {
    if (performance.now() - toldAt < TOLD_EVERY_MS) return;
    toldAt = performance.now();
    log.warn({ address, most }, 'an address has as many connections as it may; further ones are closed');
  };
  server.on('connection', (socket: Socket) => {
    const origin = toOrigin(socket.remoteAddress);
    const count = open.get(origin) ?? 0;
    if (count >= most) {
      tell(origin);
      return void socket.destroy();
    }
    open.set(origin, count + 1);
    socket.once('close', () => {
      const left = (open.get(origin) ?? 1) - 1;
      if (left === 0) open.delete(origin);
      else open.set(origin, left);
    });
  });
}
