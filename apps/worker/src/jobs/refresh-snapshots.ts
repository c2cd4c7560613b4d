import { openJobContext } from '@gatehouse/services/jobs/open-job-context';
import { refreshSnapshots } from '@gatehouse/services/snapshot/refresh-snapshots';

import type { JobProcessor } from './job.ts';

export const runRefreshSnapshots: JobProcessor<'refresh-snapshots'> = async ({ runtime }, { tenantId }) =>
  refreshSnapshots({ ctx: await openJobContext({ runtime, input: { job: 'refresh-snapshots', tenantId } }) });
