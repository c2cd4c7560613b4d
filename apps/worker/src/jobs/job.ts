import type { JobName, JobPayload } from '@gatehouse/services/jobs/contracts';
import type { Runtime } from '@gatehouse/services/runtime';

/** What processors are given. */
export interface JobDeps {
  runtime: Runtime;
  ownerDatabaseUrl: string;
}

/** Counts and names of what was done: logged and kept with the job. */
export type JobResult = Record<string, unknown>;

/** Runs one job; its payload is parsed already. */
export type JobProcessor<N extends JobName> = (deps: JobDeps, payload: JobPayload<N>) => Promise<JobResult>;
