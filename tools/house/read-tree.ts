import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** One file of code, its path relative to the repository's root. */
export interface CodeFile {
  path: string;
  text: string;
}

const CODE = /\.(?:ts|tsx|js|mjs|cjs)$/;
const LEFT_OUT = /(?:^|\/)(?:generated|dist|\.next)\/|^tools\/gates\/canary\/|next-env\.d\.ts$/;

/** The code in the working tree: what git tracks or would track. */
export function readWorkingTree(root: string): CodeFile[] {
  return readFiles(root, runGit(root, 'ls-files', '--cached', '--others', '--exclude-standard'));
}

/** The code as it was at a git ref. Throws when git does not know the ref. */
export function readRef(root: string, ref: string): CodeFile[] {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-house-'));
  try {
    const archive = join(folder, 'tree.tar');
    runGit(root, 'archive', '--output', archive, ref);
    execFileSync('tar', ['-xf', archive, '-C', folder]);
    return readFiles(folder, runGit(root, 'ls-tree', '-r', '--name-only', ref));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function runGit(root: string, ...args: string[]): string[] {
  const out = execFileSync('git', args, { cwd: root, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return out.split('\n').filter(Boolean);
}

/** A tracked file that was deleted in the working tree is still listed. */
function readFiles(folder: string, paths: readonly string[]): CodeFile[] {
  return paths
    .filter((path) => CODE.test(path) && !LEFT_OUT.test(path) && existsSync(join(folder, path)))
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }));
}

/** The workspace that a file belongs to: `apps/x`, `packages/x`, `tools`, or `.` for files at the root. */
export function getWorkspace(path: string): string {
  return /^(?:apps|packages)\/[^/]+(?=\/)|^tools(?=\/)/.exec(path)?.[0] ?? '.';
}

/** Tests and what only tests import; all of apps/e2e. */
export function isTest(path: string): boolean {
  return /(?:^|\/)(?:test|testing)\/|\.(?:test|spec)\.tsx?$|^apps\/e2e\//.test(path);
}
