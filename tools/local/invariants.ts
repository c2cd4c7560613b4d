import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

import { parse } from 'yaml';
import { z } from 'zod';

import { countTests, type RunTest } from './invariant-tests.ts';
import { REPORTS, root } from './settings.ts';

const Invariants = z.array(
  z.strictObject({
    invariant: z.string(),
    attack: z.string(),
    stopped: z.string(),
    /** by test file: beginnings of titles; an empty one is every test of the file */
    tests: z.record(z.string(), z.array(z.string()).min(1)),
  }),
);

const VitestReport = z.object({
  testResults: z.array(
    z.object({ name: z.string(), assertionResults: z.array(z.object({ title: z.string(), status: z.string() })) }),
  ),
});

interface Suite {
  specs: { title: string; file: string; ok: boolean; tests: { status: string }[] }[];
  suites?: Suite[] | undefined;
}
const Suite: z.ZodType<Suite> = z.object({
  specs: z.array(
    z.object({ title: z.string(), file: z.string(), ok: z.boolean(), tests: z.array(z.object({ status: z.string() })) }),
  ),
  get suites() {
    return z.array(Suite).optional();
  },
});
const PlaywrightReport = z.object({ config: z.object({ rootDir: z.string() }), suites: z.array(Suite) });

/**
 * A line for each invariant of docs/invariants.yaml, from the reports that the test stages have left: how it was attacked in this run and
 * what stopped that. `held` is false when a test that it names did not run and pass.
 */
export function describeInvariants(): { line: string; held: boolean }[] {
  const run = [...readVitest('unit'), ...readVitest('int'), ...readBrowser()];
  const invariants = Invariants.parse(parse(readFileSync(join(root, 'docs', 'invariants.yaml'), 'utf8')));
  return invariants.map(({ invariant, attack, stopped, tests }, index) => {
    const { passed, problems } = countTests(tests, run);
    const verdict = problems.length === 0 ? `held in ${passed} tests` : `NOT SHOWN: ${problems.join('; ')}`;
    return { line: `Invariant ${index + 1}, ${invariant}: ${attack} -> ${stopped} (${verdict})`, held: problems.length === 0 };
  });
}

function readReport<T>(name: keyof typeof REPORTS, schema: z.ZodType<T>): T | null {
  const path = REPORTS[name];
  return existsSync(path) ? schema.parse(JSON.parse(readFileSync(path, 'utf8'))) : null;
}

function readVitest(name: 'unit' | 'int'): RunTest[] {
  const results = readReport(name, VitestReport)?.testResults ?? [];
  return results.flatMap(({ name: file, assertionResults }) =>
    assertionResults.map(({ title, status }) => ({ file: relative(root, file), title, passed: status === 'passed' })),
  );
}

function readBrowser(): RunTest[] {
  const report = readReport('browser', PlaywrightReport);
  const flatten = (suite: Suite): Suite['specs'] => [...suite.specs, ...(suite.suites ?? []).flatMap(flatten)];
  return (report?.suites.flatMap(flatten) ?? []).map(({ title, file, ok, tests }) => ({
    file: relative(root, join(report?.config.rootDir ?? root, file)),
    title,
    passed: ok && tests.every(({ status }) => status !== 'skipped'),
  }));
}
