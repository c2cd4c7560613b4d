import { pruneCounters } from '@gatehouse/services/jobs/prune-counters';

import type { JobProcessor } from './job.ts';

export const runPruneCounters: JobProcessor<'prune-counters'> = ({ runtime }) => pruneCounters({ runtime });
