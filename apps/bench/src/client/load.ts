import type { Caller } from './caller.ts';

export interface LoadResult {
  /** of every call that succeeded, milliseconds */
  latencies: number[];
  /** calls without a success or with another text than was sent */
  errors: number;
  wallMs: number;
}

const TEXT_LENGTH = 256;
const WORDS = 'the order was packed this morning and leaves the warehouse before noon together with two others ';

/** A text of 256 characters that no other call of this run has. */
export function makeText(number: number): string {
  return `${number} ${WORDS.repeat(3)}`.slice(0, TEXT_LENGTH);
}

let sent = 0;

export interface Load {
  tool: string;
  calls: number;
  /** no further call is started after this time */
  limitMs?: number;
}

/** Makes the calls, shared by the callers, each of which starts its next call when it has the answer to the last one. */
export async function runLoad(
  callers: readonly Caller[],
  { tool, calls, limitMs = Number.POSITIVE_INFINITY }: Load,
): Promise<LoadResult> {
  const latencies: number[] = [];
  let errors = 0;
  let left = calls;
  const start = performance.now();
  const work = async (caller: Caller) => {
    while (left > 0 && performance.now() - start < limitMs) {
      left -= 1;
      const text = makeText((sent += 1));
      const from = performance.now();
      const echo = await caller.call(tool, text).catch(() => null);
      const took = performance.now() - from;
      if (echo === text) latencies.push(took);
      else errors += 1;
    }
  };
  await Promise.all(callers.map(work));
  return { latencies, errors, wallMs: performance.now() - start };
}
