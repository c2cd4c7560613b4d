import type { Caller, Wire } from '../client/caller.ts';
import { runLoad, type Load, type LoadResult } from '../client/load.ts';
import { openCallers } from '../client/open.ts';
import type { Target } from '../rows/target.ts';
import { computeMedian, computePercentile } from './stats.ts';
import { TreeWatch } from './tree-watch.ts';
import { warmUntilFlat, type WarmUp, type WarmUpPlan } from './warm-up.ts';

export interface Plan extends WarmUpPlan {
  rounds: number;
  /** calls before the measured ones, per row and round */
  warmUp: number;
  /** calls per round with a small text: over one connection, over eight, over sixty-four */
  callsC1: number;
  callsC8: number;
  callsC64: number;
  /** calls per round with a text of 64 kB over eight connections, and of 1 MB over one */
  calls64k: number;
  calls1m: number;
}

/** One row's figures: latencies in milliseconds. NaN: not measured, or not every such call came back. */
export interface Figures {
  p50c1Ms: number;
  p99c1Ms: number;
  p50c8Ms: number;
  p99c8Ms: number;
  /** over all rounds together: one round has too few calls */
  p999c8Ms: number;
  p99c64Ms: number;
  rpsC8: number;
  rpsC64: number;
  /** CPU time per call of everything that stands between client and upstream: small calls over one and over eight connections */
  cpuMsPerCall: number;
  /** the same of calls over sixty-four connections, and of those with large texts */
  cpuC64Ms: number;
  cpu64kMs: number;
  cpu1mMs: number;
  /** most resident memory seen */
  rssMb: number;
  /** of the calls with a small text over one and over eight connections */
  errors: number;
}

/** The figures of one round, with what the figure over all rounds is made of. */
export interface Round extends Figures {
  latenciesC8: readonly number[];
}

/** A row in one era. */
export interface Lane {
  target: Target;
  wire: Wire;
}

export interface Measured {
  warmUp: WarmUp;
  rounds: Round[];
}

export interface Progress {
  onWarm: (lane: Lane, warmUp: WarmUp) => void;
  onRound: (round: number, lane: Lane) => void;
}

const CONNECTIONS = { one: 1, eight: 8, many: 64 };
const KB = 1_000;
const MB = 1_000_000;
/** A lane whose call over one of eight connections takes longer than this gets a twentieth of the calls, or a round would not end. */
const SLOW_MS = 200;
const SLOW_SHARE = 20;

/**
 * Measures every lane once per round, in turn, so that what changes on the machine meets all of them. Every other round goes backwards:
 * no lane always comes after the same one. Before the first round each is warmed up until its cost is flat.
 */
export async function measureRounds(
  lanes: readonly Lane[],
  plan: Plan,
  { onWarm, onRound }: Progress,
): Promise<Map<Lane, Measured>> {
  const seen = new Map<Lane, Measured & { own: Plan }>();
  for (const lane of lanes) {
    const { own, warmUp } = await warmUpLane(lane, plan);
    seen.set(lane, { own, warmUp, rounds: [] });
    onWarm(lane, warmUp);
  }
  for (let round = 1; round <= plan.rounds; round += 1) {
    const turns = [...seen];
    for (const [lane, { own, rounds }] of round % 2 === 0 ? turns.toReversed() : turns) {
      rounds.push(await withCallers(lane, (callers) => measureOnce(callers, lane.target, own)));
      onRound(round, lane);
    }
  }
  return seen;
}

/** The plan for a lane, after its warm-up. */
async function warmUpLane(lane: Lane, plan: Plan): Promise<{ own: Plan; warmUp: WarmUp }> {
  return withCallers(lane, async (all) => {
    const callers = all.slice(0, CONNECTIONS.eight);
    const own = (await isSlow(callers, lane.target.tool)) ? shortenPlan(plan) : plan;
    return { own, warmUp: await warmUntilFlat(callers, lane.target, own) };
  });
}

/** By the second of two looks: the first calls through a new connection say how long a start takes. */
async function isSlow(callers: readonly Caller[], tool: string): Promise<boolean> {
  await runLoad(callers, { tool, calls: CONNECTIONS.eight });
  const { latencies } = await runLoad(callers, { tool, calls: 3 * CONNECTIONS.eight });
  return !(computeMedian(latencies) < SLOW_MS);
}

function shortenPlan(plan: Plan): Plan {
  const less = (calls: number) => Math.ceil(calls / SLOW_SHARE);
  const { limitMs, warmUp, callsC1, callsC8 } = plan;
  const small = { warmUp: less(warmUp), callsC1: less(callsC1), callsC8: less(callsC8) };
  return { ...plan, ...small, limitMs: less(limitMs), callsC64: 0, calls64k: 0, calls1m: 0 };
}

