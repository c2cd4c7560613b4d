import type { ServerResponse } from 'node:http';

import { sendAccepted, sendText } from '../http/reply.ts';
import { SseStream } from '../http/sse-stream.ts';
import { countCharacters, joinPieces, JsonParts, type JsonPieces } from '../wire/json-parts.ts';
import type { RpcId } from '../wire/json-rpc.ts';
import { writeJson } from '../wire/json-text.ts';
import { RpcCode } from '../wire/protocol.ts';

/** Answers of more characters than these do not wait for the others, where the client takes a stream. */
const MOST_WAITING = 256 * 1024;
/** Characters of all answers, where the client takes no stream: they go out when the last of them is there. More than two of the longest. */
const MOST_LISTED = 24 * 1024 * 1024;
const TOO_LONG =
  'With this answer those to the batch would be too long for one list. The request was carried out. Send fewer messages in one batch, or accept text/event-stream.';
/** Characters that wait for a client, beyond which what is no answer is dropped. */
const MOST_UNREAD = 1024 * 1024;

/**
 * The answers to the messages of one batch: a list of them in JSON, or, where something has to be sent before them, they are long or take long, a stream of
 * them in the order in which they come.
 */
export class BatchReply {
  readonly #response: ServerResponse;
  readonly #takesStream: boolean;
  #stream: SseStream | null = null;
  /** not sent yet */
  #texts: JsonPieces[] = [];
  #waiting = 0;
  #isOver = false;
  #isPaused = false;

  constructor(response: ServerResponse, takesStream: boolean) {
    this.#response = response;
    this.#takesStream = takesStream;
    // each of its requests listens to the one response
    response.setMaxListeners(0);
  }

  /** The one stream for all of them; null when the client takes none, or is gone. */
  openStream(): SseStream | null {
    if (!this.#takesStream || this.#isOver || this.#response.destroyed) return null;
    if (this.#stream) return this.#stream;
    this.#stream = new SseStream(this.#response);
    this.#flush();
    return this.#stream;
  }

  /** A message before an answer, as JSON. False when it cannot reach the client. */
  say(json: string): boolean {
    if (!this.openStream()) return false;
    // a client that takes nothing gets no more of what nobody waits for
    if (this.#waiting > MOST_UNREAD) return false;
    this.#put(json);
    return true;
  }

  /** The answer to the request with this id, as JSON. False when it is too long to wait for the others, and an error was put in its place. */
  answer(id: RpcId | null, json: JsonPieces): boolean {
    const isTaken = this.#takesStream || this.#waiting + countCharacters(json) <= MOST_LISTED;
    this.#put(isTaken ? json : writeJson({ jsonrpc: '2.0', id, error: { code: RpcCode.internal, message: TOO_LONG } }));
    if (this.#waiting > MOST_WAITING) this.openStream();
    return isTaken;
  }

  /** Every message was handled. */
  end(): void {
    this.#isOver = true;
    if (this.#stream) return this.#flush();
    if (this.#texts.length === 0) return sendAccepted(this.#response);
    const parts = new JsonParts();
    for (const [at, json] of this.#texts.entries()) {
      parts.add(at === 0 ? '[' : ',');
      parts.addAll(json);
    }
    parts.add(']');
    this.#texts = [];
    sendText(this.#response, 200, parts.list());
  }

  #put(json: JsonPieces): void {
    this.#texts.push(json);
    this.#waiting += countCharacters(json);
    this.#flush();
  }

  /** Sends no more than the client reads. One that does not read is cut off as with any answer. */
  #flush(): void {
    if (!this.#stream || this.#isPaused) return;
    while (this.#texts.length > 0 && !this.#response.destroyed) {
      if (this.#response.writableNeedDrain) return this.#pause();
      const next = this.#texts.shift() ?? '';
      this.#waiting -= countCharacters(next);
      this.#stream.sendText(joinPieces(next));
    }
    if (this.#isOver) this.#stream.end();
  }

  #pause(): void {
    this.#isPaused = true;
    this.#response.once('drain', () => {
      this.#isPaused = false;
      this.#flush();
    });
  }
}
