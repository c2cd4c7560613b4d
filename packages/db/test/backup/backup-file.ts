import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

import { onTestFinished } from 'vitest';

import { toBlock } from '../../src/backup/byte-reader.ts';
import { writeFrames } from '../../src/backup/frames.ts';
import type { BackupManifest } from '../../src/backup/manifest.ts';

/** A folder of its own, which goes with the test. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-backup-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** A table of a file made by hand: its rows as COPY writes them, and how many its foot says that there are. */
export interface WrittenTable {
  table: string;
  columns: string[];
  lines: string[];
  rows?: number;
}

const MANIFEST: BackupManifest = {
  product: 'gatehouse',
  format: 1,
  version: '0.0.0',
  migrations: ['20260101000000_init'],
  months: [],
  madeAt: '2026-11-29T12:00:00.000Z',
  sealed: false,
  salt: randomBytes(32).toString('base64url'),
};

/** A backup that is whole, as whoever knows its form could make it. Returns its bytes. */
export async function buildBackup(
  tables: readonly WrittenTable[],
  { key = null, manifest = {} }: { key?: Buffer | null; manifest?: Partial<BackupManifest> } = {},
): Promise<Buffer> {
  const blocks = tables.flatMap(({ table, columns, lines, rows = lines.length }) => [
    toBlock(Buffer.from(JSON.stringify({ table, columns }))),
    ...lines.map((line) => toBlock(Buffer.from(`${line}\n`))),
    toBlock(Buffer.alloc(0)),
    toBlock(Buffer.from(JSON.stringify({ rows }))),
  ]);
  const packed = gzipSync(Buffer.concat([...blocks, toBlock(Buffer.alloc(0))]));
  const header = `${JSON.stringify({ ...MANIFEST, sealed: key !== null, ...manifest })}\n`;
  const source = async function* (): AsyncGenerator<Buffer> {
    // in pieces, so that there are several frames
    for (let at = 0; at < packed.length; at += 97) yield await Promise.resolve(packed.subarray(at, at + 97));
  };
  return Buffer.concat(await collect(writeFrames(header, key, source())));
}

/** Everything that comes. */
export async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
}

/** Writes the bytes into a file of a folder. Returns its path. */
export async function writeInto(folder: string, bytes: Uint8Array | string): Promise<string> {
  const file = join(folder, `${randomBytes(6).toString('hex')}.backup`);
  await writeFile(file, bytes);
  return file;
}

/** The file, with its first line changed. */
export async function editManifest(file: string, change: (manifest: BackupManifest) => Partial<BackupManifest>): Promise<Buffer> {
  const bytes = await readFile(file);
  const end = bytes.indexOf(0x0a);
  const manifest = JSON.parse(bytes.subarray(0, end).toString('utf8')) as BackupManifest;
  return Buffer.concat([Buffer.from(JSON.stringify({ ...manifest, ...change(manifest) })), bytes.subarray(end)]);
}
