import type { Logger } from 'pino';

import { isErrno } from '../state/disk.ts';
import type { CallFacts, CallRecord } from './call-record.ts';
import { AuditUnavailable, type CallJournal } from './journal.ts';
import { cleanFacts, recordCall, recordCrashed, type RecordContext } from './record.ts';
import { SpoolFull, type Spool } from './spool.ts';

export interface SpoolJournalOptions {
  spool: Spool;
  context: RecordContext;
  /** every finished call, for the counters */
  onFinished: (record: CallRecord) => void;
  log: Logger;
}

/** Receipts of finished calls are made and written several at a time: after so many milliseconds, or when there are so many. */
const GATHER_MS = 5;
const MOST_GATHERED = 32;

/** The journal on disk. Redaction runs in a later turn of the event loop, after the response was handed on: no call waits for it. */
export class SpoolJournal implements CallJournal {
  readonly #options: SpoolJournalOptions;
  #finished: CallRecord[] = [];
  #late: NodeJS.Timeout | null = null;
  #full: NodeJS.Immediate | null = null;

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

  /** Hands every finished call to the spool now. */
  flush(): void {
    if (this.#full) clearImmediate(this.#full);
    if (this.#late) clearTimeout(this.#late);
    this.#full = null;
    this.#late = null;
    const { spool, context, onFinished, log } = this.#options;
    const records = this.#finished;
    this.#finished = [];
    for (const record of records) {
      try {
        onFinished(record);
        spool.appendReceipt(recordCall(context, record));
      } catch (error) {
        spool.recordLost(1);
        log.error({ err: error, callId: record.callId }, 'a receipt could not be made');
      }
    }
  }
}

function explain(error: unknown): string {
  if (error instanceof SpoolFull) return error.message;
  if (isErrno(error, 'ENOSPC', 'EDQUOT')) return 'The disk of this agent is full, so the call could not be recorded.';
  return 'The agent could not record the call on its disk.';
}
