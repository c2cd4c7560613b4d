import { sweepTenants } from '@gatehouse/services/jobs/sweep-tenants';

import type { JobProcessor } from './job.ts';

export const runSweepTenants: JobProcessor<'sweep-tenants'> = ({ runtime }, input) => sweepTenants({ runtime, input });
