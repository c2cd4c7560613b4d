import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { parse } from 'yaml';
import { z } from 'zod';

import { root as repository } from '../local/settings.ts';
import { readLiveTitles } from './live-titles.ts';

// docs/requirements.yaml and the tests must name each other: every cited id has an entry, every entry the test files in which a test that runs
// has the id in its title, and no others.
// An optional argument names another root folder.

const MANIFEST = 'docs/requirements.yaml';
const ID = /\bT-\d+\b/g;
const CODE = /\.(?:ts|tsx|js|mjs|cjs|prisma|sql|md|ya?ml)$/;
const TEST = /\.(?:test|spec)\.tsx?$/;
const Manifest = z.record(z.string().regex(/^T-\d+$/), z.strictObject({ holds: z.string().min(1), tests: z.array(z.string()) }));

const root = resolve(process.argv[2] ?? repository);
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ':!tools/gates'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => path !== MANIFEST && CODE.test(path) && existsSync(join(root, path)));
const texts = new Map(files.map((path) => [path, readFileSync(join(root, path), 'utf8')]));
const cited = [...texts].flatMap(([path, text]) => [...new Set(text.match(ID))].map((id) => ({ path, id })));
/** by test file: the ids in the titles of tests that run */
const shown = new Map(
  [...texts]
    .filter(([path]) => TEST.test(path))
    .map(([path, text]) => [path, new Set(readLiveTitles(path, text).flatMap((title) => title.match(ID) ?? []))]),
);
const manifest = Manifest.parse(parse(readFileSync(join(root, MANIFEST), 'utf8')));

const problems = [
  ...cited.filter(({ id }) => !(id in manifest)).map(({ path, id }) => `${path}: cites ${id}, which ${MANIFEST} does not have`),
  ...Object.entries(manifest).flatMap(([id, { tests }]) => [
    ...(tests.length === 0 ? [`${id}: has no test`] : []),
    ...tests.filter((path) => !texts.has(path)).map((path) => `${id}: ${path} does not exist`),
    ...tests.filter((path) => texts.has(path) && !TEST.test(path)).map((path) => `${id}: ${path} is not a test file`),
    ...tests
      .filter((path) => shown.get(path)?.has(id) === false)
      .map((path) => `${id}: ${path} has no test that runs and asserts with it in its title`),
    ...[...shown]
      .filter(([path, ids]) => ids.has(id) && !tests.includes(path))
      .map(([path]) => `${id}: ${path} shows it and is not named`),
  ]),
];
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(`${Object.keys(manifest).length} requirements, ${problems.length} problems\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
