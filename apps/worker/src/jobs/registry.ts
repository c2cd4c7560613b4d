import { ServiceError } from '@gatehouse/services/errors';
import { isJobName, JOB_PAYLOADS, type JobName } from '@gatehouse/services/jobs/contracts';
import { UnrecoverableError } from 'bullmq';
import type { z } from 'zod';

import { runEnsurePartitions } from './ensure-partitions.ts';
import { runExpireRecords } from './expire-records.ts';
import type { JobDeps, JobResult } from './job.ts';
import { runPruneCounters } from './prune-counters.ts';
import { runRefreshSnapshots } from './refresh-snapshots.ts';
import { runRenewLeases } from './renew-leases.ts';
import { runSweepTenants } from './sweep-tenants.ts';

type Run = (deps: JobDeps, data: unknown) => Promise<JobResult>;

const RUNS: Record<JobName, Run> = {
  'ensure-partitions': parsed(JOB_PAYLOADS['ensure-partitions'], runEnsurePartitions),
  'prune-counters': parsed(JOB_PAYLOADS['prune-counters'], runPruneCounters),
  'sweep-tenants': parsed(JOB_PAYLOADS['sweep-tenants'], runSweepTenants),
  'renew-leases': parsed(JOB_PAYLOADS['renew-leases'], runRenewLeases),
  'refresh-snapshots': parsed(JOB_PAYLOADS['refresh-snapshots'], runRefreshSnapshots),
  'expire-records': parsed(JOB_PAYLOADS['expire-records'], runExpireRecords),
};

/**
 * Runs a job as it came out of the queue. A job that no retry can mend (unknown name, payload that does not parse, tenant that does not
 * exist) dies at once with an UnrecoverableError.
 */
export async function runJob(deps: JobDeps, name: string, data: unknown): Promise<JobResult> {
  if (!isJobName(name)) throw new UnrecoverableError(`There is no job ${JSON.stringify(name)}`);
  try {
    return await RUNS[name](deps, data);
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'not_found') throw new UnrecoverableError(error.message);
    throw error;
  }
}

function parsed<P>(schema: z.ZodType<P>, processor: (deps: JobDeps, payload: P) => Promise<JobResult>): Run {
  return async (deps, data) => {
    const payload = schema.safeParse(data);
    if (payload.success) return processor(deps, payload.data);
    throw new UnrecoverableError(`The payload is not valid: ${payload.error.issues[0]?.message ?? ''}`);
  };
}
