import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

import { root } from '../local/settings.ts';
import { findTreeProblems } from './folder-tree.ts';
import { findWalkProblems, readWalks } from './walks.ts';

// What documents say about the tree and a program can check. An optional argument names another folder than the repository.

const [folder = root] = process.argv.slice(2).map((path) => resolve(path));
const read = (path: string) => readFileSync(join(folder, path), 'utf8');
const find = (...patterns: string[]) => globSync(patterns, { cwd: folder }).sort();
const README_LINES = 25;
const WALKS = ['A call', 'A publish'];

/** A decision says since when it holds, and the index lists it. */
function checkDecisions(): string[] {
  const index = read('docs/decisions/README.md');
  return find('docs/decisions/[0-9]*.md').flatMap((path) => {
    const [title = '', , status = ''] = read(path).split('\n');
    const dated = /^# \d+\. ./.test(title) && /^(?:Accepted|Superseded by \[.+\]\(.+\)), \d{4}-\d\d-\d\d\.$/.test(status);
    return [
      ...(dated ? [] : [`${path}: does not say "# N. Title", then "Accepted, YYYY-MM-DD."`]),
      ...(index.includes(`(${basename(path)})`) ? [] : [`${path}: is not listed in docs/decisions/README.md`]),
    ];
  });
}

/** The variables that processes read are the ones that documents name. NAME_FILE and NAME_COMMAND are forms of NAME. */
function checkVariables(): string[] {
  const named = (paths: string[]) => new Set(paths.flatMap((path) => read(path).match(/\bGATEHOUSE_[A-Z_]*[A-Z]\b/g) ?? []));
  const known = named(find('apps/*/src/env.ts', 'tools/{local,database}/*.ts', 'packages/db/src/testing/*.ts'));
  const told = named(find('*.md', 'docs/*.md'));
  const isIn = (name: string, names: ReadonlySet<string>) => names.has(name) || names.has(name.replace(/_(?:FILE|COMMAND)$/, ''));
  return [
    ...[...known].filter((name) => !isIn(name, told)).map((name) => `${name}: no document names it`),
    ...[...told].filter((name) => !isIn(name, known)).map((name) => `${name}: no process reads it`),
  ];
}

interface Manifest {
  version: string;
  scripts?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** Every workspace introduces itself, and has the version of the root: one release is one version. */
function checkWorkspaces(): string[] {
  const { version } = JSON.parse(read('package.json')) as Manifest;
  return find('{apps,packages}/*/package.json').flatMap((manifest) => {
    const workspace = manifest.replace('/package.json', '');
    const readme = join(workspace, 'README.md');
    const own = JSON.parse(read(manifest)) as Manifest;
    const ours = Object.entries({ ...own.dependencies, ...own.devDependencies });
    return [
      ...(existsSync(join(folder, readme)) ? [] : [`${workspace}: has no README.md`]),
      ...(existsSync(join(folder, readme)) && read(readme).trimEnd().split('\n').length > README_LINES
        ? [`${workspace}: README.md has more than ${README_LINES} lines`]
        : []),
      ...(own.version === version ? [] : [`${workspace}: version ${own.version}, the root has ${version}`]),
      ...ours
        .filter(([name, wanted]) => name.startsWith('@gatehouse/') && wanted !== version)
        .map(([name]) => `${workspace}: wants another version of ${name} than ${version}`),
      ...find(`${workspace}/src/**/*.{ts,tsx}`)
        .filter((path) => !path.includes('/generated/') && new RegExp(`['"\`]${version}['"\`]`).test(read(path)))
        .map((path) => `${path}: names the version; read it from package.json`),
    ];
  });
}

/** Every script works on a bare clone, because it begins with the installation; and a script that a document names is there. */
function checkScripts(): string[] {
  const { scripts = {} } = JSON.parse(read('package.json')) as Manifest;
  const isPrelude = (name: string) => name.startsWith('pre') && name.slice(3) in scripts;
  const named = find('*.md', 'docs/*.md', '{apps,packages}/*/README.md').flatMap((path) =>
    [...read(path).matchAll(/\bnpm run ([\w:]+)/g)].map(([, name = '']) => ({ path, name })),
  );
  return [
    ...Object.keys(scripts)
      .filter((name) => !isPrelude(name) && scripts[`pre${name}`] !== 'node tools/local/bootstrap.mjs')
      .map((name) => `package.json: the script ${name} does not begin with the installation; add "pre${name}"`),
    ...named.filter(({ name }) => !(name in scripts)).map(({ path, name }) => `${path}: package.json has no script ${name}`),
  ];
}

/** The walks of docs/architecture.md agree with themselves and with the tree. That calls really go this way is a test of the agent. */
function checkWalks(): string[] {
  const walks = readWalks(read('docs/architecture.md'));
  const missing = WALKS.filter((title) => !walks.some((walk) => walk.title.startsWith(title)));
  return [
    ...missing.map((title) => `docs/architecture.md: no section "${title} …" says of its steps "N files, each once"`),
    ...walks.flatMap((walk) => findWalkProblems(walk, folder)),
  ];
}

const problems = [
  ...checkDecisions(),
  ...checkVariables(),
  ...checkWorkspaces(),
  ...checkScripts(),
  ...checkWalks(),
  ...findTreeProblems(read('docs/architecture.md'), folder),
];
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(problems.length === 0 ? 'The documents agree with the tree\n' : `${problems.length} facts are wrong\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
