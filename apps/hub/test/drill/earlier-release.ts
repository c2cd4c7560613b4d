import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { onTestFinished } from 'vitest';

export const ROOT = resolve(import.meta.dirname, '../../../..');
/** Run in either tree, with the code of that one. */
const SCRIPT = 'apps/hub/test/drill/people.ts';

const askGit = (...args: string[]): string => execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();

/** The release before: the newest tag of a release behind this commit, and where there is none the commit before the last change of the schema. */
function findRelease(): string {
  const tags = askGit('tag', '--list', 'v*', '--sort=-v:refname', '--merged', 'HEAD~1').split('\n');
  return tags[0] || askGit('rev-parse', `${askGit('log', '-1', '--format=%H', '--', 'prisma/migrations')}~1`);
}

/**
 * The sources of the release before, or of another commit, ready to run from; gone with the test. They have the packages of this tree where both have the
 * same lock, else those that npm fetches.
 */
export function checkOutEarlier(ref: string | undefined): { tree: string; commit: string } {
  const commit = askGit('rev-parse', ref ?? findRelease());
  const tree = join(ROOT, '.gatehouse', 'drill', commit);
  const remove = () => rmSync(tree, { recursive: true, force: true });
  remove();
  onTestFinished(remove);
  mkdirSync(tree, { recursive: true });
  execFileSync('tar', ['-x', '-C', tree], {
    input: execFileSync('git', ['archive', commit], { cwd: ROOT, maxBuffer: 1 << 30 }),
  });
  const readLock = (folder: string) => readFileSync(join(folder, 'package-lock.json'), 'utf8');
  if (readLock(tree) === readLock(ROOT)) {
    for (const folder of globSync('{.,apps/*,packages/*}/node_modules', { cwd: ROOT })) {
      execFileSync('cp', ['-al', join(ROOT, folder), join(tree, folder)]);
    }
  } else
    execFileSync('npm', ['ci', '--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund'], {
      cwd: tree,
      stdio: 'ignore',
    });
  execFileSync(process.execPath, ['tools/database/generate.ts'], { cwd: tree, stdio: 'ignore' });
  mkdirSync(dirname(join(tree, SCRIPT)), { recursive: true });
  cpSync(join(ROOT, SCRIPT), join(tree, SCRIPT));
  return { tree, commit };
}

/** How that script is started in a tree. */
export const toScript = (tree: string): string => join(tree, SCRIPT);
