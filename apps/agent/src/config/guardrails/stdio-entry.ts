import { createHash } from 'node:crypto';
import { accessSync, constants, createReadStream, realpathSync, statSync, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { formatPosixWord } from '@gatehouse/process/shell-command';

import { isErrno } from '../../state/disk.ts';

/** A stdio server the customer allows by name. A snapshot can only name it. */
export interface StdioEntry {
  /** absolute path, no symbolic link */
  command: string;
  args: readonly string[];
  cwd: string;
  /** names of environment variables handed on from the agent's own environment */
  env: readonly string[];
  /** SHA-256 hex by absolute path: the command and every argument that is a file */
  sha256: Readonly<Record<string, string>>;
  /** processes of this entry at one time; 16 when left out */
  maxProcesses?: number;
  /** resident memory of a process and everything that it started; 1024 when left out */
  maxMemoryMb?: number;
  /** a process that nobody used for this long is ended; 10 when left out */
  idleMinutes?: number;
  /** `none`: it may do whatever the agent's user may; `required` when left out */
  sandbox?: 'required' | 'none';
  /** it reaches what this machine reaches; false when left out */
  network?: boolean;
  /** whose rights it has when the agent runs as root */
  user?: string;
  /** what it sees beside its command, the files and folders among its arguments and its working folder; when left out, what its scripts load from */
  read?: readonly string[];
  /** what it may change */
  write?: readonly string[];
}

/** The entry must not be started; one line for the receipt and the console. */
export class StdioEntryRefused extends Error {
  override readonly name = 'StdioEntryRefused';
}

/** Verifies every hash now and returns the entry to spawn. Throws StdioEntryRefused. */
export async function openStdioEntry(entries: ReadonlyMap<string, StdioEntry>, name: string): Promise<StdioEntry> {
  const entry = entries.get(name);
  if (!entry) throw new StdioEntryRefused(`No stdio entry "${name}" in the guardrails of this agent.`);
  for (const file of listHashedFiles(entry)) await verifyFile(name, file, entry.sha256[file]);
  return entry;
}

/** Everything on this machine because of which the entry would not be started now. */
export async function listEntryProblems(name: string, entry: StdioEntry): Promise<string[]> {
  // a file without a hash is wrong in the guardrails already
  const hashed = Object.entries(entry.sha256);
  const verified = await Promise.allSettled(hashed.map(([file, hash]) => verifyFile(name, file, hash)));
  const wrong = verified.flatMap((result) => {
    if (result.status === 'fulfilled') return [];
    if (result.reason instanceof StdioEntryRefused) return [result.reason.message];
    throw result.reason;
  });
  const { command, cwd, read = [], write = [] } = entry;
  if (readStat(command)?.isFile() && !canExecute(command)) {
    wrong.push(
      `stdio entry "${name}": ${command} cannot be executed by the agent's user. Give it that right: chmod +x ${formatPosixWord(command)}`,
    );
  }
  if (!readStat(cwd)?.isDirectory())
    wrong.push(`stdio entry "${name}": ${cwd} is no folder. Make it, or name another one under cwd.`);
  const named = new Set([command, ...read, ...write]);
  const missing = [...named].filter((path) => !readStat(path) && entry.sha256[path] === undefined);
  return [...wrong, ...missing.map((path) => describeMissing(name, path))];
}

function canExecute(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function listHashedFiles(entry: StdioEntry): string[] {
  return [...new Set([entry.command, ...listFileArguments(entry), ...Object.keys(entry.sha256)])];
}

/** Absolute paths of the arguments that are files, also as `--flag=file`; relative ones as the program would find them. */
export function listFileArguments(entry: Pick<StdioEntry, 'args' | 'cwd'>): string[] {
  return listPathArguments(entry).filter((path) => readStat(path)?.isFile());
}

/** The same of the arguments that are folders. */
export function listFolderArguments(entry: Pick<StdioEntry, 'args' | 'cwd'>): string[] {
  return listPathArguments(entry).filter((path) => readStat(path)?.isDirectory());
}

function listPathArguments({ args, cwd }: Pick<StdioEntry, 'args' | 'cwd'>): string[] {
  const words = args.flatMap((argument) => [argument, argument.slice(argument.indexOf('=') + 1)]);
  return [...new Set(words.filter((word) => word !== '').map((word) => resolve(cwd, word)))];
}

export function describeMissing(name: string, path: string): string {
  return `stdio entry "${name}": ${path} does not exist. Put it there, or name another path.`;
}

export function describeUnhashed(name: string, path: string): string {
  return `stdio entry "${name}": ${path} has no sha256 in the guardrails. Add it under sha256: sha256sum ${path}`;
}

async function verifyFile(name: string, path: string, expected: string | undefined): Promise<void> {
  if (expected === undefined) throw new StdioEntryRefused(describeUnhashed(name, path));
  const stat = readStat(path);
  if (!stat) throw new StdioEntryRefused(describeMissing(name, path));
  // a pipe or a device could be read without end
  if (!stat.isFile()) throw new StdioEntryRefused(`stdio entry "${name}": ${path} is no file. Name a file.`);
  const real = resolveRealPath(name, path);
  if (real !== path)
    throw new StdioEntryRefused(`stdio entry "${name}": ${path} is reached through a symbolic link; name ${real} itself.`);
  const found = await hashFile(path).catch((error: unknown) => {
    if (!isErrno(error, 'EACCES', 'ENOENT')) throw error;
    throw new StdioEntryRefused(`stdio entry "${name}": ${path} cannot be read by the agent's user.`, { cause: error });
  });
  if (found === expected) return;
  throw new StdioEntryRefused(
    `stdio entry "${name}": ${path} has changed since it was allowed (SHA-256 differs). See who changed it; if that was right, write its new hash: sha256sum ${path}`,
  );
}

interface KnownHash {
  /** what the file system says of the file; it changes with every write, also with one that sets the times back */
  state: string;
  sha256: string;
}

const knownHashes = new Map<string, KnownHash>();
const MOST_KNOWN = 1_000;
/** A file that changed this recently may change once more without another time of change. */
const SETTLED_MS = 2_000;

/** SHA-256 of a file, lower-case hex; read again whenever the file is not the very one that was read before. */
export async function hashFile(path: string): Promise<string> {
  const before = await readFileState(path);
  const known = knownHashes.get(path);
  if (known?.state === before.state) return known.sha256;
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  const sha256 = hash.digest('hex');
  const after = await readFileState(path);
  if (knownHashes.size >= MOST_KNOWN) knownHashes.clear();
  if (before.settled && before.state === after.state) knownHashes.set(path, { state: before.state, sha256 });
  return sha256;
}

async function readFileState(path: string): Promise<{ state: string; settled: boolean }> {
  const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = await stat(path, { bigint: true });
  return { state: [dev, ino, size, mtimeNs, ctimeNs].join(':'), settled: Number(ctimeMs) < Date.now() - SETTLED_MS };
}

function resolveRealPath(name: string, path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw new StdioEntryRefused(`stdio entry "${name}": ${path} cannot be read.`, { cause: error });
  }
}

function readStat(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'ENAMETOOLONG', 'ELOOP')) return undefined;
    throw error;
  }
}
