import type { Logger } from 'pino';

import type { SiteKey } from '../state/site-key.ts';
import type { StateDir } from '../state/state-dir.ts';
import type { CallRecord } from './call-record.ts';
import { recoverSpool, type Recovered } from './recover.ts';
import type { LiveRedactor } from './redaction/live-redactor.ts';
import { RedactionThread } from './redaction/redaction-thread.ts';
import { RefusedReceipts } from './refused-receipts.ts';
import { Retention } from './retention.ts';
import { Shipper } from './shipper.ts';
import { SpoolJournal } from './spool-journal.ts';
import { Spool, SPOOL_LIMITS, type SpoolLimits } from './spool.ts';

export interface AuditOptions {
  dir: StateDir;
  siteId: string;
  siteKey: SiteKey;
  redactor: LiveRedactor;
  /** `shape`: no value leaves, whatever was marked at review */
  detail: 'shape' | 'marked';
  limits?: SpoolLimits;
  /** every finished call, for the counters */
  onFinished: (record: CallRecord) => void;
  /** the disk has stopped taking receipts */
  onSpoolFailure: () => void;
  log: Logger;
  now: () => Date;
}

export interface Audit {
  spool: Spool;
  journal: SpoolJournal;
  shipper: Shipper;
  refused: RefusedReceipts;
  /** Writes what is left, as far as the disk takes it. Call it when no call is under way. */
  close(): Promise<void>;
}

/** Recovers the receipts on disk and ends the calls that the last process did not. Rejects when the spool cannot be read. */
export async function openAudit(options: AuditOptions): Promise<Audit> {
  const { dir, siteId, siteKey, redactor, detail, limits = SPOOL_LIMITS, onFinished, onSpoolFailure, log, now } = options;
  const { disk, spool: directory } = dir;
  const recovered = await recoverSpool(directory, disk);
  reportRecovery(recovered, log);
  // the spool goes on to keep those that are still open
  const crashed = [...recovered.openIntents.values()];
  const onHealth = (error: unknown) => {
    if (error === null) return log.info('receipts can be written again');
    log.error({ err: error }, 'receipts cannot be written; calls are refused until the disk takes them again');
    onSpoolFailure();
  };
  const spool = new Spool({ directory, disk, recovered, limits, onHealth });
  const { segments } = spool;
  const retention = new Retention({ directory, disk, segments, head: recovered.head, totalBytesLimit: limits.totalBytes, now });
  const refused = new RefusedReceipts(dir.refused, disk);
  const shipper = new Shipper({ spool, retention, refused, log });
  const context = { siteId, siteKey, redactor, detail, canSend: shipper.canSend };
  const thread = new RedactionThread({ redactor, log });
  const journal = new SpoolJournal({ spool, context, thread, onFinished, log });
  journal.endCrashed(crashed);
  return {
    spool,
    journal,
    shipper,
    refused,
    async close() {
      for (const part of [journal, shipper, spool, retention]) {
        await part.close().catch((error: unknown) => log.error({ err: error }, 'not closed cleanly'));
      }
    },
  };
}

function reportRecovery({ tornBytes, damagedBytes, missingReceipts, openIntents, head }: Recovered, log: Logger): void {
  const facts = { lastSeq: head.lastSeq, tornBytes, damagedBytes, missingReceipts, crashedCalls: openIntents.size };
  if (damagedBytes > 0 || missingReceipts > 0) log.error(facts, 'the receipts on disk are damaged');
  else if (tornBytes > 0 || openIntents.size > 0) log.warn(facts, 'the last process ended in the middle of its work');
}
