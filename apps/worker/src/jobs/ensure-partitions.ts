import { ensurePartitions } from '@gatehouse/services/jobs/ensure-partitions';

import type { JobProcessor } from './job.ts';

export const runEnsurePartitions: JobProcessor<'ensure-partitions'> = ({ ownerDatabaseUrl }, input) =>
  ensurePartitions({ ownerDatabaseUrl, input });
