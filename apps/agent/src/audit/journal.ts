import type { CallFacts, CallRecord } from './call-record.ts';

/** The intent could not be made durable: the call must be refused with `audit_unavailable`. The message is fit for the caller. */
export class AuditUnavailable extends Error {
  override readonly name = 'AuditUnavailable';
}

/** Write-ahead journal of calls, as the MCP side sees it. */
export interface CallJournal {
  /** Resolves when the intent is on disk (fdatasync). Rejects with AuditUnavailable. */
  begin(intent: CallFacts): Promise<void>;
  /**
   * Takes the end of a call, with or without an intent before it (refused calls have none; best-effort reads have none). Returns at once;
   * never throws. A receipt that cannot be kept is counted and shown.
   */
  finish(record: CallRecord): void;
}
