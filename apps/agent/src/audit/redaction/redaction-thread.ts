import type { Worker } from 'node:worker_threads';

import type { Logger } from 'pino';

import { hasFairRoom } from '@gatehouse/policy/limits/fair-share';
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
  /** milliseconds that the values of one call may take, however often they are looked at */
  callMs: number;
  /** milliseconds that they may wait before that */
  waitMs: number;
  /** milliseconds without work after which the thread is ended, so that its memory is given back */
  idleMs: number;
}

/** One answer of the largest size fits, with a request. */
export const THREAD_LIMITS: ThreadLimits = { calls: 256, size: 16 << 20, callMs: 10_000, waitMs: 20_000, idleMs: 60_000 };

export interface RedactionThreadOptions {
  redactor: LiveRedactor;
  limits?: Partial<ThreadLimits>;
  start?: () => Worker;
  log: Logger;
}

interface Job {
  id: number;
  /** whose call it is: a client key; '' for nobody */
  owner: string;
  marked: readonly MarkedFields[];
  size: number;
  /** how many secrets the thread knew */
  version: number;
  /** counts the time that it may wait, then the time that it may take */
  late: NodeJS.Timeout;
  settle: (logged: LoggedField[][]) => void;
}

/**
 * Redacts large values in a thread of its own, so that no call waits for it: one call at a time, of each client key in turn. It is started with the first,
 * again after it died, and ended when there is nothing to do. Every secret is told to it before the values are, and values that were looked at without one
 * that came meanwhile are looked at again. What it cannot do within its limits is dropped, and the value says so.
 */
export class RedactionThread {
  readonly #options: RedactionThreadOptions;
  readonly #limits: ThreadLimits;
  #jobs: Job[] = [];
  #size = 0;
  #lastId = 0;
  #thread: { worker: Worker; version: number } | null = null;
  #working: Job | null = null;
  #lastOwner = '';
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

  /**
   * The values of one call as they may be written down, for each of `marked`. `owner`: whose call it is. One owner may have as much waiting as it leaves
   * free for others, and one call always. Never rejects, and takes no longer than `waitMs` and `callMs` together.
   */
  redact(marked: readonly MarkedFields[], owner: string): Promise<LoggedField[][]> {
    const size = marked.reduce((sum, fields) => sum + measureMarked(fields), 0);
    if (this.#closed || !this.#hasRoom(size, owner)) return Promise.resolve(dropAll(marked, 'busy'));
    this.#size += size;
    return new Promise((settle) => {
      const late = setTimeout(() => this.#finish(job, dropAll(marked, 'busy')), this.#limits.waitMs);
      const job: Job = { id: (this.#lastId += 1), owner, marked, size, version: -1, late, settle };
      this.#jobs.push(job);
      this.#startNext();
    });
  }

  #hasRoom(size: number, owner: string): boolean {
    const { calls, size: most } = this.#limits;
    const own = this.#jobs.filter((job) => job.owner === owner);
    const ownSize = own.reduce((sum, job) => sum + job.size, 0);
    return (
      hasFairRoom(1, { most: calls, used: this.#jobs.length, own: own.length }) &&
      hasFairRoom(size, { most, used: this.#size, own: ownSize })
    );
  }

  /** Ends the thread. What still waits is dropped. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const job of this.#jobs) this.#finish(job, dropAll(job.marked, 'busy'));
    this.#stop();
    await this.#ending;
  }

  /** The owner that comes next after the one whose turn it was, by their names; of each its oldest call. */
  #selectNext(): Job | undefined {
    const owners = [...new Set(this.#jobs.map(({ owner }) => owner))].toSorted();
    const next = owners.find((owner) => owner > this.#lastOwner) ?? owners[0];
    return this.#jobs.find(({ owner }) => owner === next);
  }

  #startNext(): void {
    if (this.#working) return;
    const job = this.#selectNext();
    if (!job) return;
    this.#lastOwner = job.owner;
    clearTimeout(job.late);
    job.late = setTimeout(() => {
      this.#stop();
      this.#give(job, 'slow');
    }, this.#limits.callMs);
    this.#working = job;
    this.#send(job);
  }

  #send(job: Job): void {
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
      this.#give(job, 'failed');
    }
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
      const job = this.#working;
      if (job) this.#give(job, 'failed');
    });
    return { worker, version: -1 };
  }

  #take(worker: Worker, message: unknown): void {
    const job = this.#working;
    const answer = ThreadAnswer.safeParse(message);
    if (!job || this.#thread?.worker !== worker || answer.data?.id !== job.id) return;
    // a secret that came meanwhile may stand in the values
    if (job.version !== this.#options.redactor.version) return this.#send(job);
    this.#finish(job, answer.data.logged);
    this.#startNext();
  }

  /** Drops the values of the call that is at work. */
  #give(job: Job, why: Dropped): void {
    this.#finish(job, dropAll(job.marked, why));
    this.#startNext();
  }

  #finish(job: Job, logged: LoggedField[][]): void {
    clearTimeout(job.late);
    if (this.#working === job) this.#working = null;
    this.#jobs = this.#jobs.filter((one) => one !== job);
    this.#size -= job.size;
    job.settle(logged);
    if (this.#jobs.length === 0 && this.#thread) {
      this.#idle ??= setTimeout(() => this.#stop(), this.#limits.idleMs).unref();
    }
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
