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
  help: boolean;
}

export const USAGE = `npm run bench -- [--quick] [--only NAME]... [--agent FILE]

  --quick        one short round, for trying
  --only NAME    only rows whose name holds NAME; may be repeated
  --agent FILE   measure this bundle instead of building the tree's

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
      help: { type: 'boolean', default: false },
    },
  });
  // npm runs a workspace's script in its own folder; the path was written where npm was started
  const agent = values.agent === undefined ? null : resolve(values.agent);
  return { quick: values.quick, only: values.only, agent, help: values.help };
}

const FULL: Plan & FigurePlan = {
  rounds: 5,
  firstWarmUp: 2_000,
  warmUp: 200,
  callsC1: 200,
  callsC8: 1_000,
  starts: 5,
  sessions: 10_000,
};
const QUICK: Plan & FigurePlan = { ...FULL, rounds: 1, firstWarmUp: 500, starts: 1 };

/** How many rounds, calls, starts and sessions a run has. */
export function planOf({ quick }: Options): Plan & FigurePlan {
  return quick ? QUICK : FULL;
}

/** Whether a row is wanted. */
export function isWanted({ only }: Options, name: string): boolean {
  return only.length === 0 || only.some((part) => name.toLowerCase().includes(part.toLowerCase()));
}
