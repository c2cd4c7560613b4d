import { UnrecoverableError } from 'bullmq';
import type { z } from 'zod';

import type { ServiceContext } from '@gatehouse/services/context';
import { ServiceError, toServiceError } from '@gatehouse/services/errors';
import { isJobName, JOB_PAYLOADS, type JobName, type TenantJobName } from '@gatehouse/services/jobs/contracts';
import { ensurePartitions } from '@gatehouse/services/jobs/ensure-partitions';
import { expireRecords } from '@gatehouse/services/jobs/expire-records';
import { openJobContext } from '@gatehouse/services/jobs/open-job-context';
import { pruneCounters } from '@gatehouse/services/jobs/prune-counters';
import type { Queues } from '@gatehouse/services/jobs/queues';
import { recordJob } from '@gatehouse/services/jobs/record-job';
import { sweepTenants } from '@gatehouse/services/jobs/sweep-tenants';
import { keepKeyset } from '@gatehouse/services/keyset/keep-keyset';
import type { PostMail } from '@gatehouse/services/mail/mail';
import { sendMails } from '@gatehouse/services/mail/send-mails';
import { keepRevocations } from '@gatehouse/services/revocation/keep-revocations';
import type { Runtime } from '@gatehouse/services/runtime';
import { pruneConfigurations } from '@gatehouse/services/snapshot/prune-configurations';
import { refreshSnapshots } from '@gatehouse/services/snapshot/refresh-snapshots';
import { renewLeases } from '@gatehouse/services/snapshot/renew-leases';
import { eraseTenant } from '@gatehouse/services/tenant/erase-tenant';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Somebody waits for a mail. Looks at the workspaces that have one to send, and mostly finds none. */
const MAIL_MS = 5_000;

export interface JobDeps {
  runtime: Runtime;
  /** the worker's own */
  databaseUrl: string;
  /** null: this installation is told of no mail server */
  post: PostMail | null;
}

/** Counts and names of what was done: logged and kept with the job. */
export type JobResult = Record<string, unknown>;

type Job = (deps: JobDeps, data: unknown) => Promise<JobResult>;

const JOBS: Record<JobName, Job> = {
  'ensure-partitions': createJob(JOB_PAYLOADS['ensure-partitions'], ({ databaseUrl }, input) =>
    ensurePartitions({ databaseUrl, input }),
  ),
  'prune-counters': createJob(JOB_PAYLOADS['prune-counters'], ({ runtime }) => pruneCounters({ runtime })),
  'sweep-tenants': createJob(JOB_PAYLOADS['sweep-tenants'], ({ runtime }, input) => sweepTenants({ runtime, input })),
  'renew-leases': createTenantJob('renew-leases', renewLeases),
  'refresh-snapshots': createTenantJob('refresh-snapshots', refreshSnapshots),
  'expire-records': createTenantJob('expire-records', expireRecords),
  'prune-configurations': createTenantJob('prune-configurations', pruneConfigurations),
  'keep-revocations': createTenantJob('keep-revocations', keepRevocations),
  'keep-keyset': createTenantJob('keep-keyset', keepKeyset),
  'send-mails': createTenantJob('send-mails', sendMails),
  'erase-tenant': createTenantJob('erase-tenant', async (given) => ({ ...(await eraseTenant(given)) })),
};

/**
 * Tells the queue what runs by the clock. Any number of workers may say it; each run happens once. `passMs`: between two passes over what lapses, and
 * over agents that wait for what no signal has told
 */
export async function scheduleJobs(queues: Queues, passMs: number = MINUTE_MS): Promise<void> {
  await queues.schedule('ensure-partitions', { monthsAhead: 2 }, { id: 'ensure-partitions', everyMs: 12 * HOUR_MS });
  await queues.schedule('prune-counters', {}, { id: 'prune-counters', everyMs: HOUR_MS });
  await queues.schedule('sweep-tenants', { job: 'renew-leases' }, { id: 'renew-leases', everyMs: HOUR_MS });
  const pruning = { id: 'prune-configurations', everyMs: 10 * MINUTE_MS };
  await queues.schedule('sweep-tenants', { job: 'prune-configurations' }, pruning);
  await queues.schedule('sweep-tenants', { job: 'expire-records' }, { id: 'expire-records', everyMs: passMs });
  await queues.schedule('sweep-tenants', { job: 'keep-revocations' }, { id: 'keep-revocations', everyMs: passMs });
  await queues.schedule('sweep-tenants', { job: 'erase-tenant' }, { id: 'erase-tenant', everyMs: HOUR_MS });
  await queues.schedule('sweep-tenants', { job: 'send-mails' }, { id: 'send-mails', everyMs: MAIL_MS });
  await queues.schedule('sweep-tenants', { job: 'keep-keyset' }, { id: 'keep-keyset', everyMs: HOUR_MS });
}

/**
 * Runs a job as it came out of the queue. A job that no retry can mend (unknown name, payload that does not parse, tenant that does not
 * exist) dies at once with an UnrecoverableError.
 */
export async function runJob(deps: JobDeps, name: string, data: unknown): Promise<JobResult> {
  if (!isJobName(name)) throw new UnrecoverableError(`There is no job ${JSON.stringify(name)}`);
  try {
    return await JOBS[name](deps, data);
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'not_found') throw new UnrecoverableError(error.message);
    throw error;
  }
}

function createJob<Payload>(schema: z.ZodType<Payload>, run: (deps: JobDeps, payload: Payload) => Promise<JobResult>): Job {
  return async (deps, data) => {
    const payload = schema.safeParse(data);
    if (payload.success) return run(deps, payload.data);
    throw new UnrecoverableError(`The payload is not valid: ${payload.error.issues[0]?.message ?? ''}`);
  };
}

/** How it ended is kept for the console; where that cannot be written, the log alone says so. */
function createTenantJob(
  job: TenantJobName,
  run: (given: { ctx: ServiceContext; post: PostMail | null }) => Promise<JobResult>,
): Job {
  return createJob(JOB_PAYLOADS[job], async ({ runtime, post }, { tenantId }) => {
    const ctx = await openJobContext({ runtime, input: { job, tenantId } });
    const record = (failure: string | null): Promise<void> =>
      recordJob({ ctx, input: { job, failure } }).catch((error: unknown) =>
        runtime.log.warn({ err: error, job }, 'how a job ended could not be kept'),
      );
    try {
      const result = await run({ ctx, post });
      await record(null);
      return result;
    } catch (error) {
      await record(toServiceError(error)?.code ?? 'internal');
      throw error;
    }
  });
}
