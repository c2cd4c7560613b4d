import { isAscii } from 'node:buffer';
import { Readable } from 'node:stream';

import type { Dispatcher } from 'undici';

import { joinChunks } from '../wire/work-bytes.ts';

/** Held while nobody reads; then the connection is held back. */
const MOST_HELD_BYTES = 64 * 1024;
/** Read and thrown away, so that the connection can be used again; an answer with more of it is cut off. */
const MOST_DUMPED_BYTES = 128 * 1024;

/**
 * The body of an answer as it comes. It has to be read, dumped or destroyed, once. Most answers are read whole, and a stream costs more than all
 * else that is done to a small one: so there is one only for who asks for it.
 */
export class AnswerBody {
  readonly #controller: Dispatcher.DispatchController;
  /** called once, when nothing more comes */
  readonly #onOver: () => void;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #over = false;
  #error: Error | null = null;
  #reader: Reader | null = null;
  #isAscii = false;
  /** for whom the answer is for has enough */
  #isPaused = false;

  constructor(controller: Dispatcher.DispatchController, onOver: () => void) {
    this.#controller = controller;
    this.#onOver = onOver;
  }

  /**
   * All of it. `waitForReader` is asked after each part: what is to be waited for before more of it is taken; null: nothing.
   * Rejects with what the connection fails with, ResponseTooLarge, or the reason of the signal.
   */
  async readBytes(waitForReader?: WaitForReader): Promise<Buffer> {
    await this.#readAll(waitForReader);
    const chunks = this.#takeChunks();
    const [only = EMPTY] = chunks;
    return chunks.length <= 1 ? only : Buffer.concat(chunks, this.#bytes);
  }

  /** All of it as UTF-8, without a byte order mark. Rejects as `readBytes` does. */
  async readText(waitForReader?: WaitForReader): Promise<string> {
    await this.#readAll(waitForReader);
    const bytes = joinChunks(this.#takeChunks());
    this.#isAscii = isAscii(bytes);
    const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    return bytes.toString('utf8', hasMark ? 3 : 0);
  }

  /** Whether what `readText` gave has no other characters than those of ASCII. */
  get isAscii(): boolean {
    return this.#isAscii;
  }

  /** Reads the rest and throws it away. Resolves however that ends. */
  dump(): Promise<void> {
    if (this.#over) return Promise.resolve();
    const done = Promise.withResolvers<void>();
    this.#startReading({
      take: (chunk) => {
        this.#bytes += chunk.length;
        if (this.#bytes > MOST_DUMPED_BYTES) this.discard();
      },
      end: done.resolve,
      fail: () => done.resolve(),
    });
    this.#chunks = [];
    return done.promise;
  }

  /** As a stream, which holds the connection back while it is not read. */
  openStream(): Readable {
    const read = () => {
      if (!this.#over) this.#controller.resume();
    };
    const stream = new Readable({ read, destroy: (error, done) => this.#giveUp(error, done) });
    const take = (chunk: Buffer) => {
      if (!stream.push(chunk)) this.#controller.pause();
    };
    for (const chunk of this.#chunks) stream.push(chunk);
    this.#chunks = [];
    if (this.#error) stream.destroy(this.#error);
    else if (this.#over) stream.push(null);
    else this.#reader = { take, end: () => void stream.push(null), fail: (error) => void stream.destroy(error) };
    return stream;
  }

  /** Nobody wants the rest: the connection is given up unless all of it is here. */
  discard(): void {
    this.#cut(new Error('The answer is not read to its end.'));
  }

  /** For the handler of the answer: what came. */
  push(chunk: Buffer): void {
    if (this.#over) return;
    if (this.#reader) return this.#reader.take(chunk);
    this.#keep(chunk);
    if (this.#bytes >= MOST_HELD_BYTES) this.#controller.pause();
  }

  /** For the handler of the answer: it came to its end. */
  finish(): void {
    if (this.#over) return;
    this.#over = true;
    this.#onOver();
    this.#reader?.end();
  }

  /** For the handler of the answer: it broke off. */
  fail(error: Error): void {
    if (this.#over) return;
    this.#over = true;
    this.#error = error;
    this.#chunks = [];
    this.#onOver();
    this.#reader?.fail(error);
  }

  #giveUp(error: Error | null, done: (error: Error | null) => void): void {
    this.#cut(error ?? new Error('The answer is not read to its end.'));
    done(error);
  }

  #cut(error: Error): void {
    if (this.#over) return;
    this.fail(error);
    this.#controller.abort(error);
  }

  #startReading(reader: Reader): void {
    this.#reader = reader;
    this.#controller.resume();
  }

  #keep(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
  }

  #readAll(waitForReader: WaitForReader = waitForNothing): Promise<void> {
    if (this.#error) return Promise.reject(this.#error);
    if (this.#over) return Promise.resolve();
    const whole = Promise.withResolvers<void>();
    const take = (chunk: Buffer) => {
      this.#keep(chunk);
      const read = waitForReader();
      if (read) this.#pauseUntil(read);
    };
    this.#startReading({ take, end: whole.resolve, fail: whole.reject });
    return whole.promise;
  }

  #pauseUntil(read: Promise<void>): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#controller.pause();
    void read.then(() => {
      this.#isPaused = false;
      if (!this.#over) this.#controller.resume();
    });
  }

  #takeChunks(): Buffer[] {
    const chunks = this.#chunks;
    this.#chunks = [];
    return chunks;
  }
}

/** It does not reject. */
type WaitForReader = () => Promise<void> | null;

const waitForNothing: WaitForReader = () => null;

const EMPTY = Buffer.alloc(0);

/** Who the rest of the body goes to. */
interface Reader {
  take(chunk: Buffer): void;
  end(): void;
  fail(error: Error): void;
}
