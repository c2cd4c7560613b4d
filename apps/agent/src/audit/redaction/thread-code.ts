import { Worker } from 'node:worker_threads';

/** Megabytes that the values of one call, and their written forms, may take. */
const MAX_HEAP_MB = 128;

/** Starts what redacts. It sees nothing of the process's environment. The bundle has another of this file, which holds the code: build.ts. */
export function startThread(): Worker {
  return new Worker(new URL('./thread-main.ts', import.meta.url), THREAD_OPTIONS);
}

export const THREAD_OPTIONS = {
  name: 'redaction',
  env: {},
  execArgv: [],
  resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
};
