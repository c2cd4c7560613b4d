import { closeSync, constants, fdatasync, fsync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** The file operations that durability rests on, as one seam: tests fail or stop any single step. */
export interface Disk {
  /** new file, mode 0600; fails when it exists */
  create(path: string): number;
  /** existing file, for writing at its end */
  append(path: string): number;
  /** writes all bytes at the end of the file or throws */
  write(fd: number, bytes: Uint8Array): void;
  /** fdatasync */
  sync(fd: number): Promise<void>;
  close(fd: number): void;
  rename(from: string, to: string): void;
  remove(path: string): void;
  /** makes a create, rename or remove in this directory durable */
  syncDirectory(path: string): Promise<void>;
}

const fsyncAsync = promisify(fsync);

export const realDisk: Disk = {
  create: (path) => openSync(path, 'ax', 0o600),
  append: (path) => openSync(path, constants.O_APPEND | constants.O_WRONLY),
  write(fd, bytes) {
    for (let done = 0; done < bytes.length;) done += writeSync(fd, bytes, done);
  },
  sync: promisify(fdatasync),
  close: closeSync,
  rename: renameSync,
  remove: unlinkSync,
  async syncDirectory(path) {
    const fd = openSync(path, 'r');
    try {
      await fsyncAsync(fd);
    } finally {
      closeSync(fd);
    }
  },
};

/** The newest write under way, by path. */
const writing = new Map<string, Promise<void>>();

/** Whole, or in pieces that are made while they are written. */
export type FileContent = string | Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Replaces a file so that a crash at any point leaves the old or the new content, whole. Durable when it resolves. Writes of one file
 * happen in the order of their calls. `previous`: where the old content is kept, and where it may be found alone after a crash.
 */
export function replaceFile(
  path: string,
  content: FileContent,
  disk: Disk = realDisk,
  previous: string | null = null,
): Promise<void> {
  const write = () => replaceNow({ path, content, previous }, disk);
  const before = writing.get(path);
  const now = before ? before.then(write, write) : write();
  writing.set(path, now);
  const forget = () => void (writing.get(path) === now && writing.delete(path));
  now.then(forget, forget);
  return now;
}

interface Replacement {
  path: string;
  content: FileContent;
  previous: string | null;
}

async function replaceNow({ path, content, previous }: Replacement, disk: Disk): Promise<void> {
  const temporary = `${path}.new`;
  removeIfThere(temporary, disk);
  const fd = disk.create(temporary);
  try {
    if (typeof content === 'string') disk.write(fd, Buffer.from(content));
    else if (content instanceof Uint8Array) disk.write(fd, content);
    else for await (const bytes of content) disk.write(fd, bytes);
    await disk.sync(fd);
  } catch (error) {
    removeIfThere(temporary, disk);
    throw error;
  } finally {
    disk.close(fd);
  }
  if (previous !== null) renameIfThere(path, previous, disk);
  disk.rename(temporary, path);
  await disk.syncDirectory(dirname(path));
}

/** Removes a file; a missing one is fine. */
export function removeIfThere(path: string, disk: Disk): void {
  ignoreMissing(() => disk.remove(path));
}

function renameIfThere(from: string, to: string, disk: Disk): void {
  ignoreMissing(() => disk.rename(from, to));
}

function ignoreMissing(operation: () => void): void {
  try {
    operation();
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

/** Whether an error is the named system error (`ENOENT`, `ENOSPC`, ...). */
export function isErrno(error: unknown, ...codes: string[]): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code);
}
