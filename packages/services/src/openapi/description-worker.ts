import { parentPort } from 'node:worker_threads';

import { readOperations } from './read-operations.ts';

// the thread that `read-apart.ts` starts for one description; a message, because Next's bundler has workerData to itself
parentPort?.once('message', (text: string) => parentPort?.postMessage(readOperations(text)));
