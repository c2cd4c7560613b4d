import { chmodSync, statSync } from 'node:fs';
import { join, sep } from 'node:path';

import type { Logger } from 'pino';

import { makeFolders } from '@gatehouse/process/folders';

import { isErrno, realDisk, replaceFile, type Disk } from './disk.ts';
import { readBytesOf, UnreadableFile } from './read-file.ts';

/** The state directory cannot be used; one line that says why and what to do. */
export class StateDirError extends Error {
  override readonly name = 'StateDirError';
}

/** A file that is replaced as a whole, and the content before that, in case this one is damaged. */
export interface KeptFile {
  path: string;
  previous: string;
}

/** Names of everything the agent keeps on disk. */
export interface StateDir {
  path: string;
  lock: string;
  identity: string;
  epoch: string;
  siteKey: string;
  /** join tokens that enrol nobody any more, by their hashes */
  spentTokens: string;
  standing: string;
  /** whose signatures count, as the tenant's root signed it */
  keyset: KeptFile;
  /** the configuration as one document, from a hub without parts */
  snapshot: KeptFile;
  /** the configuration as parts */
  manifest: KeptFile;
  parts: string;
  /** the tenant's revocation log, and the newest head that it agreed with */
  revocations: string;
  revocationHead: string;
  runtime: string;
  spool: string;
  /** receipts that the hub does not take */
  refused: string;
  disk: Disk;
}

/** What a file operation fails of because of what is on the disk, and not of a mistake of ours. */
const OF_FILES = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EEXIST', 'EISDIR', 'ELOOP', 'EIO'];

/** The names only; touches nothing. */
export function nameStateDir(path: string, disk: Disk = realDisk): StateDir {
  const at = (name: string): string => join(path, name);
  return {
    path,
    lock: at('lock'),
    identity: at('identity.json'),
    epoch: at('epoch'),
    siteKey: at('site.key'),
    spentTokens: at('spent-tokens'),
    standing: at('standing'),
    keyset: { path: at('keyset.json'), previous: at('keyset.previous.json') },
    manifest: { path: at('manifest.json'), previous: at('manifest.previous.json') },
    parts: at('parts'),
    snapshot: { path: at('snapshot.json'), previous: at('snapshot.previous.json') },
    revocations: at('revocations.log'),
    revocationHead: at('revocations.head.json'),
    runtime: at('runtime.json'),
    spool: at('spool'),
    refused: at('refused-receipts'),
    disk,
  };
}

/** Makes the directory (0700) or tightens an existing one. Throws StateDirError. */
export function openStateDir(path: string, disk: Disk = realDisk): StateDir {
  const dir = nameStateDir(path, disk);
  try {
    makeFolders(dir.spool);
    if ((statSync(path).mode & 0o077) !== 0) chmodSync(path, 0o700);
  } catch (error) {
    throw new StateDirError(describeDiskError(error, path), { cause: error });
  }
  return dir;
}

/** The text of a state file; null when it does not exist. Throws StateDirError. */
export function readState(path: string): string | null {
  try {
    return readBytesOf(path).toString('utf8');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null;
    throw error instanceof UnreadableFile ? new StateDirError(error.message, { cause: error }) : error;
  }
}

/** The same of what the agent can do without: when it cannot be read, that is logged, and it counts as not there. */
export function readSpareState(path: string, log: Pick<Logger, 'error'>): string | null {
  try {
    return readState(path);
  } catch (error) {
    if (!(error instanceof StateDirError)) throw error;
    log.error({ path, reason: error.message }, 'a stored file is not used');
    return null;
  }
}

/** A StateDirError for what went wrong with a file of this directory, which it names; any other error as it is. */
export function nameStateError(error: unknown, path: string): unknown {
  if (error instanceof UnreadableFile) return new StateDirError(error.message, { cause: error });
  const isOurs = isErrno(error, ...OF_FILES) && error.path?.startsWith(`${path}${sep}`) === true;
  return isOurs ? new StateDirError(describeDiskError(error, path), { cause: error }) : error;
}

/** Durable, whole-file write of a state file. */
export function writeState(dir: StateDir, path: string, content: string): Promise<void> {
  return replaceFile(path, content, dir.disk);
}

/** The same, keeping what the file held before. A crash between the two renames leaves that alone, as the previous one. */
export function writeKept(dir: StateDir, { path, previous }: KeptFile, content: string): Promise<void> {
  return replaceFile(path, content, dir.disk, previous);
}

/** One sentence for an operator about a failed file operation. */
export function describeDiskError(error: unknown, path: string): string {
  if (isErrno(error, 'EACCES', 'EPERM', 'EROFS')) {
    return `The data directory ${path} is not writable for this user. Give it to the agent's user or set GATEHOUSE_DATA_DIR.`;
  }
  if (isErrno(error, 'ENOSPC', 'EDQUOT'))
    return `The disk of ${path} is full. Free some space; the agent then goes on by itself.`;
  if (isErrno(error, 'ENOTDIR', 'EEXIST', 'EISDIR', 'ELOOP')) {
    const at = error.path?.replace(/\.new$/, '') ?? path;
    if (!at.startsWith(`${path}${sep}`)) return `${at} is not a directory. Set GATEHOUSE_DATA_DIR to a directory.`;
    return `${at} is not what the agent keeps there (${error.code}). Move it away; the agent makes it again.`;
  }
  return `The data directory ${path} cannot be used (${error instanceof Error ? error.message : String(error)}).`;
}
