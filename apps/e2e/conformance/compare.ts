import { readFileSync } from 'node:fs';

import { parse } from 'yaml';
import { z } from 'zod';

import { REVISIONS, type Revision, type SuiteRun } from './suite.ts';

/** How the agent reaches the reference: over HTTP or stdio in every revision, over HTTP in the older ones alone, and in the newest alone. */
export const UPSTREAMS = ['http', 'stdio', 'older', 'newer'] as const;
export type UpstreamKind = (typeof UPSTREAMS)[number];

/** A difference that is meant to be, with its reason. */
const ExpectedDifference = z.strictObject({
  revision: z.enum(REVISIONS),
  /** how the agent reaches the server; every way when it is not said */
  upstream: z.enum(UPSTREAMS).optional(),
  scenario: z.string(),
  check: z.string(),
  direct: z.string(),
  through: z.string(),
  reason: z.string().min(20),
});
export type ExpectedDifference = z.infer<typeof ExpectedDifference>;

/** Reads the file of expected differences. Throws when it is not of this form. */
export function readExpected(path: string): ExpectedDifference[] {
  return z.array(ExpectedDifference).parse(parse(readFileSync(path, 'utf8')) ?? []);
}

export interface Difference {
  scenario: string;
  check: string;
  /** statuses; ABSENT when the suite never came to this check */
  direct: string;
  through: string;
  messages: string[];
}

/** Every check whose status through the agent is not the one that the server gets directly. */
export function findDifferences(direct: SuiteRun, through: SuiteRun): Difference[] {
  const keys = new Set([...direct.outcomes.keys(), ...through.outcomes.keys()]);
  return [...keys].sort().flatMap((key) => {
    const one = direct.outcomes.get(key);
    const other = through.outcomes.get(key);
    const known = one ?? other;
    if (!known || one?.status === other?.status || isNoteOnly(one?.status, other?.status)) return [];
    const { scenario, check } = known;
    const messages = other?.messages ?? [];
    return [{ scenario, check, direct: one?.status ?? 'ABSENT', through: other?.status ?? 'ABSENT', messages }];
  });
}

/** A note that only one of the runs has is no verdict. */
const isNoteOnly = (one = 'INFO', other = 'INFO') => one === 'INFO' && other === 'INFO';

export interface Verdict {
  explained: { difference: Difference; reason: string }[];
  unexplained: Difference[];
  /** entries for this run that no longer differ */
  stale: ExpectedDifference[];
}

/** Holds the differences of one run against the expected ones. */
export function classifyDifferences(
  differences: Difference[],
  expected: ExpectedDifference[],
  run: { revision: Revision; upstream: UpstreamKind },
): Verdict {
  const relevant = expected.filter(
    ({ revision, upstream }) => revision === run.revision && (upstream === undefined || upstream === run.upstream),
  );
  const matches = (entry: ExpectedDifference, found: Difference) =>
    entry.scenario === found.scenario &&
    entry.check === found.check &&
    entry.direct === found.direct &&
    entry.through === found.through;
  const verdict: Verdict = { explained: [], unexplained: [], stale: [] };
  for (const difference of differences) {
    const entry = relevant.find((candidate) => matches(candidate, difference));
    if (entry) verdict.explained.push({ difference, reason: entry.reason });
    else verdict.unexplained.push(difference);
  }
  verdict.stale = relevant.filter((entry) => !differences.some((difference) => matches(entry, difference)));
  return verdict;
}
