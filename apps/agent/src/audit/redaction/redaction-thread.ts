import type { Worker } from 'node:worker_threads';

import type { Logger } from 'pino';

import { dropMarked, measureMarked, type Dropped, type MarkedFields } from '@gatehouse/redaction/marked-fields';
import type { LoggedField } from '@gatehouse/redaction/recorded';

import type { LiveRedactor } from './live-redactor.ts';
import { ThreadAnswer, type ThreadOrder } from './messages.ts';
import { startThread } from './thread-code.ts';

export interface ThreadLimits {
  /** calls that wait, with the one that is at work */
  calls: number;
  /** characters of their marked values */
  size: number;
  /** milliseconds that the values of one call may take */
  callMs: number;
  /** milliseconds without work after which the thread is ended, so that its memory is given back */
  idleMs: number;
}

/** One answer of the largest size fits, with a request. */
export const THREAD_LIMITS: ThreadLimits = { calls: 256, size: 16 << 20, callMs: 10_000, idleMs: 60_000 };

export interface RedactionThreadOptions {
  redactor: LiveRedactor;
  limits?: Partial<ThreadLimits>;
  start?: () => Worker;
  log: Logger;
}

interface Job {
  id: number;
  marked: readonly MarkedFields[];
  size: number;
  /** how many secrets the thread knew */
  version: number;
  settle: (logged: LoggedField[][]) => void;
}

/**
 * Redacts large values in a thread of its own, so that no call waits for it: one call at a time, in their order. It is started with the first, again
 * after it died, and ended when there is nothing to do. Every secret is told to it before the values are, and values that were looked at without one
 * that came meanwhile are looked at again. What it cannot do within its limits is dropped, and the value says so.
 */
export class RedactionThread {
  readonly #options: RedactionThreadOptions;
  readonly #limits: ThreadLimits;
  #jobs: Job[] = [];
  #size = 0;
  #lastId = 0;
  #thread: { worker: Worker; version: number } | null = null;
  #working: { job: Job; late: NodeJS.Timeout } | null = null;
  #idle: NodeJS.Timeout | null = null;
  #closed = false;
  #ending: Promise<unknown> = Promise.resolve();

  constructor(options: RedactionThreadOptions) {
    this.#options = options;
    this.#limits = { ...THREAD_LIMITS, ...options.limits };
  }

  /** Whether there is a thread at the moment. */
  isRunning(): boolean {
    return this.#thread !== null;
  }

  /** The values of one call as they may be written down, for each of `marked`. Never rejects. */
  redact(marked: readonly MarkedFields[]): Promise<LoggedField[][]> {
    const size = marked.reduce((sum, fields) => sum + measureMarked(fields), 0);
    const { calls, size: most } = this.#limits;
    if (this.#closed || this.#jobs.length === calls || this.#size + size > most) {
      return Promise.resolve(dropAll(marked, 'busy'));
    }
    this.#size += size;
    return new Promise((settle) => {
      this.#jobs.push({ id: (this.#lastId += 1), marked, size, version: -1, settle });
      this.#startNext();
    });
  }

  /** Ends the thread. What still waits is dropped. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#jobs) this.#finish(job, dropAll(job.marked, 'busy'));
    this.#stop();
    await this.#ending;
  }

  #startNext(): void {
    const [job] = this.#jobs;
    if (!job || this.#working) return;
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle = null;
    const { redactor } = this.#options;
    try {
      const thread = (this.#thread ??= this.#start());
      if (thread.version !== redactor.version) {
        send(thread.worker, { secrets: redactor.copySecrets() });
        thread.version = redactor.version;
      }
      job.version = thread.version;
      send(thread.worker, { id: job.id, marked: job.marked });
    } catch (error) {
      this.#options.log.error({ err: error }, 'the thread that redacts large values could not be used');
      return this.#give(job, 'failed');
    }
    const late = setTimeout(() => {
      this.#stop();
      this.#give(job, 'slow');
    }, this.#limits.callMs);
    this.#working = { job, late };
  }

  #start(): { worker: Worker; version: number } {
    const worker = (this.#options.start ?? startThread)();
    worker.on('message', (answer: unknown) => this.#take(worker, answer));
    worker.on('error', (error) => {
      this.#options.log.error({ err: error }, 'the thread that redacts large values died; it is started again');
    });
    worker.on('exit', () => {
      if (this.#thread?.worker !== worker) return;
      this.#thread = null;
      const job = this.#working?.job;
      if (job) this.#give(job, 'failed');
    });
    return { worker, version: -1 };
  }

  #take(worker: Worker, message: unknown): void {
    const job = this.#working?.job;
    const answer = ThreadAnswer.safeParse(message);
    if (!job || this.#thread?.worker !== worker || answer.data?.id !== job.id) return;
    this.#stopWaiting();
    // a secret that came meanwhile may stand in the values
    if (job.version !== this.#options.redactor.version) return this.#startNext();
    this.#finish(job, answer.data.logged);
    this.#startNext();
  }

  /** Drops the values of the call that is at work. */
  #give(job: Job, why: Dropped): void {
    this.#finish(job, dropAll(job.marked, why));
    this.#startNext();
  }

  #finish(job: Job, logged: LoggedField[][]): void {
    if (this.#working?.job === job) this.#stopWaiting();
    this.#jobs = this.#jobs.filter((one) => one !== job);
    this.#size -= job.size;
    job.settle(logged);
    if (this.#jobs.length === 0 && this.#thread) {
      this.#idle ??= setTimeout(() => this.#stop(), this.#limits.idleMs).unref();
    }
  }

  #stopWaiting(): void {
    if (this.#working) clearTimeout(this.#working.late);
    this.#working = null;
  }

  #stop(): void {
    if (this.#idle) clearTimeout(this.#idle);
    this.#idle = null;
    const thread = this.#thread;
    this.#thread = null;
    if (thread) this.#ending = Promise.all([this.#ending, thread.worker.terminate()]);
  }
}

function dropAll(marked: readonly MarkedFields[], why: Dropped): LoggedField[][] {
  return marked.map((fields) => dropMarked(fields, why));
}

function send(worker: Worker, order: ThreadOrder): void {
  worker.postMessage(order);
}
