import { randomBytes } from 'node:crypto';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';

import { readAppliedMigrations } from '../migration-state.ts';
import { toBlock } from './byte-reader.ts';
import { countRows, SAME_TEXT } from './copy-text.ts';
import { writeFrames } from './frames.ts';
import type { BackupFacts, BackupManifest, TableFoot, TableHead } from './manifest.ts';
import { listPartitionMonths, listProductTables, type ProductTable } from './tables.ts';

export interface BackupOptions {
  /** of a role that reads every row: a superuser, or one with BYPASSRLS and pg_read_all_data */
  url: string;
  /** of this release */
  version: string;
  /** 32 bytes; null: the file is not sealed */
  key: Buffer | null;
  /** where it goes; ended with the backup unless it is standard output */
  sink: Writable;
}

/**
 * Writes every row of every table, as of one moment, while everything goes on; in memory there is never more than some pieces of it. Throws a
 * sentence when the role does not see all rows, or there is no migrated database.
 */
export async function writeBackup({ url, version, key, sink }: BackupOptions): Promise<BackupFacts> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; ${SAME_TEXT}
      SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL lock_timeout = '1min'`);
    await requireAllRows(client);
    const migrations = await readAppliedMigrations(client);
    if (migrations.length === 0)
      throw new Error('There is nothing to back up: no migration of this product was applied to the database.');
    const manifest: BackupManifest = {
      product: 'gatehouse',
      format: 1,
      version,
      migrations,
      months: await listPartitionMonths(client),
      madeAt: new Date().toISOString(),
      sealed: key !== null,
      salt: randomBytes(32).toString('base64url'),
    };
    const tables = (await listProductTables(client)).filter(({ isLeftOut }) => !isLeftOut);
    const counted = { rows: 0 };
    await pipeline(
      readRows(client, tables, counted),
      createGzip({ level: 6 }),
      (source: AsyncIterable<Buffer>) => writeFrames(`${JSON.stringify(manifest)}\n`, key, source),
      sink,
      { end: sink !== process.stdout },
    );
    return { manifest, tables: tables.length, ...counted };
  } finally {
    await client.end();
  }
}

async function requireAllRows(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ sees: boolean; name: string }>(
    'SELECT rolsuper OR rolbypassrls AS sees, rolname AS name FROM pg_roles WHERE rolname = current_user',
  );
  const [role] = rows;
  if (role?.sees === true) return;
  throw new Error(
    `${role?.name ?? 'This role'} is held to single workspaces by row level security, as the owner of the database is. Back up as a role with BYPASSRLS in pg_read_all_data.`,
  );
}

/** Each table: its head, its rows in pieces, an empty piece, its foot. An empty block ends them. Adds up the rows. */
async function* readRows(client: pg.Client, tables: readonly ProductTable[], counted: { rows: number }): AsyncGenerator<Buffer> {
  for (const { name, columns } of tables) {
    const head: TableHead = { table: name, columns };
    yield toBlock(Buffer.from(JSON.stringify(head)));
    const list = columns.map((column) => pg.escapeIdentifier(column)).join(', ');
    const copy: AsyncIterable<Buffer> = client.query(copyTo(`COPY (SELECT ${list} FROM ${name}) TO STDOUT`));
    const foot: TableFoot = { rows: 0 };
    for await (const piece of copy) {
      foot.rows += countRows(piece);
      if (piece.length > 0) yield toBlock(piece);
    }
    yield toBlock(Buffer.alloc(0));
    yield toBlock(Buffer.from(JSON.stringify(foot)));
    counted.rows += foot.rows;
  }
  yield toBlock(Buffer.alloc(0));
}
