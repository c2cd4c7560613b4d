import type { Logger } from 'pino';

import { drawDelay } from '@gatehouse/process/backoff';
import type { Feature } from '@gatehouse/protocol/features';
import {
  MAX_BATCH_RECEIPTS,
  type AuditAck,
  type AuditBatch,
  type LinkErrorCode,
  type Welcome,
} from '@gatehouse/protocol/messages';
import type { WrittenReceipt } from '@gatehouse/protocol/receipt';
import { CHAIN_START, type ChainHead } from '@gatehouse/protocol/receipt-chain';

import { SpoolCursor } from './cursor.ts';
import { RECEIPT_FEATURES, type ReceiptFeature } from './receipt-draft.ts';
import type { RefusedReceipts } from './refused-receipts.ts';
import type { Retention } from './retention.ts';
import type { Spool } from './spool.ts';

const MAX_BATCH_BYTES = 3_000_000;
/** How long receipts are gathered into a batch. The next call's intent has often made them durable by then, which saves an fdatasync. */
const GATHER_MS = 100;
const ACK_TIMEOUT_MS = 30_000;
const RETRY_MS = 5_000;

export interface ShipperOptions {
  spool: Spool;
  retention: Retention;
  refused: RefusedReceipts;
  log: Logger;
}

/** The way to the hub while there is a connection. */
export interface ReceiptChannel {
  /** false when the connection has ended */
  send(message: AuditBatch): boolean;
  /** asks for a new connection, whose handshake tells again what the hub holds */
  reconnect(reason: string): void;
  canUse(feature: Feature): boolean;
}

/**
 * Sends durable receipts in order, one batch outstanding. The hub's word on what it holds, at the handshake and in each acknowledgement,
 * decides where to go on; where this disk and the hub disagree about the past, the rest goes out as a new stream.
 */
export class Shipper {
  readonly #options: ShipperOptions;
  /** the connection and what the hub is known to hold; null while there is none */
  #hub: { channel: ReceiptChannel; spoolId: string; head: ChainHead } | null = null;
  #usable: ReadonlySet<ReceiptFeature> = new Set();
  #cursor: SpoolCursor | null = null;
  #outstanding: { receipts: WrittenReceipt[]; timer: NodeJS.Timeout } | null = null;
  #batchLimit = MAX_BATCH_RECEIPTS;
  /** batches refused for their place in the stream since the last acknowledgement */
  #refusals = 0;
  #timer: NodeJS.Timeout | null = null;
  #pumping: Promise<void> | null = null;
  #closed = false;

