import type { Caller } from '../client/caller.ts';
import { runLoad } from '../client/load.ts';
import type { Target } from '../rows/target.ts';
import { computeMedian } from './stats.ts';
import { TreeWatch } from './tree-watch.ts';

export interface WarmUpPlan {
  /** calls of one block, of which each has a cost of its own */
  blockCalls: number;
  /** at most so many blocks, and so much time for all of them */
  mostBlocks: number;
  limitMs: number;
}

/** How a row was warmed up. */
export interface WarmUp {
  calls: number;
  /** the last blocks cost no less than those before them */
  flat: boolean;
  /** ms per call in the first block and in the last ones: CPU, or for a row without a process of its own the time of a call */
  first: number;
  last: number;
}

/** Blocks whose median is compared with that of as many before them. */
const SPAN = 3;
/** What a block's cost may still have fallen: ticks of 10 ms and the machine make it differ by more than that from the next one. */
const FALL = 0.04;

/** Makes calls until their cost falls no more, or the plan's bounds are reached. */
export async function warmUntilFlat(
  callers: readonly Caller[],
  { tool, leashPid }: Pick<Target, 'tool' | 'leashPid'>,
  { blockCalls, mostBlocks, limitMs }: WarmUpPlan,
): Promise<WarmUp> {
  const costs: number[] = [];
  const until = performance.now() + limitMs;
  let calls = 0;
  while (costs.length < mostBlocks && performance.now() < until && !isFlat(costs)) {
    const watch = new TreeWatch(leashPid);
    const { latencies, errors, wallMs } = await runLoad(callers, {
      tool,
      calls: blockCalls,
      limitMs: until - performance.now(),
    });
    const { cpu } = watch.end();
    const made = latencies.length + errors;
    calls += made;
    // a block that the time cut short says little about its cost
    if (made === blockCalls || costs.length === 0) costs.push((leashPid === null ? wallMs : cpu) / Math.max(1, made));
  }
  return { calls, flat: isFlat(costs), first: costs[0] ?? Number.NaN, last: computeMedian(costs.slice(-SPAN)) };
}

/** Whether the last blocks cost about what those before them did. */
export function isFlat(costs: readonly number[]): boolean {
  if (costs.length < 2 * SPAN) return false;
  const before = computeMedian(costs.slice(-2 * SPAN, -SPAN));
  return computeMedian(costs.slice(-SPAN)) >= before * (1 - FALL);
}

/** One line for whoever waits. */
export function describeWarmUp({ calls, flat, first, last }: WarmUp): string {
  const cost = `${first.toFixed(3)} -> ${last.toFixed(3)} ms/call`;
  return flat ? `flat after ${calls} calls, ${cost}` : `NOT flat after ${calls} calls, ${cost}`;
}
