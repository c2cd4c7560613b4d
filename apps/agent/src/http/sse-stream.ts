import type { ServerResponse } from 'node:http';

import { toOneLine } from '../wire/json-text.ts';

/** Bytes that may wait for a client; behind so many it does not read, and its stream is cut. Two of the largest messages are no more, and come at once. */
const MAX_WAITING_BYTES = 24 * 1024 * 1024;

/** A response as a stream of server-sent events, each one JSON-RPC message. */
export class SseStream {
  readonly #response: ServerResponse;

  /** Sends the headers. `response` must not have been answered. */
  constructor(response: ServerResponse, headers: Record<string, string> = {}) {
    this.#response = response;
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // proxies would collect what has to go out at once
      'x-accel-buffering': 'no',
      ...headers,
    });
    response.flushHeaders();
  }

  /**
   * False when the client is gone, or when so much waits for it already that it does not read: then its connection is cut, which ends
   * whatever the stream belongs to.
   */
  send(message: object): boolean {
    return this.sendText(JSON.stringify(message));
  }

  /** The same for a message that is JSON already. */
  sendText(json: string): boolean {
    if (this.#isOver()) return false;
    if (this.#response.writableLength > MAX_WAITING_BYTES) {
      this.#response.destroy();
      return false;
    }
    this.#write(json);
    return true;
  }

  /** Ends with a message, which is the answer: it is not kept back for what waits before it. */
  endWith(json: string): void {
    if (this.#isOver()) return;
    this.#write(json);
    this.end();
  }

  /** Keeps proxies and clients from taking a quiet stream for a dead one. */
  keepAlive(): void {
    if (!this.#isOver() && this.#response.writableLength === 0) this.#response.write(': keep-alive\n\n');
  }

  end(): void {
    if (!this.#isOver()) this.#response.end();
  }

  /** Called once, when the connection is over for whatever reason. */
  onClose(listener: () => void): void {
    this.#response.once('close', listener);
  }

  #write(json: string): void {
    this.#response.write(`event: message\ndata: ${toOneLine(json)}\n\n`);
  }

  #isOver(): boolean {
    return this.#response.destroyed || this.#response.writableEnded;
  }
}