async function withCallers<T>({ target, wire }: Lane, use: (callers: Caller[]) => Promise<T>): Promise<T> {
  const callers = await openCallers(target, wire, target.connections ?? CONNECTIONS.many);
  try {
    return await use(callers);
  } finally {
    await Promise.all(callers.map((caller) => caller.close()));
  }
}

/** Medians over rounds; memory the largest, errors the sum, the rarest latencies out of all rounds. */
export function aggregateRounds(rounds: readonly Round[]): Figures {
  const middle = (key: keyof Figures) =>
    computeMedian(rounds.map((figures) => figures[key]).filter((value) => !Number.isNaN(value)));
  return {
    p50c1Ms: middle('p50c1Ms'),
    p99c1Ms: middle('p99c1Ms'),
    p50c8Ms: middle('p50c8Ms'),
    p99c8Ms: middle('p99c8Ms'),
    p999c8Ms: computePercentile(
      rounds.flatMap(({ latenciesC8 }) => latenciesC8),
      0.999,
    ),
    p99c64Ms: middle('p99c64Ms'),
    rpsC8: middle('rpsC8'),
    rpsC64: middle('rpsC64'),
    cpuMsPerCall: middle('cpuMsPerCall'),
    cpuC64Ms: middle('cpuC64Ms'),
    cpu64kMs: middle('cpu64kMs'),
    cpu1mMs: middle('cpu1mMs'),
    rssMb: Math.max(...rounds.map(({ rssMb }) => rssMb)),
    errors: rounds.reduce((sum, { errors }) => sum + errors, 0),
  };
}

/** One phase: what came of its calls, and what they cost. */
interface Phase extends LoadResult {
  /** CPU per call, NaN when one of them failed */
  cpuMs: number;
  peakMb: number;
}

async function measureOnce(callers: readonly Caller[], { tool, leashPid }: Target, plan: Plan): Promise<Round> {
  const run = (connections: number, load: Omit<Load, 'tool'>) =>
    measurePhase(callers.slice(0, connections), leashPid, { tool, ...load });
  await runLoad(callers.slice(0, CONNECTIONS.eight), { tool, calls: plan.warmUp });
  const watch = new TreeWatch(leashPid);
  const one = await runLoad(callers.slice(0, CONNECTIONS.one), { tool, calls: plan.callsC1 });
  const eight = await runLoad(callers.slice(0, CONNECTIONS.eight), { tool, calls: plan.callsC8 });
  const { cpu, peakMb } = watch.end();
  const many = callers.length < CONNECTIONS.many ? null : await run(CONNECTIONS.many, { calls: plan.callsC64 });
  const middling = await run(CONNECTIONS.eight, { calls: plan.calls64k, textLength: 64 * KB });
  const large = await run(CONNECTIONS.one, { calls: plan.calls1m, textLength: MB });
  return {
    p50c1Ms: computePercentile(one.latencies, 0.5),
    p99c1Ms: computePercentile(one.latencies, 0.99),
    p50c8Ms: computePercentile(eight.latencies, 0.5),
    p99c8Ms: computePercentile(eight.latencies, 0.99),
    p999c8Ms: computePercentile(eight.latencies, 0.999),
    p99c64Ms: computePercentile(many?.latencies ?? [], 0.99),
    rpsC8: (eight.latencies.length * 1_000) / eight.wallMs,
    rpsC64: many ? (many.latencies.length * 1_000) / many.wallMs : Number.NaN,
    cpuMsPerCall: cpu / (plan.callsC1 + plan.callsC8),
    cpuC64Ms: many?.cpuMs ?? Number.NaN,
    cpu64kMs: middling.cpuMs,
    cpu1mMs: large.cpuMs,
    rssMb: Math.max(peakMb, many?.peakMb ?? 0, middling.peakMb, large.peakMb),
    errors: one.errors + eight.errors,
    latenciesC8: eight.latencies,
  };
}

/** After a tenth of the calls that are not measured; a row that takes none of them is not asked for the rest. */
async function measurePhase(callers: readonly Caller[], leashPid: number | null, load: Load): Promise<Phase> {
  const first = await runLoad(callers, { ...load, calls: Math.ceil(load.calls / 10) });
  const calls = first.latencies.length === 0 ? 0 : load.calls;
  const watch = new TreeWatch(leashPid);
  const result = await runLoad(callers, { ...load, calls });
  const { cpu, peakMb } = watch.end();
  return { ...result, cpuMs: calls === 0 || result.errors > 0 ? Number.NaN : cpu / calls, peakMb };
}
