import type { Transform } from 'node:stream';
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib';

import type { Dispatcher } from 'undici';

/** An answer is in a coding that is not known, or not in the one that it names. */
export class AnswerCodingFailed extends Error {
  override readonly name = 'AnswerCodingFailed';
}

type Open = (first: Buffer) => Transform;

/** 8 MB, as RFC 9659 has it: what a decoder needs is not for the server to say */
const ZSTD_WINDOW_LOG = 23;
const ZLIB_METHOD = 0x08;

const CODINGS: ReadonlyMap<string, Open> = new Map<string, Open>([
  ['gzip', () => createGunzip()],
  ['x-gzip', () => createGunzip()],
  ['br', () => createBrotliDecompress()],
  // some servers send it without the head of zlib that it has to have
  ['deflate', (first) => (((first[0] ?? 0) & 0x0f) === ZLIB_METHOD ? createInflate() : createInflateRaw())],
  ['zstd', () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } })],
]);

/** The codings of an answer, in the order in which they were put on; none: it is as it is. */
export function readCodings(header: string | string[]): string[] {
  return String(header)
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
}

/** Codings of one answer. */
const MOST_CODINGS = 3;
/** Bytes that come out of one coding while nothing comes out of the last: there is no such text, and a few bytes can stand for any number of them. */
const MOST_SILENT_BYTES = 1024 * 1024;

export interface DecodingListener {
  onData(chunk: Buffer): void;
  onEnd(): void;
  /** told once, and nothing after it */
  onError(error: Error): void;
}

/**
 * Decodes the body of one answer as it comes. What it gives out is for the listener to count. Holds the connection back while the listener, or
 * one of the decoders, has enough.
 */
export class Decoding {
  readonly #controller: Dispatcher.DispatchController;
  readonly #listener: DecodingListener;
  /** in the order in which they are taken off */
  readonly #codings: readonly string[];
  /** one for each of them, once something came for it */
  readonly #decoders: Transform[] = [];
  /** held back by the reader */
  #isHeld = false;
  #silentBytes = 0;
  #over = false;

  constructor(codings: readonly string[], controller: Dispatcher.DispatchController, listener: DecodingListener) {
    this.#codings = codings.toReversed();
    this.#controller = controller;
    this.#listener = listener;
  }

  write(chunk: Buffer): void {
    if (this.#codings.length > MOST_CODINGS)
      this.#refuse(`The answer is in ${this.#codings.length} codings, one in the other; at most ${MOST_CODINGS} are taken off.`);
    else if (!this.#writeTo(0, chunk)) this.#controller.pause();
  }

  /** The body has come to its end; the listener is told when all of it is decoded. */
  end(): void {
    this.#endAt(0);
  }

  pause(): void {
    this.#isHeld = true;
    this.#findLast()?.pause();
    this.#controller.pause();
  }

  resume(): void {
    this.#isHeld = false;
    this.#findLast()?.resume();
    if (this.#decoders[0]?.writableNeedDrain !== true) this.#controller.resume();
  }

  /** Gives up, and tells the listener why. */
  fail(error: Error): void {
    this.#finish(() => {
      for (const decoder of this.#decoders) decoder.destroy();
      this.#listener.onError(error);
    });
  }

  /** The decoder whose text is the answer. */
  #findLast(): Transform | undefined {
    return this.#decoders[this.#codings.length - 1];
  }

  /** False: it has enough for now. */
  #writeTo(stage: number, chunk: Buffer): boolean {
    if (this.#over || chunk.length === 0) return true;
    const decoder = this.#decoders[stage] ?? this.#open(stage, chunk);
    return decoder?.write(chunk) !== false;
  }

  #endAt(stage: number): void {
    if (this.#over) return;
    const decoder = this.#decoders[stage];
    // where nothing came there is nothing
    if (decoder) decoder.end();
    else this.#finish(() => this.#listener.onEnd());
  }

  #open(stage: number, first: Buffer): Transform | null {
    const coding = this.#codings[stage] ?? '';
    const open = CODINGS.get(coding);
    if (!open) {
      this.#refuse(`The answer is in the coding "${coding.slice(0, 40)}", which is not known here.`);
      return null;
    }
    const decoder = open(first);
    this.#decoders[stage] = decoder;
    decoder.on('data', (chunk: Buffer) => this.#pass(stage, chunk));
    decoder.on('drain', () => {
      if (stage > 0) this.#decoders[stage - 1]?.resume();
      else if (!this.#isHeld) this.#controller.resume();
    });
    decoder.on('end', () => this.#endAt(stage + 1));
    decoder.on('error', (cause) => this.#refuse(`The answer is not in the coding ${coding}, which it names.`, cause));
    if (this.#isHeld && stage === this.#codings.length - 1) decoder.pause();
    return decoder;
  }

  /** What a decoder gives out: to the next one, or to the listener. */
  #pass(stage: number, chunk: Buffer): void {
    if (this.#over) return;
    if (stage === this.#codings.length - 1) {
      this.#silentBytes = 0;
      this.#listener.onData(chunk);
      return;
    }
    this.#silentBytes += chunk.length;
    if (this.#silentBytes > MOST_SILENT_BYTES)
      this.#refuse(`The answer is in the codings ${this.#codings.toReversed().join(', ')}, and there is nothing in them.`);
    else if (!this.#writeTo(stage + 1, chunk)) this.#decoders[stage]?.pause();
  }

  #refuse(message: string, cause?: Error): void {
    if (this.#over) return;
    const error = new AnswerCodingFailed(message, { cause });
    this.fail(error);
    this.#controller.abort(error);
  }

  #finish(tell: () => void): void {
    if (this.#over) return;
    this.#over = true;
    tell();
  }
}
