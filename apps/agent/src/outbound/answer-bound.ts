import type { Dispatcher } from 'undici';

import { Decoding, readCoding } from './answer-coding.ts';
import { isEventStream } from './media-type.ts';

/** The answer went over its bound and was cut off. */
export class ResponseTooLarge extends Error {
  override readonly name = 'ResponseTooLarge';
}

/** How much of an answer is taken: `maxBytes` of the whole, or of each event of an event stream that stays open. */
export interface AnswerBound {
  maxBytes: number;
  perEvent: boolean;
}

type BoundOptions = Dispatcher.DispatchOptions & { answerBound?: AnswerBound };

/**
 * Cuts an answer off once it is over the bound that its request names in `answerBound`; a length that is announced over the bound is not read
 * at all. What comes in a coding of HTTP is decoded first, so the bound is on what it becomes. Stands below the body's stream, so the hot path
 * pays for a comparison and not for one more stream.
 */
export function boundAnswers(dispatch: Dispatcher.Dispatch): Dispatcher.Dispatch {
  return (options: BoundOptions, handler) =>
    dispatch(options, options.answerBound ? new BoundHandler(handler, options.answerBound) : handler);
}

type Handler = Required<Dispatcher.DispatchHandler>;
type Headers = Parameters<Handler['onResponseStart']>[2];

class BoundHandler implements Dispatcher.DispatchHandler {
  readonly #next: Dispatcher.DispatchHandler;
  readonly #maxBytes: number;
  readonly #count: ByteCount;
  #perEvent: boolean;
  #decoding: Decoding | null = null;

  constructor(next: Dispatcher.DispatchHandler, { maxBytes, perEvent }: AnswerBound) {
    this.#next = next;
    this.#maxBytes = maxBytes;
    this.#perEvent = perEvent;
    this.#count = new ByteCount();
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.#next.onRequestStart?.(controller, context);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Headers, statusMessage?: string): void {
    const type = headers['content-type'];
    this.#perEvent &&= typeof type === 'string' && isEventStream(type);
    if (!this.#perEvent && Number(headers['content-length']) > this.#maxBytes) return this.#cut(controller);
    const named = headers['content-encoding'];
    const coding = named === undefined ? null : readCoding(named);
    if (coding === null) this.#next.onResponseStart?.(controller, status, headers, statusMessage);
    else this.#startDecoded(coding, controller, status, headers);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#decoding) this.#decoding.write(chunk);
    else if (this.#count.add(chunk, this.#perEvent) > this.#maxBytes) this.#cut(controller);
    else this.#next.onResponseData?.(controller, chunk);
  }

  onResponseEnd(...args: Parameters<Handler['onResponseEnd']>): void {
    if (this.#decoding) this.#decoding.end();
    else this.#next.onResponseEnd?.(...args);
  }

  onResponseError(...args: Parameters<Handler['onResponseError']>): void {
    if (this.#decoding) this.#decoding.fail(args[1]);
    else this.#next.onResponseError?.(...args);
  }

  /** From here on the next handler sees the answer as if it had come without a coding. */
  #startDecoded(coding: string, controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    const decoding = new Decoding(coding, controller, {
      onData: (chunk) => {
        if (this.#count.add(chunk, this.#perEvent) <= this.#maxBytes) return this.#next.onResponseData?.(outer, chunk);
        const error = this.#describeCut();
        decoding.fail(error);
        controller.abort(error);
      },
      onEnd: () => this.#next.onResponseEnd?.(outer, {}),
      onError: (error) => this.#next.onResponseError?.(outer, error),
    });
    const outer: Dispatcher.DispatchController = {
      get aborted() {
        return controller.aborted;
      },
      get paused() {
        return controller.paused;
      },
      get reason() {
        return controller.reason;
      },
      abort: (reason) => {
        decoding.fail(reason);
        controller.abort(reason);
      },
      pause: () => decoding.pause(),
      resume: () => decoding.resume(),
    };
    this.#decoding = decoding;
    const { 'content-encoding': _coding, 'content-length': _length, ...plain } = headers;
    this.#next.onResponseStart?.(outer, status, plain);
  }

  #cut(controller: Dispatcher.DispatchController): void {
    controller.abort(this.#describeCut());
  }

  #describeCut(): ResponseTooLarge {
    return new ResponseTooLarge(`The answer is larger than ${this.#maxBytes} bytes.`);
  }
}

/** Bytes so far, or bytes since the last empty line, which ends an event. A line ends with LF, CR, or both. */
class ByteCount {
  #seen = 0;
  #last = 0;

  add(chunk: Buffer, perEvent: boolean): number {
    const eventEnd = perEvent ? this.#findEventEnd(chunk) : -1;
    this.#seen = eventEnd === -1 ? this.#seen + chunk.length : chunk.length - eventEnd;
    if (perEvent) this.#last = chunk.at(-1) ?? this.#last;
    return this.#seen;
  }

  #findEventEnd(chunk: Buffer): number {
    const within = Math.max(chunk.lastIndexOf('\n\n'), chunk.lastIndexOf('\r\n\r\n'), chunk.lastIndexOf('\r\r'));
    if (within !== -1) return within;
    const [first, second] = chunk;
    if (this.#last === LF) return first === LF || first === CR ? 0 : -1;
    if (this.#last !== CR) return -1;
    // the LF that follows a CR belongs to the same line end
    return first === CR || (first === LF && (second === LF || second === CR)) ? 0 : -1;
  }
}

const LF = 0x0a;
const CR = 0x0d;
