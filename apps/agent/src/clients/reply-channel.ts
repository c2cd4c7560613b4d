import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Hold } from '../http/in-flight.ts';
import { sendAccepted, sendText } from '../http/reply.ts';
import { SseStream } from '../http/sse-stream.ts';
import { joinPieces, JsonParts, type JsonPieces } from '../wire/json-parts.ts';
import type { RpcError, RpcId } from '../wire/json-rpc.ts';
import { writeJson } from '../wire/json-text.ts';
import type { BatchReply } from './batch-reply.ts';

/** Whether the client takes a stream of server-sent events. */
export function acceptsStream({ headers }: IncomingMessage): boolean {
  return /text\/(?:event-stream|\*)|\*\/\*/i.test(headers.accept ?? '');
}

/** What waits for a client that reads slowly before more is read from a server; well below what cuts it off. */
const ENOUGH_BYTES = 256 * 1024;

/** How long a client may be left without a byte, milliseconds. */
const QUIET_MS = 10_000;

interface ReplyOptions {
  quietMs?: number;
  batch?: BatchReply | undefined;
  hold?: Pick<Hold, 'waitForReader'> | undefined;
}

/**
 * The way back to the client for one request: plain JSON, unless something has to be sent before the answer or the answer takes long. Then the
 * response is a stream from there on, for clients that take one.
 */
export class ReplyChannel {
  readonly #response: ServerResponse;
  readonly #id: RpcId;
  readonly #takesStream: boolean;
  readonly #batch: BatchReply | undefined;
  readonly #hold: ReplyOptions['hold'];
  readonly #timer: NodeJS.Timeout | null;
  #stream: SseStream | null = null;
  #answered = false;
  #draining: Promise<void> | null = null;

  /**
   * `quietMs`: after this time without a byte the client gets a sign of life, and again each time. `batch`: the request came in one, and is answered with the
   * others of it. `hold`: the room of its key.
   */
  constructor(response: ServerResponse, id: RpcId, takesStream: boolean, { quietMs = QUIET_MS, batch, hold }: ReplyOptions = {}) {
    this.#response = response;
    this.#id = id;
    this.#takesStream = takesStream;
    this.#batch = batch;
    this.#hold = hold;
    this.#timer = takesStream ? setInterval(() => this.#open()?.keepAlive(), quietMs) : null;
  }

  /** A message before the answer, as JSON. False when it cannot reach the client. */
  sendText(json: string): boolean {
    if (this.#batch) return !this.#answered && this.#batch.say(json);
    return this.#open()?.sendText(json) ?? false;
  }

  /** Resolves when the client has read what waits for it, of this request or of others of its key, or is gone; null: not much does. */
  waitForReader(): Promise<void> | null {
    const response = this.#response;
    if (response.destroyed) return null;
    // the answers to a batch are read when the last of them is there
    if (response.writableLength < ENOUGH_BYTES) return this.#batch ? null : (this.#hold?.waitForReader() ?? null);
    return (this.#draining ??= new Promise((resolve) => {
      const settle = () => {
        response.off('drain', settle).off('close', settle);
        this.#draining = null;
        resolve();
      };
      response.once('drain', settle).once('close', settle);
    }));
  }

  /** Answers with a result that is JSON already, and ends. False when the client gets an error in its place, because it is too long for its batch. */
  sendResult(json: JsonPieces): boolean {
    const parts = new JsonParts();
    parts.add(`{"jsonrpc":"2.0","id":${JSON.stringify(this.#id)},"result":`);
    parts.addAll(json);
    parts.add('}');
    return this.#answer(200, parts.list());
  }

  /** Answers with an error, and ends. `status`: what the error is in HTTP, if nothing was sent before it. */
  sendError(error: RpcError, status = 200): void {
    this.#answer(status, writeJson({ jsonrpc: '2.0', id: this.#id, error }));
  }

  /** Ends without an answer: the client does not want it any more. */
  end(): void {
    this.#close();
    if (this.#batch) return;
    if (this.#stream) this.#stream.end();
    else sendAccepted(this.#response);
  }

  #answer(status: number, json: JsonPieces): boolean {
    this.#close();
    if (this.#batch) return this.#batch.answer(this.#id, json);
    if (this.#stream) this.#stream.endWith(joinPieces(json));
    else sendText(this.#response, status, json);
    return true;
  }

  #close(): void {
    this.#answered = true;
    if (this.#timer) clearInterval(this.#timer);
  }

  #open(): SseStream | null {
    if (this.#answered || !this.#takesStream || this.#response.destroyed) return null;
    return (this.#stream ??= this.#batch ? this.#batch.openStream() : new SseStream(this.#response));
  }
}
