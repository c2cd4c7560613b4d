import { openJobContext } from '@gatehouse/services/jobs/open-job-context';
import { renewLeases } from '@gatehouse/services/snapshot/renew-leases';

import type { JobProcessor } from './job.ts';

export const runRenewLeases: JobProcessor<'renew-leases'> = async ({ runtime }, { tenantId }) =>
  renewLeases({ ctx: await openJobContext({ runtime, input: { job: 'renew-leases', tenantId } }) });
