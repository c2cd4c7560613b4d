import { randomUUID } from 'node:crypto';

import type { WrittenReceipt } from '@gatehouse/protocol/receipt';
import { encodeDraft, type EncodedDraft, type ReceiptDraft } from '@gatehouse/protocol/receipt-chain';

import type { Disk } from '../state/disk.ts';
import type { CallFacts } from './call-record.ts';
import { encodeFrame, MOST_DRAFT_BYTES } from './frame.ts';
import { chainReceipt, startStream, unchainReceipt, type StreamHead } from './receipt-draft.ts';
import type { Recovered } from './recover.ts';
import { SegmentWriter } from './segment-writer.ts';
import type { SegmentFile } from './segment.ts';

export interface SpoolLimits {
  segmentBytes: number;
  /** all segments together: intents stop at 95 %, receipts of refused calls at 98 %, so that every begun call can be ended */
  totalBytes: number;
  /** receipts that wait in memory while the disk does not take them */
  waitingReceipts: number;
}
export const SPOOL_LIMITS: SpoolLimits = { segmentBytes: 8 << 20, totalBytes: 512 << 20, waitingReceipts: 1_000 };
const RETRY_MS = 2_000;
/** Receipts that nobody waits for are made durable when there are so many bytes of them: they would have to be written again after a failure. */
const MOST_UNSYNCED_BYTES = 512 << 10;

/** No room for another intent. */
export class SpoolFull extends Error {
  override readonly name = 'SpoolFull';
}

interface Waiter {
  resolve: () => void;
  reject: (error: unknown) => void;
}
type Item =
  | ({ kind: 'intent'; facts: CallFacts } & Waiter)
  | { kind: 'receipt'; draft: EncodedDraft }
  | ({ kind: 'task'; run(): Promise<void> } & Waiter);

export interface SpoolOptions {
  directory: string;
  disk: Disk;
  recovered: Recovered;
  limits: SpoolLimits;
  /** called when the disk stops taking writes, with its error, and with null when it takes them again */
  onHealth: (error: unknown) => void;
}

/**
 * Append-only writer with group commit: whatever waits is written at once and made durable by one fdatasync. After a failed write or
 * fsync the segment is given up; the next commit opens a new one and repeats in it everything that was not durable.
 */
