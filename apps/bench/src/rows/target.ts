import type { Build } from '../agent/build.ts';
import type { Endpoint, Wire } from '../client/caller.ts';
import { openCallers } from '../client/open.ts';
import type { Pack } from '../processes/pack.ts';

/** Something that calls go through, running. */
export interface Target extends Endpoint {
  name: string;
  /** what it speaks, of what the row tried */
  wires: readonly Wire[];
  /** advertised name of the upstream's `echo` */
  tool: string;
  /** so many clients at most: each starts a process; left out: as many as are measured */
  connections?: number;
  /** the leash under which everything of this row runs; null: nothing stands in between */
  leashPid: number | null;
}

/** What every row is started with. */
export interface Site {
  pack: Pack;
  /** a folder for files of this run, on the disk of the repository */
  workDir: string;
  /** the reference upstream's address */
  upstreamUrl: string;
  /** the agent that is measured */
  build: Build;
}

export interface Row {
  name: string;
  start(site: Site): Promise<Target>;
}

/** Of the twin of a row that has the agent of another tree. */
export function nameBefore(name: string): string {
  return `${name}, before`;
}

/** The row cannot run on this machine; one line that says why. */
export class RowSkipped extends Error {
  override readonly name = 'RowSkipped';
}

const START_LIMIT_MS = 20_000;
const PAUSE_MS = 50;

type Unprobed = Omit<Target, 'wires' | 'tool'>;

/** Waits until the first wire answers, then finds out which of the others are spoken as well. Throws RowSkipped when none is. */
export async function probe(target: Unprobed, wires: readonly Wire[], hasEnded: () => boolean): Promise<Target> {
  const until = performance.now() + START_LIMIT_MS;
  for (;;) {
    const answers = await Promise.all(wires.map(async (wire) => ({ wire, tool: await findEcho(target, wire) })));
    const spoken = answers.filter(({ tool }) => tool !== null);
    const tool = spoken[0]?.tool;
    if (tool) return { ...target, tool, wires: spoken.map(({ wire }) => wire) };
    if (hasEnded() || performance.now() > until) throw new RowSkipped(`${target.name} did not answer a call.`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

/** The name under which `echo` is advertised and answers; null when this wire does not get that far. */
async function findEcho(target: Unprobed, wire: Wire): Promise<string | null> {
  try {
    const [caller] = await openCallers(target, wire, 1);
    if (!caller) return null;
    try {
      const tool = (await caller.listTools()).find((name) => name.endsWith('echo'));
      return tool !== undefined && (await caller.call(tool, 'ready?')) === 'ready?' ? tool : null;
    } finally {
      await caller.close();
    }
  } catch {
    // not listening yet, or another protocol: either way it does not speak this
    return null;
  }
}
