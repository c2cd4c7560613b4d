import type { Caller, Wire } from '../client/caller.ts';
import { runLoad } from '../client/load.ts';
import { openCallers } from '../client/open.ts';
import { readCpuMs, runsScript, readTree, readResidentMb } from '../processes/proc-tree.ts';
import type { Target } from '../rows/target.ts';
import { STDIO_UPSTREAM } from '../upstream/paths.ts';
import { computeMedian, computePercentile } from './stats.ts';

export interface Plan {
  rounds: number;
  /** calls before the first round, for at most five seconds, so that nothing that is measured is still being compiled */
  firstWarmUp: number;
  /** calls before the measured ones, per row and round */
  warmUp: number;
  /** calls over one connection, and over eight */
  callsC1: number;
  callsC8: number;
}

/** One row's figures: latencies in milliseconds. */
export interface Figures {
  p50c1Ms: number;
  p99c1Ms: number;
  p50c8Ms: number;
  p99c8Ms: number;
  rpsC8: number;
  /** CPU time per call of everything that stands between client and upstream, over both phases together */
  cpuMsPerCall: number;
  /** most resident memory seen */
  rssMb: number;
  errors: number;
}

/** A row in one era. */
export interface Lane {
  target: Target;
  wire: Wire;
}

const CONNECTIONS = 8;
const SAMPLE_MS = 200;
const FIRST_WARM_UP_MS = 5_000;
/** A lane that makes fewer calls a second than this gets a twentieth of the calls, or a round would not end. */
const SLOW_RPS = 20;
const SLOW_SHARE = 20;

/**
 * Measures every lane once per round, in turn, so that what changes on the machine meets all of them. Every other round goes backwards:
 * no lane always comes after the same one. Resolves with the figures of each lane, round by round.
 */
export async function measureRounds(lanes: readonly Lane[], plan: Plan, onDone: (round: number, lane: Lane) => void) {
  const seen = new Map<Lane, { own: Plan; rounds: Figures[] }>();
  for (const lane of lanes) {
    seen.set(lane, { own: await warmUp(lane, plan), rounds: [] });
    onDone(0, lane);
  }
  for (let round = 1; round <= plan.rounds; round += 1) {
    const turns = [...seen];
    for (const [lane, { own, rounds }] of round % 2 === 0 ? turns.toReversed() : turns) {
      rounds.push(await withCallers(lane, (callers) => measureOnce(callers, lane.target, own)));
      onDone(round, lane);
    }
  }
  return new Map([...seen].map(([lane, { rounds }]) => [lane, rounds]));
}

/** The plan for a lane, after its first warm-up. */
async function warmUp(lane: Lane, plan: Plan): Promise<Plan> {
  const load = { tool: lane.target.tool, calls: plan.firstWarmUp, limitMs: FIRST_WARM_UP_MS };
  const { latencies, wallMs } = await withCallers(lane, (callers) => runLoad(callers, load));
  if ((latencies.length * 1_000) / wallMs >= SLOW_RPS) return plan;
  const less = (calls: number) => Math.ceil(calls / SLOW_SHARE);
  return { ...plan, warmUp: less(plan.warmUp), callsC1: less(plan.callsC1), callsC8: less(plan.callsC8) };
}

async function withCallers<T>({ target, wire }: Lane, use: (callers: Caller[]) => Promise<T>): Promise<T> {
  const callers = await openCallers(target, wire, CONNECTIONS);
  try {
    return await use(callers);
  } finally {
    await Promise.all(callers.map((caller) => caller.close()));
  }
}

/** Medians over rounds; memory the largest, errors the sum. */
export function aggregateRounds(rounds: readonly Figures[]): Figures {
  const middle = (key: keyof Figures) =>
    computeMedian(rounds.map((figures) => figures[key]).filter((value) => !Number.isNaN(value)));
  return {
    p50c1Ms: middle('p50c1Ms'),
    p99c1Ms: middle('p99c1Ms'),
    p50c8Ms: middle('p50c8Ms'),
    p99c8Ms: middle('p99c8Ms'),
    rpsC8: middle('rpsC8'),
    cpuMsPerCall: middle('cpuMsPerCall'),
    rssMb: Math.max(...rounds.map(({ rssMb }) => rssMb)),
    errors: rounds.reduce((sum, { errors }) => sum + errors, 0),
  };
}

async function measureOnce(callers: Caller[], { tool, leashPid }: Target, plan: Plan): Promise<Figures> {
  await runLoad(callers, { tool, calls: plan.warmUp });
  const watch = new TreeWatch(leashPid);
  const one = await runLoad(callers.slice(0, 1), { tool, calls: plan.callsC1 });
  const eight = await runLoad(callers, { tool, calls: plan.callsC8 });
  const { cpu, peakMb } = watch.end();
  return {
    p50c1Ms: computePercentile(one.latencies, 0.5),
    p99c1Ms: computePercentile(one.latencies, 0.99),
    p50c8Ms: computePercentile(eight.latencies, 0.5),
    p99c8Ms: computePercentile(eight.latencies, 0.99),
    rpsC8: (eight.latencies.length * 1_000) / eight.wallMs,
    cpuMsPerCall: cpu / (plan.callsC1 + plan.callsC8),
    rssMb: peakMb,
    errors: one.errors + eight.errors,
  };
}

/** Follows CPU and memory of what runs on a leash while calls go through it. Without one both are zero. */
class TreeWatch {
  readonly #leashPid: number | null;
  /** found once: searching for them while calls are timed would be seen in the times */
  readonly #pids: number[];
  readonly #before: number;
  readonly #timer: NodeJS.Timeout;
  #peakMb = 0;

  constructor(leashPid: number | null) {
    this.#leashPid = leashPid;
    this.#pids = this.#listPids();
    this.#before = this.#readCpuMs(this.#pids);
    this.#timer = setInterval(() => this.#sample(), SAMPLE_MS).unref();
  }

  end(): { cpu: number; peakMb: number } {
    clearInterval(this.#timer);
    this.#sample();
    return { cpu: this.#readCpuMs(this.#listPids()) - this.#before, peakMb: this.#peakMb };
  }

  /** Without the leash itself, which is ours. */
  #listPids(): number[] {
    return this.#leashPid === null ? [] : readTree(this.#leashPid).slice(1);
  }

  /** Without an upstream that runs as a child of the row: only what is in front of it is compared. */
  #readCpuMs(pids: readonly number[]): number {
    return readCpuMs(pids.filter((pid) => !runsScript(pid, STDIO_UPSTREAM)));
  }

  #sample(): void {
    this.#peakMb = Math.max(this.#peakMb, readResidentMb(this.#pids));
  }
}
