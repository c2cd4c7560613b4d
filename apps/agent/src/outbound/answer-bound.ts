import type { Dispatcher } from 'undici';

import { Decoding, readCodings } from './answer-coding.ts';
import { AnswerRoom, type HeldAnswer } from './answer-room.ts';
import { isEventStream } from './media-type.ts';

/** The answer went over its bound and was cut off. */
export class ResponseTooLarge extends Error {
  override readonly name = 'ResponseTooLarge';
}

/** How much of an answer is taken: `maxBytes` of the whole, or of each event of an event stream that stays open. */
export interface AnswerBound {
  maxBytes: number;
  perEvent: boolean;
  onNoRoom?: OnNoRoom | undefined;
}

/**
 * Told when the rest of an answer is left in the network, because what others of its server bring takes the room of this agent; `over`: it goes on, or
 * has ended. That time is not the server's.
 */
export type OnNoRoom = (over: Promise<void>) => void;

type BoundOptions = Dispatcher.DispatchOptions & { answerBound?: AnswerBound };

/**
 * Cuts an answer off once it is over the bound that its request names in `answerBound`; a length that is announced over the bound is not read
 * at all. What comes in a coding of HTTP is decoded first, so the bound is on what it becomes. Together the answers of one origin take no more than an
 * AnswerRoom of `mostBytes`, in which none that brought nothing for `stuckMs` is waited for. Stands below the body's stream, so the hot path
 * pays for a comparison and not for one more stream.
 */
export function boundAnswers(dispatch: Dispatcher.Dispatch, mostBytes?: number, stuckMs?: number): Dispatcher.Dispatch {
  /** of origins that are sending at the moment */
  const rooms = new Map<string, AnswerRoom>();
  const setHeld: SetHeld = (origin, answer, bytes) => {
    const room = rooms.get(origin) ?? new AnswerRoom(mostBytes, stuckMs);
    room.set(answer, bytes);
    if (room.bytes > 0) rooms.set(origin, room);
    else rooms.delete(origin);
  };
  return (options: BoundOptions, handler) => {
    if (!options.answerBound) return dispatch(options, handler);
    return dispatch(options, new BoundHandler(handler, String(options.origin), options.answerBound, setHeld));
  };
}

/** Told how many bytes of an answer of an origin are held. */
type SetHeld = (origin: string, answer: HeldAnswer, bytes: number) => void;

/** Less than this counts for nobody: most answers are so small, and only what is large has to be held back. */
const COUNTED_BYTES = 64 * 1024;

type Handler = Required<Dispatcher.DispatchHandler>;
type Headers = Parameters<Handler['onResponseStart']>[2];

/** What can be done to an answer that is on its way. */
type Flow = Pick<Dispatcher.DispatchController, 'pause' | 'resume' | 'abort'>;

class BoundHandler implements Dispatcher.DispatchHandler, HeldAnswer {
  readonly #next: Dispatcher.DispatchHandler;
  readonly #maxBytes: number;
  readonly #count: ByteCount;
  readonly #origin: string;
  readonly #setHeld: SetHeld;
  #perEvent: boolean;
  #decoding: Decoding | null = null;
  #flow: Flow | null = null;
  /** what the next handler holds the answer back with; null: with the connection itself */
  #wrapped: Dispatcher.DispatchController | null = null;
  /** counted as held */
  #held = 0;
  /** held back for want of room, by the reader of the answer */
  readonly #paused = { room: false, reader: false };
  readonly #onNoRoom: OnNoRoom | undefined;
  #noRoom: PromiseWithResolvers<void> | null = null;

  constructor(next: Dispatcher.DispatchHandler, origin: string, { maxBytes, perEvent, onNoRoom }: AnswerBound, setHeld: SetHeld) {
    this.#onNoRoom = onNoRoom;
    this.#next = next;
    this.#origin = origin;
    this.#setHeld = setHeld;
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
    const codings = named === undefined ? [] : readCodings(named);
    if (codings.length > 0) this.#startDecoded(codings, controller, status, headers);
    // too small to be held back
    else if (Number(headers['content-length']) <= COUNTED_BYTES)
      this.#next.onResponseStart?.(controller, status, headers, statusMessage);
    else this.#next.onResponseStart?.(this.#wrap(controller, controller), status, headers, statusMessage);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#decoding) this.#decoding.write(chunk);
    else if (!this.#take(chunk)) this.#cut(controller);
    else this.#next.onResponseData?.(this.#wrapped ?? controller, chunk);
  }

  onResponseEnd(...args: Parameters<Handler['onResponseEnd']>): void {
    if (this.#decoding) return this.#decoding.end();
    this.#note(0);
    this.#next.onResponseEnd?.(...args);
  }

  onResponseError(...args: Parameters<Handler['onResponseError']>): void {
    if (this.#decoding) return this.#decoding.fail(args[1]);
    this.#note(0);
    this.#next.onResponseError?.(...args);
  }

  /** For the room. */
  pause(): void {
    this.#paused.room = true;
    this.#flow?.pause();
    if (!this.#onNoRoom) return;
    this.#noRoom ??= Promise.withResolvers<void>();
    this.#onNoRoom(this.#noRoom.promise);
  }

  /** For the room. */
  resume(): void {
    this.#paused.room = false;
    this.#endWait();
    if (!this.#paused.reader) this.#flow?.resume();
  }

  /** False: it is over its bound. */
  #take(chunk: Buffer): boolean {
    const bytes = this.#count.add(chunk, this.#perEvent);
    if (bytes > this.#maxBytes) return false;
    this.#note(bytes);
    return true;
  }

  #note(bytes: number): void {
    const counted = bytes > COUNTED_BYTES ? bytes : 0;
    if (counted === this.#held || !this.#flow) return;
    this.#held = counted;
    if (counted === 0) this.#endWait();
    this.#setHeld(this.#origin, this, counted);
  }

  #endWait(): void {
    this.#noRoom?.resolve();
    this.#noRoom = null;
  }

  /** What the reader of the answer holds it back with, which has the state of `controller`. It comes when reader and room both let it. */
  #wrap(controller: Dispatcher.DispatchController, flow: Flow): Dispatcher.DispatchController {
    const paused = this.#paused;
    const wrapped: Dispatcher.DispatchController = {
      get aborted() {
        return controller.aborted;
      },
      get paused() {
        return controller.paused;
      },
      get reason() {
        return controller.reason;
      },
      abort: (reason) => flow.abort(reason),
      pause() {
        paused.reader = true;
        flow.pause();
      },
      resume() {
        paused.reader = false;
        if (!paused.room) flow.resume();
      },
    };
    this.#flow = flow;
    this.#wrapped = wrapped;
    return wrapped;
  }

  /** From here on the next handler sees the answer as if it had come without a coding. */
  #startDecoded(codings: readonly string[], controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    const decoding = new Decoding(codings, controller, {
      onData: (chunk) => {
        if (this.#take(chunk)) return this.#next.onResponseData?.(outer, chunk);
        const error = this.#describeCut();
        decoding.fail(error);
        controller.abort(error);
      },
      onEnd: () => {
        this.#note(0);
        this.#next.onResponseEnd?.(outer, {});
      },
      onError: (error) => {
        this.#note(0);
        this.#next.onResponseError?.(outer, error);
      },
    });
    const outer = this.#wrap(controller, {
      pause: () => decoding.pause(),
      resume: () => decoding.resume(),
      abort(reason) {
        decoding.fail(reason);
        controller.abort(reason);
      },
    });
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
