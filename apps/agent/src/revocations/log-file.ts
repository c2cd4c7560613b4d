import { closeSync, openSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

import type { z } from 'zod';

import { SmallEnvelope } from '@gatehouse/protocol/envelope';

import { isErrno, type Disk } from '../state/disk.ts';
import { parseJson } from '../state/parse-json.ts';

export type Entry = z.infer<typeof SmallEnvelope>;

/** A line is the CRC-32 of the rest in eight hex digits, a space, and the envelope as JSON. A torn or damaged line does not have its sum. */
const LINE = /^([0-9a-f]{8}) (\{.*\})$/;
const CHUNK_BYTES = 256 * 1024;
/** What is longer is no entry. */
const MAX_LINE = 32 * 1024;

/** Every entry of the file in order, null for each line that is damaged. Holds a chunk at a time, whatever the size of the file. */
export function* readEntries(path: string): Generator<Entry | null> {
  for (const line of readLines(path)) {
    const [, sum, json = ''] = LINE.exec(line) ?? [];
    yield sum === formatSum(json) ? parseJson(json, SmallEnvelope) : null;
  }
}

/** Adds entries at the end; durable when it resolves. It begins a line of its own, so that nothing is lost to a torn one before it. */
export async function appendEntries(path: string, entries: readonly Entry[], disk: Disk): Promise<void> {
  const { fd, isNew } = openForAppend(path, disk);
  try {
    disk.write(fd, Buffer.from(`\n${entries.map(formatLine).join('\n')}\n`));
    await disk.sync(fd);
  } finally {
    disk.close(fd);
  }
  if (isNew) await disk.syncDirectory(dirname(path));
}

function openForAppend(path: string, disk: Disk): { fd: number; isNew: boolean } {
  try {
    return { fd: disk.append(path), isNew: false };
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return { fd: disk.create(path), isNew: true };
    throw error;
  }
}

/** Lines that are not empty; an entry is ASCII. A file that is not there has none. */
function* readLines(path: string): Generator<string> {
  const fd = openIfThere(path);
  if (fd === null) return;
  try {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    let rest = '';
    for (let read = readSync(fd, chunk); read > 0; read = readSync(fd, chunk)) {
      const lines = (rest + chunk.toString('latin1', 0, read)).split('\n');
      rest = (lines.pop() ?? '').slice(0, MAX_LINE);
      yield* lines.filter((line) => line !== '');
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(fd);
  }
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null;
    throw error;
  }
}

function formatLine(entry: Entry): string {
  const json = JSON.stringify(entry);
  return `${formatSum(json)} ${json}`;
}

function formatSum(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}
