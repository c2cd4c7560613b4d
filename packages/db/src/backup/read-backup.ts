import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';

import type { z } from 'zod';

import { ByteReader } from './byte-reader.ts';
import { countRows } from './copy-text.ts';
import { DamagedBackup } from './damaged-backup.ts';
import { readFrames } from './frames.ts';
import { type BackupFacts, BackupManifest, MAX_MANIFEST_BYTES, TableFoot, TableHead } from './manifest.ts';

/** Longest piece of rows: COPY comes in pieces of what a socket holds. */
const MAX_PIECE_BYTES = 1 << 26;
const MAX_HEAD_BYTES = 1 << 20;

/** Is given the rows of one table as COPY wrote them; has to take all of them. */
export type TakeTable = (head: TableHead, rows: AsyncIterable<Buffer>) => Promise<void>;

/**
 * Reads all of a backup, table by table. Throws DamagedBackup where it is no backup, is cut off, damaged or was changed, for much of which the end has
 * to be reached: what `take` did before has to be undone then. Throws a sentence where the file cannot be read. `key`: what it was sealed with; null: there is none.
 */
export async function readBackup(file: string, key: Buffer | null, take: TakeTable): Promise<BackupFacts> {
  const source = createReadStream(file);
  try {
    const reader = new ByteReader(source);
    const line = await reader.readLine(MAX_MANIFEST_BYTES);
    const manifest = BackupManifest.safeParse(parseJson(line)).data;
    if (!manifest) throw new DamagedBackup('The file is no backup of this product, or one in a later form.');
    if (manifest.sealed && key === null) throw new DamagedBackup('The backup is sealed: set GATEHOUSE_BACKUP_KEY_FILE.');
    if (!manifest.sealed && key !== null) {
      throw new DamagedBackup(
        'The backup is not sealed, so anybody who had it may have changed it, and GATEHOUSE_BACKUP_KEY is set. Unset that to use the file all the same.',
      );
    }
    const counted = { tables: 0, rows: 0 };
    await pipeline(readFrames(`${line}\n`, key, reader), createGunzip(), (bytes: AsyncIterable<Buffer>) =>
      readTables(new ByteReader(bytes), take, counted),
    );
    return { manifest, ...counted };
  } catch (error) {
    throw toReadFault(error, file);
  } finally {
    source.destroy();
  }
}

/** Reads the whole of it and does nothing with it. */
export function verifyBackup(file: string, key: Buffer | null): Promise<BackupFacts> {
  return readBackup(file, key, async (_, rows) => {
    for await (const _piece of rows) continue;
  });
}

async function readTables(reader: ByteReader, take: TakeTable, counted: { tables: number; rows: number }): Promise<void> {
  for (;;) {
    const head = await reader.readBlock(MAX_HEAD_BYTES);
    if (head.length === 0) return reader.requireEnd();
    let rows = 0;
    const pieces = async function* (): AsyncGenerator<Buffer> {
      for (;;) {
        const piece = await reader.readBlock(MAX_PIECE_BYTES);
        if (piece.length === 0) return;
        rows += countRows(piece);
        yield piece;
      }
    };
    const { table, columns } = parseRecord(head, TableHead);
    await take({ table, columns }, pieces());
    const foot = parseRecord(await reader.readBlock(MAX_HEAD_BYTES), TableFoot);
    if (rows !== foot.rows)
      throw new DamagedBackup(`The file has ${rows} rows of ${table} and says that it has ${foot.rows}: it is damaged.`);
    counted.tables += 1;
    counted.rows += rows;
  }
}

function parseRecord<Schema extends z.ZodType>(bytes: Buffer, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(parseJson(bytes.toString('utf8')));
  if (!parsed.success) throw new DamagedBackup('A part of the file cannot be read: the file is damaged.');
  return parsed.data;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function toReadFault(error: unknown, file: string): unknown {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (/^Z_|^ERR_ZLIB/.test(code)) return new DamagedBackup('The file is damaged: what is in it cannot be unpacked.');
  return /^E[A-Z]+$/.test(code) ? new Error(`${file} cannot be read (${code}).`, { cause: error }) : error;
}
