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

/** The coding of an answer; null: it is as it is. */
export function readCoding(header: string | string[]): string | null {
  const named = String(header)
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity');
  return named.length === 0 ? null : named.join(', ');
}

export interface DecodingListener {
  onData(chunk: Buffer): void;
  onEnd(): void;
  /** told once, and nothing after it */
  onError(error: Error): void;
}

/**
 * Decodes the body of one answer as it comes. What it gives out is for the listener to count. Holds the connection back while the listener, or
 * the decoder itself, has enough.
 */
export class Decoding {
  readonly #controller: Dispatcher.DispatchController;
  readonly #listener: DecodingListener;
  readonly #coding: string;
  #decoder: Transform | null = null;
  #over = false;

  constructor(coding: string, controller: Dispatcher.DispatchController, listener: DecodingListener) {
    this.#coding = coding;
    this.#controller = controller;
    this.#listener = listener;
  }

  write(chunk: Buffer): void {
    if (this.#over || chunk.length === 0) return;
    this.#decoder ??= this.#open(chunk);
    if (this.#decoder?.write(chunk) === false) this.#controller.pause();
  }

  /** The body has come to its end; the listener is told when all of it is decoded. */
  end(): void {
    if (this.#over) return;
    if (this.#decoder) this.#decoder.end();
    else this.#finish(() => this.#listener.onEnd());
  }

  pause(): void {
    this.#decoder?.pause();
    this.#controller.pause();
  }

  resume(): void {
    this.#decoder?.resume();
    if (this.#decoder?.writableNeedDrain !== true) this.#controller.resume();
  }

  /** Gives up, and tells the listener why. */
  fail(error: Error): void {
    this.#finish(() => {
      this.#decoder?.destroy();
      this.#listener.onError(error);
    });
  }

  #open(first: Buffer): Transform | null {
    const open = CODINGS.get(this.#coding);
    if (!open) {
      this.#refuse(`The answer is in the coding "${this.#coding.slice(0, 40)}", which is not known here.`);
      return null;
    }
    const decoder = open(first);
    decoder.on('data', (chunk: Buffer) => {
      if (!this.#over) this.#listener.onData(chunk);
    });
    decoder.on('drain', () => {
      if (!decoder.isPaused()) this.#controller.resume();
    });
    decoder.on('end', () => this.#finish(() => this.#listener.onEnd()));
    decoder.on('error', (cause) => this.#refuse(`The answer is not in the coding ${this.#coding}, which it names.`, cause));
    return decoder;
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
