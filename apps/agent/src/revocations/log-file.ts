import { closeSync, readSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';

import type { z } from 'zod';

import { SmallEnvelope } from '@gatehouse/protocol/envelope';

import { isErrno, replaceFile, type Disk } from '../state/disk.ts';
import { parseJson } from '../state/parse-json.ts';
import { openFile } from '../state/read-file.ts';

export type Entry = z.infer<typeof SmallEnvelope>;

/** A line is the CRC-32 of the rest in eight hex digits, a space, and the envelope as JSON, all ASCII. A torn or damaged line does not have its sum. */
const SUM_LENGTH = 8;
const CHUNK_BYTES = 256 * 1024;
/** What is longer is no entry. */
const MAX_LINE = 32 * 1024;
const LINE_FEED = 0x0a;
/** Lines that are written at a time when the file is replaced. */
const PIECE = 500;

/** Where the signed bytes begin in an envelope that `appendEntries` wrote. */
const PAYLOAD = '"payload":"';

/** Every entry of the file in order, null for each line that is damaged. Holds a chunk at a time, whatever the size of the file. */
export function* readEntries(path: string): Generator<Entry | null> {
  for (const json of readWhole(path)) yield json && parseJson(json.toString('latin1'), SmallEnvelope);
}

/** The signed bytes of every entry in order, null for each line that is damaged: all that a start needs of what was verified when it came. */
export function* readPayloads(path: string): Generator<Buffer | null> {
  for (const json of readWhole(path)) yield json && readPayload(json);
}

/** Replaces the file by one with the entries of these signed bytes only. A crash at any point leaves the old or the new one, whole. */
export function keepEntries(path: string, isKept: (payload: Buffer) => boolean, disk: Disk): Promise<void> {
  return replaceFile(path, listKept(path, isKept), disk);
}

/** Their lines, in pieces, with a pause after each for whoever calls meanwhile. */
async function* listKept(path: string, isKept: (payload: Buffer) => boolean): AsyncGenerator<Uint8Array> {
  let lines: string[] = [];
  for (const json of readWhole(path)) {
    if (json && isKept(readPayload(json))) lines.push(formatLine(json.toString('latin1')));
    if (lines.length < PIECE) continue;
    yield Buffer.from(lines.join(''));
    lines = [];
    await setImmediate();
  }
  yield Buffer.from(lines.join(''));
}

function readPayload(json: Buffer): Buffer {
  const start = json.indexOf(PAYLOAD) + PAYLOAD.length;
  return Buffer.from(json.toString('latin1', start, json.indexOf('"', start)), 'base64');
}

/** The JSON of every line whose sum is right, null for each other one. */
function* readWhole(path: string): Generator<Buffer | null> {
  for (const line of readLines(path)) {
    const json = line.subarray(SUM_LENGTH + 1);
    yield line.toString('latin1', 0, SUM_LENGTH) === formatSum(json) ? json : null;
  }
}

/** Adds entries at the end; durable when it resolves. It begins a line of its own, so that nothing is lost to a torn one before it. */
export async function appendEntries(path: string, entries: readonly Entry[], disk: Disk): Promise<void> {
  const { fd, isNew } = openForAppend(path, disk);
  try {
    disk.write(fd, Buffer.from(`\n${entries.map((entry) => formatLine(JSON.stringify(entry))).join('')}`));
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

/** Lines that are not empty, each until the next is asked for. A file that is not there has none. */
function* readLines(path: string): Generator<Buffer> {
  const fd = openIfThere(path);
  if (fd === null) return;
  try {
    const buffer = Buffer.allocUnsafe(CHUNK_BYTES + MAX_LINE);
    let kept = 0;
    for (let read = readSync(fd, buffer, 0, CHUNK_BYTES, null); read > 0; read = readSync(fd, buffer, kept, CHUNK_BYTES, null)) {
      const whole = buffer.subarray(0, kept + read);
      let start = 0;
      for (let end = whole.indexOf(LINE_FEED); end >= 0; end = whole.indexOf(LINE_FEED, start)) {
        if (end > start) yield whole.subarray(start, end);
        start = end + 1;
      }
      kept = Math.min(whole.length - start, MAX_LINE);
      buffer.copyWithin(0, start, start + kept);
    }
    if (kept > 0) yield buffer.subarray(0, kept);
  } finally {
    closeSync(fd);
  }
}

function openIfThere(path: string): number | null {
  try {
    return openFile(path);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return null;
    throw error;
  }
}

function formatLine(json: string): string {
  return `${formatSum(json)} ${json}\n`;
}

function formatSum(json: string | Buffer): string {
  return crc32(json).toString(16).padStart(8, '0');
}