  constructor(options: ShipperOptions) {
    this.#options = options;
    options.spool.onWritten(() => this.#wake());
  }

  /** Receipts that the hub does not hold yet, as far as known. */
  getBufferedCount(): number {
    const { spool, retention } = this.#options;
    const { spoolId, lastSeq } = spool.getWrittenHead();
    return Math.max(0, lastSeq - retention.getThroughSeq(spoolId));
  }

  /** Whether the hub that was connected last reads what this feature adds to a receipt. */
  readonly canSend = (feature: ReceiptFeature): boolean => this.#usable.has(feature);

  /** A batch waits for its acknowledgement. */
  isBusy(): boolean {
    return this.#outstanding !== null;
  }

  /** Goes on where the hub stands. `streams`: what it holds of this agent. */
  onConnected(streams: Welcome['streams'], channel: ReceiptChannel): void {
    const { spoolId } = this.#options.spool.getDurableHead();
    const known = streams.find((stream) => stream.spoolId === spoolId);
    this.onDisconnected();
    this.#usable = new Set(RECEIPT_FEATURES.filter((feature) => channel.canUse(feature)));
    this.#hub = { channel, spoolId, head: known ? { seq: known.lastSeq, hash: known.headHash } : CHAIN_START };
    this.#pumpAfter(0);
  }

  onDisconnected(): void {
    this.#hub = null;
    this.#cursor = null;
    this.#clearOutstanding();
  }

  async onAcknowledged(ack: AuditAck): Promise<void> {
    const [sent, hub] = [this.#outstanding?.receipts, this.#hub];
    if (!sent || ack.spoolId !== hub?.spoolId) return;
    const through = sent.find((receipt) => receipt.seq === ack.throughSeq);
    if (!through || through.hash !== ack.headHash) return hub.channel.reconnect('the hub acknowledged what was not sent');
    this.#clearOutstanding();
    hub.head = { seq: ack.throughSeq, hash: ack.headHash };
    if (through !== sent.at(-1)) this.#cursor = null;
    this.#refusals = 0;
    this.#batchLimit = Math.min(MAX_BATCH_RECEIPTS, this.#batchLimit * 2);
    await this.#options.retention.acknowledge(ack.spoolId, ack.throughSeq);
    this.#pumpAfter(0);
  }

  /** The hub refused the outstanding batch. */
  onRejected(code: LinkErrorCode): void {
    const [sent, hub] = [this.#outstanding?.receipts, this.#hub];
    if (!sent || !hub) return;
    this.#clearOutstanding();
    this.#cursor = null;
    switch (code) {
      case 'sequence_gap':
      case 'chain_broken':
        this.#refusals += 1;
        if (this.#refusals === 1) return hub.channel.reconnect(`the hub refused receipts (${code})`);
        return this.#restartThen(hub.head.seq, 0);
      case 'malformed':
      case 'too_large':
      case 'foreign_id':
        return this.#isolateBadReceipt(sent, code);
      default:
        this.#pumpAfter(drawDelay(RETRY_MS * 0.5, RETRY_MS * 1.5));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.onDisconnected();
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    await this.#pumping;
  }

  /** Narrows down to the one receipt that the hub never takes; that one is set aside and counted, so that it cannot hold up the rest. */
  #isolateBadReceipt(sent: WrittenReceipt[], code: LinkErrorCode): void {
    const [only] = sent;
    if (sent.length > 1 || !only) {
      this.#batchLimit = 1;
      return this.#pumpAfter(0);
    }
    const { log, refused } = this.#options;
    log.error({ receiptId: only.id, seq: only.seq, code }, 'the hub refuses this receipt; it is set aside and counted');
    this.#runExclusive(async () => {
      await refused.keep(only, code);
      await this.#restart(only.seq, 1);
    });
  }

  /** There may be something to send. While a batch waits for its answer nothing is; the answer, or its absence, goes on by itself. */
  #wake(): void {
    if (!this.#timer && !this.#outstanding) this.#pumpAfter(GATHER_MS);
  }

  #restartThen(afterSeq: number, missing: number): void {
    this.#runExclusive(() => this.#restart(afterSeq, missing));
  }

  #pumpAfter(ms: number): void {
    if (this.#closed) return;
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#runExclusive(() => this.#pump());
    }, ms).unref();
  }

  /** One step at a time; a failed one (disk) is tried again later. */
  #runExclusive(step: () => Promise<void>): void {
    const before = this.#pumping ?? Promise.resolve();
    const running = before.then(step).catch((error: unknown) => {
      this.#options.log.warn({ err: error }, 'sending receipts failed; trying again');
      this.#pumpAfter(RETRY_MS);
    });
    this.#pumping = running;
  }

  async #pump(): Promise<void> {
    const { spool, retention } = this.#options;
    retention.sweep();
    if (!this.#hub || this.#outstanding) return;
    if (spool.getWrittenHead().lastSeq > spool.getDurableHead().lastSeq) await spool.sync();
    const hub = this.#hub;
    if (!hub) return;

    const { lastSeq, headHash } = spool.getDurableHead();
    if (lastSeq < hub.head.seq || (lastSeq === hub.head.seq && headHash !== hub.head.hash)) {
      return this.#restart(retention.getThroughSeq(hub.spoolId), 0);
    }
    if (lastSeq === hub.head.seq) return;
    this.#cursor ??= new SpoolCursor(spool.segments, hub.spoolId, hub.head.seq);
    const batch = this.#cursor.readNext({ count: this.#batchLimit, bytes: MAX_BATCH_BYTES });
    const broken = findBreak(hub.head, batch);
    if (batch.length > 0 && !broken) return this.#sendBatch(hub, batch);

    const breakAt = broken?.seq ?? lastSeq + 1;
    const sound = batch.filter((receipt) => receipt.seq < breakAt);
    if (sound.length > 0) {
      this.#cursor = null;
      return this.#sendBatch(hub, sound);
    }
    const missing = breakAt - hub.head.seq - 1;
    const afterSeq = missing > 0 ? hub.head.seq : Math.min(retention.getThroughSeq(hub.spoolId), hub.head.seq);
    return this.#restart(afterSeq, missing);
  }

  #sendBatch({ channel, spoolId }: { channel: ReceiptChannel; spoolId: string }, receipts: WrittenReceipt[]): void {
    const timer = setTimeout(() => channel.reconnect('the hub does not acknowledge receipts'), ACK_TIMEOUT_MS).unref();
    this.#outstanding = { receipts, timer };
    if (!channel.send({ type: 'audit-batch', spoolId, receipts })) this.onDisconnected();
  }

  /** Goes on in a new stream with what this disk still has behind `afterSeq`. */
  async #restart(afterSeq: number, missing: number): Promise<void> {
    const { spool, retention, log } = this.#options;
    const old = spool.getDurableHead().spoolId;
    log.error({ spoolId: old, afterSeq, missing }, 'the receipt stream is broken; the rest is sent as a new stream');
    await spool.restart(readRemaining(new SpoolCursor(spool.segments, old, afterSeq)), missing);
    const { spoolId } = spool.getDurableHead();
    await retention.acknowledge(spoolId, 0);
    this.#cursor = null;
    if (this.#hub) this.#hub = { ...this.#hub, spoolId, head: CHAIN_START };
    this.#pumpAfter(0);
  }

  #clearOutstanding(): void {
    if (this.#outstanding) clearTimeout(this.#outstanding.timer);
    this.#outstanding = null;
  }
}

/** The first receipt that does not follow the one before it. Each one's own hash was right when it was framed, and the frame is checked. */
function findBreak(head: ChainHead, receipts: readonly WrittenReceipt[]): WrittenReceipt | undefined {
  return receipts.find((receipt, index) => {
    const before = receipts[index - 1] ?? head;
    return receipt.seq !== before.seq + 1 || receipt.prevHash !== before.hash;
  });
}

function* readRemaining(cursor: SpoolCursor): Generator<WrittenReceipt> {
  for (;;) {
    const receipts = cursor.readNext({ count: MAX_BATCH_RECEIPTS, bytes: MAX_BATCH_BYTES });
    if (receipts.length === 0) return;
    yield* receipts;
  }
}
