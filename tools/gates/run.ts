import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Each gate must report every violation planted for it under canary/: a gate that stays green on its canary guards nothing.

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
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

/** Every rule of the boundary configuration must have been broken by some canary, and reported. */
async function boundaries(): Promise<string[]> {
  const { text } = await run('depcruise', [
    join(canary, 'boundaries'),
    '--config',
    '.dependency-cruiser.cjs',
    '--output-type',
    'json',
  ]);
  const start = text.indexOf('{');
  const report = JSON.parse(text.slice(start)) as { summary: { violations: Array<{ rule: { name: string } }> } };
  const seen = new Set(report.summary.violations.map((violation) => violation.rule.name));
  const config = require(join(root, '.dependency-cruiser.cjs')) as { forbidden: Array<{ name: string }> };
  return config.forbidden.filter((rule) => !seen.has(rule.name)).map((rule) => `boundaries: ${rule.name} did not see its canary`);
}

/**
 * Each file under canary/lint names the rules that must fire on it, one `// expect: plugin(rule) words of the message` a line; every rule that the
 * configuration switches on by name must be expected somewhere.
 */
async function lint(): Promise<string[]> {
  const folder = join(canary, 'lint');
  const { text } = await run('oxlint', ['--config', join(here, 'canary.oxlintrc.json'), '--format', 'json', folder]);
  const report = JSON.parse(text) as { diagnostics: Array<{ filename: string; code?: string; message: string }> };
  const expected = readdirSync(folder)
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/^\/\/ expect: (\S+) ?(.*)$/gm)].map(([, rule = '', words = '']) => ({
        file,
        rule,
        words,
      })),
    );
  const unseen = expected.filter(
    ({ file, rule, words }) =>
      !report.diagnostics.some(
        (found) => basename(found.filename) === file && found.code === rule && found.message.includes(words),
      ),
  );
  const config = JSON.parse(readFileSync(join(root, '.oxlintrc.json'), 'utf8')) as { rules: Record<string, unknown> };
  const held = new Set(expected.map(({ rule }) => rule));
  const unheld = Object.entries(config.rules)
    .filter(([, setting]) => [setting].flat()[0] !== 'off')
    .map(([name]) => (name.includes('/') ? name.replace(/^(.+)\/(.+)$/, '$1($2)') : `eslint(${name})`))
    .filter((rule) => !held.has(rule));
  return [
    ...unseen.map(({ file, rule, words }) => `lint: ${rule} ${words} did not fire on ${file}`),
    ...unheld.map((rule) => `lint: ${rule} has no canary`),
  ];
}

/** A gate whose canary is a folder of its own: it must fail and say what is planted. */
async function fails(gate: string, output: Promise<Output>, ...expected: string[]): Promise<string[]> {
  const { code, text } = await output;
  if (code === 0) return [`${gate}: stayed green on its canary`];
  return expected.filter((part) => !text.includes(part)).map((part) => `${gate}: did not report ${part}\n${text.slice(0, 500)}`);
}

const results = await Promise.all([
  boundaries(),
  lint(),
  fails(
    'format',
    run('oxfmt', ['--check', '--config', join(here, 'canary.oxfmtrc.json'), join(canary, 'format/bad.ts')]),
    'bad.ts',
  ),
  fails('types', run('tsc', ['--project', join(canary, 'types')]), 'TS2322'),
  fails('unused', run('knip', [], join(canary, 'unused')), 'orphan.ts', 'left-pad'),
  fails('workspace', run('sherif', [], join(canary, 'workspace')), 'zod'),
  fails('migrations', run('node', ['tools/database/check.ts', join(canary, 'migrations')]), 'forgotten'),
  fails(
    'requirements',
    run('node', ['tools/gates/requirements.ts', join(canary, 'requirements')]),
    'which docs/requirements.yaml does not have',
    'has no test',
    'gone.test.ts does not exist',
    'citing.test.ts does not cite it',
    'citing.test.ts cites it and is not named',
  ),
  fails('tests', run('vitest', ['run', '--config', join(canary, 'tests/vitest.config.ts')]), 'a planted failure'),
]);
const problems = results.flat();
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(problems.length === 0 ? 'Every gate saw its canary.\n' : `${problems.length} canaries went unseen.\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
