import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import type { FigurePlan } from './agent/figures.ts';
import type { Plan } from './measure/rounds.ts';

export interface Options {
  quick: boolean;
  /** parts of row names; empty: all rows */
  only: string[];
  /** a bundle that is measured instead of the one built from the tree; null: build it */
  agent: string | null;
  /** a checkout of another commit with its packages installed: every Gatehouse row is measured with its agent as well; null: none */
  against: string | null;
  /** how many rounds instead of the plan's; null: the plan's */
  rounds: number | null;
  help: boolean;
}

export const USAGE = `npm run bench -- [--quick] [--only NAME]... [--agent FILE] [--against FOLDER] [--rounds N]

  --quick            one short round, for trying
  --only NAME        only rows whose name holds NAME; may be repeated
  --agent FILE       measure this bundle instead of building the tree's
  --against FOLDER   measure the agent of another checkout, with its packages installed, in the same rounds and print the ratios
  --rounds N         so many rounds

A full run writes apps/bench/results/latest.json and latest.svg, any other trial.json and trial.svg beside them.
`;

/** Throws TypeError, with a sentence, on what it does not know. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      agent: { type: 'string' },
      against: { type: 'string' },
      rounds: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const { quick, only, agent, against, help } = values;
  const rounds = values.rounds === undefined ? null : Number(values.rounds);
  if (rounds !== null && !(Number.isInteger(rounds) && rounds > 0))
    throw new TypeError('--rounds takes a whole number above zero.');
  return { quick, only, agent: resolvePath(agent), against: resolvePath(against), rounds, help };
}

/** The path that an option names, from the folder that the command runs in; null when it was not given. */
function resolvePath(value: string | undefined): string | null {
  return value === undefined ? null : resolve(value);
}

const FULL: Plan & FigurePlan = {
  rounds: 5,
  blockCalls: 2_000,
  mostBlocks: 15,
  limitMs: 60_000,
  warmUp: 200,
  callsC1: 200,
  callsC8: 4_000,
  callsC64: 2_000,
  calls64k: 400,
  calls1m: 40,
  starts: 5,
  sessions: 10_000,
  calls: 100_000,
};
const QUICK: Plan & FigurePlan = { ...FULL, rounds: 1, mostBlocks: 6, starts: 1 };

/** How many rounds, calls, starts and sessions a run has. */
export function getPlan({ quick, rounds }: Options): Plan & FigurePlan {
  const plan = quick ? QUICK : FULL;
  return rounds === null ? plan : { ...plan, rounds };
}

/** Whether a row is wanted. */
export function isWanted({ only }: Options, name: string): boolean {
  return only.length === 0 || only.some((part) => name.toLowerCase().includes(part.toLowerCase()));
}
