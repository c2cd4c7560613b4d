import type { CallFacts, CallRecord } from '../../../src/audit/call-record.ts';
import type { CallJournal } from '../../../src/audit/journal.ts';

/** Keeps what the disk would; `finished` in the order of the ends. */
export class MemoryJournal implements CallJournal {
  readonly begun: CallFacts[] = [];
  readonly finished: CallRecord[] = [];
  /** what the next intents fail with */
  failure: Error | null = null;
  /** intents wait for this */
  gate: Promise<void> = Promise.resolve();
  readonly #waiting = new Set<() => void>();

  async begin(intent: CallFacts): Promise<void> {
    this.begun.push(intent);
    await this.gate;
    if (this.failure) throw this.failure;
  }

  finish(record: CallRecord): void {
    this.finished.push(record);
    for (const check of this.#waiting) check();
  }

  /** Resolves with the record of this place, counted from 0, as soon as it is there. */
  async waitForRecord(index: number): Promise<CallRecord> {
    for (;;) {
      const record = this.finished[index];
      if (record) return record;
      await new Promise<void>((resolve) => {
        const check = () => {
          this.#waiting.delete(check);
          resolve();
        };
        this.#waiting.add(check);
      });
    }
  }
}
