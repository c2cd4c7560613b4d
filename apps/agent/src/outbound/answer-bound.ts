import type { Dispatcher } from 'undici';

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
 * at all. Stands below the body's stream, so the hot path pays for a comparison and not for one more stream.
 */
export function boundAnswers(dispatch: Dispatcher.Dispatch): Dispatcher.Dispatch {
  return (options: BoundOptions, handler) =>
    dispatch(options, options.answerBound ? new BoundHandler(handler, options.answerBound) : handler);
}

class BoundHandler implements Dispatcher.DispatchHandler {
  readonly #next: Dispatcher.DispatchHandler;
  readonly #maxBytes: number;
  readonly #count: ByteCount;
  #perEvent: boolean;

  constructor(next: Dispatcher.DispatchHandler, { maxBytes, perEvent }: AnswerBound) {
    this.#next = next;
    this.#maxBytes = maxBytes;
    this.#perEvent = perEvent;
    this.#count = new ByteCount();
  }

  onRequestStart(controller: Dispatcher.DispatchController, context: unknown): void {
    this.#next.onRequestStart?.(controller, context);
  }

  onResponseStart(
    controller: Dispatcher.DispatchController,
    status: number,
    headers: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2],
    statusMessage?: string,
  ): void {
    const type = headers['content-type'];
    this.#perEvent &&= typeof type === 'string' && type.startsWith('text/event-stream');
    if (!this.#perEvent && Number(headers['content-length']) > this.#maxBytes) return this.#cut(controller);
    this.#next.onResponseStart?.(controller, status, headers, statusMessage);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#count.add(chunk, this.#perEvent) > this.#maxBytes) this.#cut(controller);
    else this.#next.onResponseData?.(controller, chunk);
  }

  onResponseEnd(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseEnd']>>): void {
    this.#next.onResponseEnd?.(...args);
  }

  onResponseError(...args: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseError']>>): void {
    this.#next.onResponseError?.(...args);
  }

  #cut(controller: Dispatcher.DispatchController): void {
    controller.abort(new ResponseTooLarge(`The answer is larger than ${this.#maxBytes} bytes.`));
  }
}

/** Bytes so far, or bytes since the last empty line, which ends an event. */
class ByteCount {
  #seen = 0;
  #endsWithLine = false;

  add(chunk: Buffer, perEvent: boolean): number {
    const eventEnd = perEvent ? this.#findEventEnd(chunk) : -1;
    this.#seen = eventEnd === -1 ? this.#seen + chunk.length : chunk.length - eventEnd;
    if (perEvent) this.#endsWithLine = chunk.at(-1) === 0x0a;
    return this.#seen;
  }

  #findEventEnd(chunk: Buffer): number {
    const within = Math.max(chunk.lastIndexOf('\n\n'), chunk.lastIndexOf('\r\n\r\n'));
    if (within !== -1) return within;
    const first = chunk[0];
    return this.#endsWithLine && (first === 0x0a || first === 0x0d) ? 0 : -1;
  }
}
