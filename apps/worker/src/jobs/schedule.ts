import type { Queues } from '@gatehouse/services/jobs/queues';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Tells the queue what runs by the clock. Any number of workers may say it; each run happens once. */
export async function scheduleJobs(queues: Queues): Promise<void> {
  await queues.schedule('ensure-partitions', { monthsAhead: 2 }, { id: 'ensure-partitions', everyMs: 12 * HOUR_MS });
  await queues.schedule('prune-counters', {}, { id: 'prune-counters', everyMs: HOUR_MS });
  await queues.schedule('sweep-tenants', { job: 'renew-leases' }, { id: 'renew-leases', everyMs: HOUR_MS });
  await queues.schedule('sweep-tenants', { job: 'expire-records' }, { id: 'expire-records', everyMs: MINUTE_MS });
}
