import { hash as computeHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { makeFolders } from '@gatehouse/process/folders';

import { isErrno, removeIfThere } from './disk.ts';
import { readBytesOf, UnreadableFile } from './read-file.ts';
import type { StateDir } from './state-dir.ts';

/** Files that are written but not yet on the disk. */
const MOST_PENDING = 16;

/** The parts of configurations on disk, each in a file that is named by the SHA-256 of its bytes. What a file holds is believed only by that. */
export class PartStore {
  readonly #dir: StateDir;
  #pending: Promise<void>[] = [];

  constructor(dir: StateDir) {
    this.#dir = dir;
  }

  /** Null when it is not there, or damaged. */
  read(hash: string): Buffer | null {
    try {
      const bytes = readBytesOf(this.#nameFile(hash));
      return computeHash('sha256', bytes) === hash ? bytes : null;
    } catch (error) {
      if (error instanceof UnreadableFile || isErrno(error, 'ENOENT')) return null;
      throw error;
    }
  }

  /** Writes a part, which is sure to be on the disk once `flush` has resolved. Rejects with what this or an earlier one failed of. */
  async write(hash: string, bytes: Uint8Array): Promise<void> {
    if (this.#pending.length === 0) makeFolders(this.#dir.parts);
    const writing = this.#write(hash, bytes);
    // whoever waits for it is told
    writing.catch(() => undefined);
    this.#pending.push(writing);
    if (this.#pending.length >= MOST_PENDING) await this.#settle();
  }

  /** Resolves when everything that was written is on the disk. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    await this.#settle();
    await this.#dir.disk.syncDirectory(this.#dir.parts);
  }

  /** Removes every other file. */
  keepOnly(hashes: ReadonlySet<string>): void {
    const { parts, disk } = this.#dir;
    for (const name of listFiles(parts)) if (!hashes.has(name)) removeIfThere(join(parts, name), disk);
  }

  async #settle(): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    const outcomes = await Promise.allSettled(pending);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }

  async #write(hash: string, bytes: Uint8Array): Promise<void> {
    const { disk } = this.#dir;
    const path = this.#nameFile(hash);
    const temporary = `${path}.new`;
    removeIfThere(temporary, disk);
    const fd = disk.create(temporary);
    try {
      disk.write(fd, bytes);
      await disk.sync(fd);
    } finally {
      disk.close(fd);
    }
    disk.rename(temporary, path);
  }

  #nameFile(hash: string): string {
    return join(this.#dir.parts, hash);
  }
}

function listFiles(path: string): string[] {
  try {
    return readdirSync(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return [];
    throw error;
  }
}
