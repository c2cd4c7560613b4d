import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { root } from '../local/settings.ts';
import { listCanaryProblems } from './canaries.ts';
import { type Gate, TYPE_CHECKER } from './gates.ts';

// Each gate must report every violation planted for it under canary/: a gate that stays green on its canary guards nothing.

const here = dirname(fileURLToPath(import.meta.url));
const canary = join(here, 'canary');
const require = createRequire(import.meta.url);

interface Output {
  code: number;
  text: string;
}

function run(command: string, args: string[], cwd = root): Promise<Output> {
  return new Promise((resolve) => {
    execFile(join(root, 'node_modules/.bin', command), args, { cwd, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: error ? (typeof error.code === 'number' ? error.code : 1) : 0, text: stdout + stderr });
    });
  });
}

/** A gate whose canary is a folder of its own: it must fail and name everything that is planted there. */
async function expectFailure(output: Promise<Output>, ...expected: string[]): Promise<string[]> {
  const { code, text } = await output;
  if (code === 0) return ['stayed green on its canary'];
  return expected.filter((part) => !text.includes(part)).map((part) => `did not report ${part}\n${text.slice(0, 500)}`);
}

/** The formatter with the repository's own settings, but for the list of files that it leaves alone. */
async function checkFormat(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-canary-'));
  try {
    const { ignorePatterns: _, ...settings } = JSON.parse(readFileSync(join(root, '.oxfmtrc.json'), 'utf8')) as Record<
      string,
      unknown
    >;
    const config = join(folder, '.oxfmtrc.json');
    writeFileSync(config, JSON.stringify(settings));
    return await expectFailure(run('oxfmt', ['--check', '--config', config, join(canary, 'format')]), 'bad.ts', 'unsorted.ts');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function checkBoundaries(): Promise<string[]> {
  const folder = join(canary, 'boundaries');
  const { text } = await run('depcruise', [folder, '--config', '.dependency-cruiser.cjs', '--output-type', 'json']);
  const report = JSON.parse(text.slice(text.indexOf('{'))) as {
    summary: { violations: Array<{ from: string; to: string; rule: { name: string } }> };
  };
  const config = require(join(root, '.dependency-cruiser.cjs')) as { forbidden: Array<{ name: string }> };
  return listCanaryProblems(
    folder,
    report.summary.violations.map(({ from, to, rule }) => ({ file: join(root, from), rule: rule.name, message: to })),
    config.forbidden.map(({ name }) => name),
  );
}

type Rules = Record<string, unknown>;

async function checkLint(): Promise<string[]> {
  const folder = join(canary, 'lint');
  const { text } = await run('oxlint', ['--config', join(here, 'canary.oxlintrc.json'), '--format', 'json', folder]);
  const report = JSON.parse(text) as { diagnostics: Array<{ filename: string; code?: string; message: string }> };
  const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as {
    rules: Rules;
    overrides: Array<{ rules: Rules }>;
  };
  return listCanaryProblems(
    folder,
    report.diagnostics.map(({ filename, code = '', message }) => ({ file: join(root, filename), rule: code, message })),
    [config.rules, ...config.overrides.map(({ rules }) => rules)].flatMap(listRuleNames),
  );
}

/** The rules that are switched on by name, written as oxlint reports them: `typescript/no-var` is `typescript(no-var)`. */
function listRuleNames(rules: Rules): string[] {
  return Object.entries(rules)
    .filter(([, setting]) => [setting].flat()[0] !== 'off')
    .map(([name]) => (name.includes('/') ? `${name.replace('/', '(')})` : `eslint(${name})`));
}

const checkTypes = () => expectFailure(run('node', [TYPE_CHECKER, '--project', join(canary, 'types')]), 'TS2322');
const runDocumentGate = (script: string) => run('node', [join(here, script), join(canary, 'documents')]);

const CANARIES: Record<Gate | 'tests', () => Promise<string[]>> = {
  format: checkFormat,
  lint: checkLint,
  boundaries: checkBoundaries,
  types: checkTypes,
  'tool-types': checkTypes,
  unused: () => expectFailure(run('knip', [], join(canary, 'unused')), 'orphan.ts', 'left-pad'),
  workspace: () => expectFailure(run('sherif', [], join(canary, 'workspace')), 'zod'),
  documents: () => expectFailure(runDocumentGate('doc-refs.ts'), 'docs/nowhere.md', 'tools/nowhere.ts'),
  facts: () =>
    expectFailure(
      runDocumentGate('doc-facts.ts'),
      '0001-undated.md: does not say',
      '0001-undated.md: is not listed',
      'GATEHOUSE_FORGOTTEN: no document',
      'GATEHOUSE_INVENTED: no process reads it',
      'packages/silent: has no README.md',
      'packages/talkative: README.md has more than',
      'packages/silent: version 0.0.9',
      'packages/talkative: wants another version of @gatehouse/policy',
      'literal.ts: names the version',
      'the script unready does not begin with the installation',
      'package.json has no script vanished',
      'the tree names packages/talkative/src/gone, which does not exist',
      'the tree has no sentence for packages/talkative/src/untold',
      'the tree has no sentence for apps/late/src',
      'no section "A publish',
      'says 4 files and names 3',
      'literal.ts twice',
      'packages/silent/src/gone.ts, which does not exist',
      'imports the step packages/talkative/src/literal.ts',
    ),
  requirements: () =>
    expectFailure(
      run('node', [join(here, 'requirements.ts'), join(canary, 'requirements')]),
      'cites T-99, which docs/requirements.yaml does not have',
      'cites T-7, which',
      'cites T-100, which',
      'T-01: has no test',
      'gone.test.ts does not exist',
      'T-02: citing.test.ts has no test that runs and asserts',
      'T-03: skipped.test.ts has no test that runs and asserts',
      'deploy.yml: cites T-98, which',
      'pipeline.yaml: cites T-97, which',
      'T-04: source.ts is not a test file',
      'T-05: silent.test.ts has no test that runs and asserts',
      'T-01: citing.test.ts shows it and is not named',
    ),
  patterns: () =>
    expectFailure(run('node', [join(here, 'patterns.ts'), join(canary, 'patterns')]), 'stands in one.ts:1 and other.ts:2'),
  migrations: () => expectFailure(run('node', ['tools/database/check.ts', join(canary, 'migrations')]), 'forgotten'),
  tests: () => expectFailure(run('vitest', ['run', '--config', join(canary, 'tests/vitest.config.ts')]), 'a planted failure'),
};

const problems = (
  await Promise.all(
    Object.entries(CANARIES).map(async ([gate, check]) => (await check()).map((problem) => `${gate}: ${problem}`)),
  )
).flat();
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(problems.length === 0 ? 'Every gate saw its canary.\n' : `${problems.length} canaries went unseen.\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
