import type { Dispatcher } from 'undici';

import { AnswerBody } from './answer-body.ts';

/** An answer whose head is there. */
export interface BegunAnswer {
  status: number;
  headers: AnswerHeaders;
  body: AnswerBody;
}

type Handler = Required<Dispatcher.DispatchHandler>;
export type AnswerHeaders = Parameters<Handler['onResponseStart']>[2];

/**
 * Takes one answer. It is resolved with once its head is there, and rejected with what the connection fails with, or with the reason of the signal;
 * aborted later, that is what reading the body fails with. In place of undici's own `request`, which makes a stream and a resource of its own for
 * each. `signal`: not aborted yet.
 */
export class AnswerHandler implements Dispatcher.DispatchHandler {
  readonly #signal: AbortSignal | null;
  readonly #resolve: (answer: BegunAnswer) => void;
  readonly #reject: (error: Error) => void;
  #controller: Dispatcher.DispatchController | null = null;
  #body: AnswerBody | null = null;
  #stopped: Error | null = null;
  readonly #onAbort = () => this.#stop(toError(this.#signal?.reason));
  readonly #onOver = () => this.#signal?.removeEventListener('abort', this.#onAbort);

  constructor(signal: AbortSignal | null, resolve: (answer: BegunAnswer) => void, reject: (error: Error) => void) {
    this.#signal = signal;
    this.#resolve = resolve;
    this.#reject = reject;
    signal?.addEventListener('abort', this.#onAbort);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // it waited for a connection, and nobody waits for it any more
    if (this.#stopped) controller.abort(this.#stopped);
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: AnswerHeaders): void {
    if (status < 200 || this.#stopped) return;
    this.#body = new AnswerBody(controller, this.#onOver);
    this.#resolve({ status, headers, body: this.#body });
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#body?.push(chunk);
  }

  onResponseEnd(): void {
    this.#body?.finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#end(error);
  }

  #stop(reason: Error): void {
    this.#stopped = reason;
    this.#end(reason);
    this.#controller?.abort(reason);
  }

  #end(error: Error): void {
    this.#onOver();
    if (this.#body) this.#body.fail(error);
    else this.#reject(error);
  }
}

function toError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('The request was stopped.', { cause: reason });
}
