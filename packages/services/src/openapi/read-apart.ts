import { Worker } from 'node:worker_threads';

import { readErrorCode } from '@gatehouse/network/connection-error';

import { ServiceError } from '../errors.ts';
import { BoundedQueue } from '../work/bounded-queue.ts';
import type { ReadOperations } from './read-operations.ts';

/** What the reading of one description may take. */
export const READING_LIMITS = { timeMs: 30_000, memoryMb: 1_024 } as const;
/** Descriptions that are read at the same time, that wait, and of one tenant. */
export const READING_QUEUE = { atATime: 1, waiting: 8, perOrigin: 2 } as const;

const reading = new BoundedQueue(READING_QUEUE);

/**
 * Reads a description in a thread of its own, so that whatever stands in it holds nobody up and ends at the limits. Throws `invalid` for one
 * that goes beyond them, BusyError when too many wait.
 */
export function readApart(
  text: string,
  tenantId: string,
  limits: { timeMs: number; memoryMb: number } = READING_LIMITS,
): Promise<ReadOperations> {
  return reading.run(tenantId, () => readInThread(text, limits));
}

async function readInThread(text: string, { timeMs, memoryMb }: { timeMs: number; memoryMb: number }): Promise<ReadOperations> {
  const worker = new Worker(new URL('./description-worker.ts', import.meta.url), {
    resourceLimits: { maxOldGenerationSizeMb: memoryMb },
    env: {},
  });
  const late = setTimeout(() => void worker.terminate(), timeMs);
  try {
    return await new Promise<ReadOperations>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.postMessage(text);
      worker.once('exit', () => reject(createTooCostlyError('takes too long to read')));
    });
  } catch (error) {
    if (readErrorCode(error) === 'ERR_WORKER_OUT_OF_MEMORY') throw createTooCostlyError('takes too much memory to read');
    throw error;
  } finally {
    clearTimeout(late);
    await worker.terminate();
  }
}

function createTooCostlyError(why: string): ServiceError {
  return new ServiceError('invalid', `The description ${why}. Give the part of it that you need.`);
}
