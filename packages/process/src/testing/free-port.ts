import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Systems give ports from 32768 (Linux) or 49152 to whoever dials out: one of those may be taken again before the program
 * that it was found for listens on it. Nobody is given a port below.
 */
const FIRST = 10_000;
const END = 32_000;

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });
}

/** The first of `offsets` ports of 127.0.0.1 that are all free, for programs that cannot choose them themselves; `offsets` count from it. */
export async function findFreePorts(offsets: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const base = randomInt(FIRST, END - Math.max(...offsets));
    const free = await Promise.all(offsets.map((offset) => isFree(base + offset)));
    if (free.every(Boolean)) return base;
  }
  throw new Error(`no ${offsets.length} ports from ${FIRST} to ${END} are free`);
}

/** A port of 127.0.0.1 that was free a moment ago. */
export const findFreePort = (): Promise<number> => findFreePorts([0]);
