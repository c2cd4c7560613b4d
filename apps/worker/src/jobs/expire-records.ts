import { expireRecords } from '@gatehouse/services/jobs/expire-records';
import { openJobContext } from '@gatehouse/services/jobs/open-job-context';

import type { JobProcessor } from './job.ts';

export const runExpireRecords: JobProcessor<'expire-records'> = async ({ runtime }, { tenantId }) =>
  expireRecords({ ctx: await openJobContext({ runtime, input: { job: 'expire-records', tenantId } }) });