export class Spool {
  readonly #options: SpoolOptions;
  readonly segments: SegmentFile[];
  readonly #openIntents: Map<string, CallFacts>;
  #written: StreamHead;
  #durable: StreamHead;
  /** receipts behind #durable, as frames, and their bytes */
  #unsynced: Buffer[] = [];
  #unsyncedBytes = 0;
  #writer: SegmentWriter | null;
  #queue: Item[] = [];
  #running: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  /** the last attempt to write failed */
  #failing = false;
  /** receipts lost since the last one that was written, and since the start */
  #lost = 0;
  #lostTotal = 0;
  readonly #listeners = new Set<() => void>();

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.segments = options.recovered.segments;
    this.#openIntents = options.recovered.openIntents;
    this.#written = this.#durable = options.recovered.head;
    this.#writer = SegmentWriter.reopenLast(options.disk, options.recovered, options.limits.segmentBytes / 2);
  }

  getDurableHead(): StreamHead {
    return this.#durable;
  }

  getWrittenHead(): StreamHead {
    return this.#written;
  }

  /** Receipts that could not be kept since the start. */
  getLostCount(): number {
    return this.#lostTotal;
  }

  /** Whether the last attempt to write failed. */
  isFailing(): boolean {
    return this.#failing;
  }

  getTotalBytes(): number {
    const unsynced = this.#writer ? this.#writer.size - this.#writer.file.readableEnd : 0;
    return this.segments.reduce((sum, segment) => sum + segment.readableEnd, unsynced);
  }

  /** Called whenever receipts were written. */
  onWritten(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Resolves when the intent is on disk; rejects with SpoolFull or the disk's error. */
  appendIntent(facts: CallFacts): Promise<void> {
    if (this.#isFull(0.95)) return Promise.reject(new SpoolFull('The receipts of this agent fill their space on disk.'));
    return new Promise((resolve, reject) => this.#enqueue({ kind: 'intent', facts, resolve, reject }));
  }

  /**
   * Takes a receipt; it gets its number when it is written. One that cannot be kept is counted as lost. Throws TypeError on what JSON cannot
   * hold, RangeError on what is too large for a frame.
   */
  appendReceipt(receipt: ReceiptDraft): void {
    const draft = encodeDraft(receipt);
    const bytes = draft.members.reduce((sum, member) => sum + Buffer.byteLength(member), 0);
    // here, where only this one is refused: the writer would try it again with all that come behind
    if (bytes > MOST_DRAFT_BYTES) throw new RangeError(`A receipt of ${bytes} bytes does not fit a frame`);
    const crowded = this.isFailing() && this.#queue.length >= this.#options.limits.waitingReceipts;
    if (crowded || this.#isFull(this.#openIntents.has(draft.id) ? 1 : 0.98)) {
      return this.recordLost(1);
    }
    this.#enqueue({ kind: 'receipt', draft });
  }

  /** Counts receipts that do not exist any more or never could; the next one that is written says how many. */
  recordLost(receipts: number): void {
    this.#lost += receipts;
    this.#lostTotal += receipts;
  }

  /** Makes everything taken before durable. */
  sync(): Promise<void> {
    return this.#runExclusive(() => this.#syncOpen());
  }

  /**
   * Starts a new stream that repeats these receipts under new numbers: for when this disk and the hub disagree about the past of the old
   * one. `missing`: receipts known to be gone; the first new one says so.
   */
  restart(survivors: Iterable<WrittenReceipt>, missing: number): Promise<void> {
    return this.#runExclusive(async () => {
      await this.#closeOpen();
      const start = startStream(randomUUID());
      let head = start;
      const untold = this.#lost;
      let lost = untold + missing;
      function* repeat(): Generator<Buffer> {
        for (const survivor of survivors) {
          const { draft, lostBefore } = unchainReceipt(survivor);
          const { json, next } = chainReceipt(head, encodeDraft(draft), lostBefore + lost);
          lost = 0;
          head = next;
          yield encodeFrame('receipt', json);
        }
      }
      this.#writer = await this.#createSegment(start, repeat());
      this.#lost += lost - untold;
      this.#lostTotal += missing;
      this.#written = this.#durable = head;
    });
  }

  /** Writes what waits, as far as the disk takes it. */
  async close(): Promise<void> {
    if (this.#queue.length > 0) this.#running ??= this.#run();
    await this.#running;
    if (this.#retry) clearTimeout(this.#retry);
    await this.#closeOpen();
  }

  #isFull(share: number): boolean {
    return this.getTotalBytes() >= this.#options.limits.totalBytes * share;
  }

  #enqueue(item: Item): void {
    this.#queue.push(item);
    this.#running ??= this.#run();
  }

  #runExclusive(run: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => this.#enqueue({ kind: 'task', run, resolve, reject }));
  }

  /** The only writer. Starts in a later microtask, so that the calls of one tick share a commit. Never rejects. */
  async #run(): Promise<void> {
    await Promise.resolve();
    let healthy = true;
    while (healthy ? this.#queue.length > 0 : this.#queue.some((item) => item.kind !== 'receipt')) {
      const task = this.#queue.findIndex((item) => item.kind === 'task');
      const batch = this.#queue.splice(0, task === -1 ? Infinity : Math.max(task, 1));
      healthy = await this.#commit(batch);
    }
    this.#running = null;
  }

  /** One write and, when anybody waits for it, one fdatasync. False when the disk did not take it. */
  async #commit(batch: Item[]): Promise<boolean> {
    const drafts = batch.flatMap((item) => (item.kind === 'receipt' ? [item.draft] : []));
    const waiters = batch.filter((item) => item.kind !== 'receipt');
    let written = false;
    try {
      await this.#write(batch);
      written = true;
      for (const item of waiters) if (item.kind === 'task') await item.run();
      if (waiters.length > 0 || this.#unsyncedBytes > MOST_UNSYNCED_BYTES) await this.#syncOpen();
      if (this.#writer && this.#writer.size >= this.#options.limits.segmentBytes) await this.#closeOpen();
      for (const { resolve } of waiters) resolve();
      if (this.#failing) this.#options.onHealth(null);
      this.#failing = false;
      return true;
    } catch (error) {
      this.#abandonOpen();
      if (!written) this.#queue.unshift(...drafts.map((draft) => ({ kind: 'receipt', draft }) as const));
      for (const item of [...waiters, ...this.#takeTasks()]) {
        if (item.kind === 'intent') this.#openIntents.delete(item.facts.callId);
        item.reject(error);
      }
      if (!this.#failing) this.#options.onHealth(error);
      this.#failing = true;
      this.#retryLater();
      return false;
    }
  }

  /** Tasks stand behind the receipts before them. While the disk does not take these, trying again for the tasks' sake would never end. */
  #takeTasks(): Extract<Item, { kind: 'task' }>[] {
    const tasks = this.#queue.filter((item) => item.kind === 'task');
    this.#queue = this.#queue.filter((item) => item.kind !== 'task');
    return tasks;
  }

  async #write(batch: Item[]): Promise<void> {
    const frames: Buffer[] = [];
    const ended: string[] = [];
    const receipts: Buffer[] = [];
    const lost = this.#lost;
    let head = this.#written;
    for (const item of batch) {
      if (item.kind === 'intent') frames.push(encodeFrame('intent', JSON.stringify(item.facts)));
      if (item.kind !== 'receipt') continue;
      const { json, next } = chainReceipt(head, item.draft, receipts.length === 0 ? lost : 0);
      head = next;
      const frame = encodeFrame('receipt', json);
      ended.push(item.draft.id);
      receipts.push(frame);
      frames.push(frame);
    }
    if (frames.length === 0) return;
    this.#writer ??= await this.#repeatInNewSegment();
    this.#writer.append(frames);
    this.#written = head;
    for (const frame of receipts) this.#keepUnsynced(frame);
    for (const item of batch) if (item.kind === 'intent') this.#openIntents.set(item.facts.callId, item.facts);
    for (const id of ended) this.#openIntents.delete(id);
    if (receipts.length === 0) return;
    this.#lost -= lost;
    for (const listener of this.#listeners) listener();
  }

  #keepUnsynced(frame: Buffer): void {
    this.#unsynced.push(frame);
    this.#unsyncedBytes += frame.length;
  }

  async #syncOpen(): Promise<void> {
    if (!this.#writer && this.#unsynced.length > 0) this.#writer = await this.#repeatInNewSegment();
    await this.#writer?.sync();
    this.#durable = this.#written;
    this.#unsynced = [];
    this.#unsyncedBytes = 0;
  }

  async #closeOpen(): Promise<void> {
    await this.#syncOpen();
    this.#abandonOpen();
  }

  #abandonOpen(): void {
    this.#writer?.abandon();
    this.#writer = null;
  }

  /** What a failed segment may not have kept comes again; its receipts keep their numbers, readers skip the second copy. */
  #repeatInNewSegment(): Promise<SegmentWriter> {
    return this.#createSegment(this.#durable, this.#unsynced);
  }

  async #createSegment(head: StreamHead, receipts: Iterable<Buffer>): Promise<SegmentWriter> {
    const { directory, disk } = this.#options;
    const number = (this.segments.at(-1)?.number ?? 0) + 1;
    const writer = await SegmentWriter.create({ disk, directory, number, head, intents: this.#openIntents.values(), receipts });
    this.segments.push(writer.file);
    return writer;
  }

  /** Tries a new segment again and again until the disk takes it; what waits is written with it. */
  #retryLater(): void {
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = setTimeout(() => {
      const reopen = this.#runExclusive(async () => {
        this.#writer ??= await this.#repeatInNewSegment();
      });
      // a failure was counted and reported, and has set the next attempt
      reopen.catch(() => undefined);
    }, RETRY_MS).unref();
  }
}
