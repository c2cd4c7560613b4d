import { existsSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

import { listFileArguments, type StdioEntry } from './stdio-entry.ts';

const SCRIPT = /\.(?:[cm]?[jt]s|py|rb|php|pl|lua|sh)$/;

/** The folders that the scripts of an entry load from. */
export function listCodeFolders(entry: Pick<StdioEntry, 'args' | 'cwd'>): string[] {
  const folders = listFileArguments(entry).flatMap((file) => findCodeFolder(file) ?? []);
  return [...new Set(folders)].filter((folder) => folder !== sep);
}

/** What holds the outermost node_modules that a file is in; else its package; else, of a script, its own folder. */
export function findCodeFolder(file: string): string | null {
  const [tree, below] = file.split(`${sep}node_modules${sep}`, 2);
  if (tree !== undefined && below !== undefined) return join(tree, 'node_modules');
  for (let at = dirname(file); dirname(at) !== at; at = dirname(at)) if (existsSync(join(at, 'package.json'))) return at;
  return SCRIPT.test(file) ? dirname(file) : null;
}
