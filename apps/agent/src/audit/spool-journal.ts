import type { Logger } from 'pino';

import type { LoggedField } from '@gatehouse/redaction/recorded';

import { isErrno } from '../state/disk.ts';
import type { CallFacts, CallRecord } from './call-record.ts';
import { AuditUnavailable, type CallJournal } from './journal.ts';
import {
  cleanFacts,
  completeCall,
  prepareCall,
  recordCrashed,
  redactHere,
  type PreparedCall,
  type RecordContext,
} from './record.ts';
import type { RedactionThread } from './redaction/redaction-thread.ts';
import { SpoolFull, type Spool } from './spool.ts';

export interface SpoolJournalOptions {
  spool: Spool;
  context: RecordContext;
  thread: RedactionThread;
  /** every finished call, for the counters */
  onFinished: (record: CallRecord) => void;
  log: Logger;
}

/** Receipts of finished calls are made and written several at a time: after so many milliseconds, or when there are so many. */
const GATHER_MS = 5;
const MOST_GATHERED = 32;

/**
 * Characters of marked values up to which they are redacted in the event loop: a millisecond at most, as measured with the slowest of
 * `npm run bench:redaction -- --growth`. A thread is told of more, which costs 0.05 ms and no call waits for.
 */
export const MOST_REDACTED_HERE = 8_192;

/**
 * The journal on disk. Redaction runs in a later turn of the event loop, after the response was handed on, or in a thread: no call waits for it.
 * Receipts are written in the order in which they are whole, so that none waits for the large values of another.
 */
export class SpoolJournal implements CallJournal {
  readonly #options: SpoolJournalOptions;
  #finished: CallRecord[] = [];
  #late: NodeJS.Timeout | null = null;
  #full: NodeJS.Immediate | null = null;
  /** calls whose values are in the thread */
  readonly #redacting = new Set<Promise<void>>();

  constructor(options: SpoolJournalOptions) {
    this.#options = options;
  }

  /** Ends the calls that the last process began and did not end. */
  endCrashed(intents: readonly CallFacts[]): void {
    const { spool, context } = this.#options;
    for (const intent of intents) spool.appendReceipt(recordCrashed(context, intent));
  }

  async begin(intent: CallFacts): Promise<void> {
    const { spool, context } = this.#options;
    try {
      await spool.appendIntent(cleanFacts(context.redactor, intent));
    } catch (error) {
      throw new AuditUnavailable(`${explain(error)} The call was not made.`, { cause: error });
    }
  }

  finish(record: CallRecord): void {
    this.#finished.push(record);
    if (this.#finished.length >= MOST_GATHERED) this.#full ??= setImmediate(() => this.flush());
    else this.#late ??= setTimeout(() => this.flush(), GATHER_MS);
  }

  /** Hands every finished call to the spool now, but for those whose values are redacted in the thread. */
  flush(): void {
    if (this.#full) clearImmediate(this.#full);
    if (this.#late) clearTimeout(this.#late);
    this.#full = null;
    this.#late = null;
    const { context, onFinished } = this.#options;
    const records = this.#finished;
    this.#finished = [];
    for (const record of records) {
      this.#keep(record.callId, () => {
        onFinished(record);
        const prepared = prepareCall(context, record);
        if (prepared.size > MOST_REDACTED_HERE) this.#redactApart(record, prepared);
        else this.#append(prepared, redactHere(context, prepared));
      });
    }
  }

  /** Hands over every finished call. Those whose values wait for the thread after `graceMs` leave without them. */
  async close(graceMs = CLOSE_GRACE_MS): Promise<void> {
    this.flush();
    const late = setTimeout(() => void this.#options.thread.close(), graceMs);
    await Promise.all(this.#redacting);
    clearTimeout(late);
    await this.#options.thread.close();
  }

  #redactApart({ callId, keyId }: CallRecord, prepared: PreparedCall): void {
    const redacting = this.#options.thread.redact(prepared.marked, keyId ?? '').then((logged) => {
      this.#keep(callId, () => this.#append(prepared, logged));
      this.#redacting.delete(redacting);
    });
    this.#redacting.add(redacting);
  }

  #append(prepared: PreparedCall, logged: LoggedField[][]): void {
    const receipt = completeCall(prepared, logged);
    const { spool, log } = this.#options;
    try {
      spool.appendReceipt(receipt);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      log.error({ err: error, callId: receipt.id }, 'a receipt is kept without what the call held: it is too large');
      spool.appendReceipt({ ...receipt, arguments: null, result: null });
    }
  }

  #keep(callId: string, write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#options.spool.recordLost(1);
      this.#options.log.error({ err: error, callId }, 'a receipt could not be made');
    }
  }
}

/** Milliseconds at the end of the process for values that are in the thread. */
const CLOSE_GRACE_MS = 5_000;

function explain(error: unknown): string {
  if (error instanceof SpoolFull) return error.message;
  if (isErrno(error, 'ENOSPC', 'EDQUOT')) return 'The disk of this agent is full, so the call could not be recorded.';
  return 'The agent could not record the call on its disk.';
}
