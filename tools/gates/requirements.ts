import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { parse } from 'yaml';
import { z } from 'zod';

import { root as repository } from '../local/settings.ts';

// docs/requirements.yaml and the tests must name each other: every cited id has an entry, every entry the tests that cite it and no others.
// An optional argument names another root folder.

const MANIFEST = 'docs/requirements.yaml';
const ID = /\bT-\d{2}\b/g;
const CODE = /\.(?:ts|tsx|js|mjs|cjs|prisma|sql|md)$/;
const TEST = /\.(?:test|spec)\.tsx?$/;
const Manifest = z.record(
  z.string().regex(/^T-\d{2}$/),
  z.strictObject({ holds: z.string().min(1), tests: z.array(z.string()) }),
);

const root = resolve(process.argv[2] ?? repository);
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', ':!tools/gates/canary'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => CODE.test(path) && existsSync(join(root, path)));
const cited = new Map(files.map((path) => [path, new Set(readFileSync(join(root, path), 'utf8').match(ID))]));
const manifest = Manifest.parse(parse(readFileSync(join(root, MANIFEST), 'utf8')));

const problems = [
  ...[...cited].flatMap(([path, ids]) =>
    [...ids].filter((id) => !(id in manifest)).map((id) => `${path}: cites ${id}, which ${MANIFEST} does not have`),
  ),
  ...Object.entries(manifest).flatMap(([id, { tests }]) => [
    ...(tests.length === 0 ? [`${id}: has no test`] : []),
    ...tests.filter((path) => !cited.has(path)).map((path) => `${id}: ${path} does not exist`),
    ...tests.filter((path) => cited.get(path)?.has(id) === false).map((path) => `${id}: ${path} does not cite it`),
    ...[...cited]
      .filter(([path, ids]) => TEST.test(path) && ids.has(id) && !tests.includes(path))
      .map(([path]) => `${id}: ${path} cites it and is not named`),
  ]),
];
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(`${Object.keys(manifest).length} requirements, ${problems.length} problems\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
