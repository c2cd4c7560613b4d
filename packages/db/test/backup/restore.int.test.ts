import { createWriteStream } from 'node:fs';
import { join } from 'node:path';

import pg from 'pg';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';

import type { BackupFacts } from '../../src/backup/manifest.ts';
import { restoreBackup, type RestoreOptions } from '../../src/backup/restore-backup.ts';
import { writeBackup } from '../../src/backup/write-backup.ts';
import { applyMigrations } from '../../src/migrate.ts';
import { PRISMA_DIR, readMigrations } from '../../src/migration-files.ts';
import { ensureReceiptPartitions } from '../../src/receipt-partitions.ts';
import { withDatabase } from '../../src/schema-engine.ts';
import { runInTenant } from '../../src/tenant.ts';
import { makeJoinToken, makeTenant, openTestDatabase, readAllRows } from '../../src/testing.ts';
import { runAdmin } from '../../src/testing/postgres-server.ts';
import { makeFullTenant, makeReceiptRow } from '../tenant-rows.ts';
import { buildBackup, makeFolder, writeInto } from './backup-file.ts';

const server = inject('testPostgres');
let source: Awaited<ReturnType<typeof openTestDatabase>>;
let tenantId: string;
beforeAll(async () => {
  source = await openTestDatabase();
  ({ tenantId } = await makeFullTenant(source.db));
  await makeFullTenant(source.db);
  await insertReceipts(new Date('2026-02-03T00:00:00Z'), 300);
  await ensureReceiptPartitions(source.ownerUrl, { now: new Date('2026-02-03T00:00:00Z'), monthsAhead: 0 });
});
afterAll(() => source.drop());

async function insertReceipts(receivedAt: Date, count: number): Promise<void> {
  const data = Array.from({ length: count }, () => makeReceiptRow(tenantId, { receivedAt }));
  await runInTenant(source.db, tenantId, (tx) => tx.receipt.createMany({ data }));
}

let made = 0;
/** A database without a table, or one that is migrated and holds nothing. Goes with the test. */
async function makeDatabase(how = `TEMPLATE ${server.template}`): Promise<string> {
  const name = `gatehouse_restored_${process.pid}_${(made += 1)}`;
  await runAdmin(server.ownerUrl, `CREATE DATABASE ${name} ${how}`);
  onTestFinished(() => runAdmin(server.ownerUrl, `DROP DATABASE ${name} WITH (FORCE)`));
  return withDatabase(server.ownerUrl, name);
}

async function makeBackup(options: { url?: string; key?: Buffer | null } = {}): Promise<{ file: string; facts: BackupFacts }> {
  const file = join(await makeFolder(), 'file');
  const sink = createWriteStream(file);
  const facts = await writeBackup({ url: source.ownerUrl, version: '1.2.3', key: null, ...options, sink });
  return { file, facts };
}

const EMPTY = 'TEMPLATE template0';

const restore = (ownerUrl: string, file: string, options: Partial<RestoreOptions> = {}) =>
  restoreBackup({ ownerUrl, file, key: null, replace: false, ...options });

async function select(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Every row of the product's tables, sorted, but for what a restore changes. */
async function readProduct(url: string): Promise<string[]> {
  const rows = await readAllRows((sql) => select(url, sql.replace("'information_schema'", "'information_schema', 'bullmq'")));
  return rows
    .filter((row) => !row.includes('"migration_name"') && !row.includes('"token_hash"') && !/"points"|"ip": /.test(row))
    .toSorted();
}

/** What protects the rows: policies, whether they bind the owner, rights, sequences. */
const GUARDS = `
  SELECT c.oid::regclass::text || ' ' || relrowsecurity || ' ' || relforcerowsecurity || ' ' || coalesce(relacl::text, '') AS text
  FROM pg_class c WHERE relnamespace IN ('public'::regnamespace, 'receipts'::regnamespace) AND relkind IN ('r', 'p') AND relname !~ '^receipt_\\d'
  UNION ALL SELECT concat_ws(' ', tablename, policyname, roles, cmd, qual, with_check) FROM pg_policies WHERE tablename !~ '^receipt_\\d' ORDER BY 1`;

test('a backup into an empty database: every row of every table, rights and row security, receipts in the partitions of their months', async () => {
  const { file, facts } = await makeBackup();
  const ownerUrl = await makeDatabase(EMPTY);
  const restored = await restore(ownerUrl, file);
  expect(restored).toMatchObject({ rows: facts.rows, tables: facts.tables, applied: [], withdrawn: { links: 2, joinTokens: 2 } });
  expect(facts.rows).toBeGreaterThan(350);
  const rows = await readProduct(ownerUrl);
  expect(rows.length).toBeGreaterThan(350);
  expect(rows).toEqual(await readProduct(source.ownerUrl));
  // rights of the role that fixtures are written with are of the tests alone
  const withoutFixtures = (guards: Record<string, unknown>[]) =>
    guards.map(({ text }) => String(text).replaceAll(/,?gatehouse_fixture=[^,}]*/g, ''));
  expect(withoutFixtures(await select(ownerUrl, GUARDS))).toEqual(withoutFixtures(await select(source.ownerUrl, GUARDS)));
  expect(await select(ownerUrl, 'SELECT FROM console_session')).toEqual([]);
  expect(await select(ownerUrl, `SELECT FROM receipts.receipt_default`)).toEqual([]);
});

test('every table of the product is in the backup, or said to be left out; none has a sequence that would have to be set', async () => {
  const { facts } = await makeBackup();
  const [tables] = await select(
    source.ownerUrl,
    `SELECT count(*)::int AS count FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
     AND NOT relispartition AND relname NOT IN ('_prisma_migrations', 'console_session', 'passkey_challenge', 'rate_limit')`,
  );
  expect(facts.tables).toBe(tables?.['count']);
  expect(await select(source.ownerUrl, `SELECT FROM pg_sequences WHERE schemaname <> 'bullmq'`)).toEqual([]);
});

test('an owner that is no superuser restores, and is refused the backup, which a role that only reads makes', async () => {
  const [owner, reader] = [`owner_${process.pid}`, `reader_${process.pid}`];
  await runAdmin(server.ownerUrl, `CREATE ROLE ${owner} LOGIN CREATEROLE PASSWORD 'plain'`);
  await runAdmin(server.ownerUrl, `GRANT gatehouse_console, gatehouse_hub, gatehouse_worker TO ${owner} WITH ADMIN OPTION`);
  await runAdmin(server.ownerUrl, `CREATE ROLE ${reader} LOGIN BYPASSRLS PASSWORD 'plain' IN ROLE pg_read_all_data`);
  onTestFinished(async () => {
    await runAdmin(server.ownerUrl, `DROP ROLE ${reader}`);
    await runAdmin(server.ownerUrl, `DROP OWNED BY ${owner}`);
    await runAdmin(server.ownerUrl, `DROP ROLE ${owner}`);
  });
  const as = (url: string, username: string) => Object.assign(new URL(url), { username, password: 'plain' }).href;
  const ownerUrl = as(await makeDatabase(`OWNER ${owner}`), owner);
  const { file } = await makeBackup({ url: as(source.ownerUrl, reader) });
  await restore(ownerUrl, file);
  const superuserUrl = Object.assign(new URL(server.ownerUrl), { pathname: new URL(ownerUrl).pathname }).href;
  expect(await readProduct(superuserUrl)).toEqual(await readProduct(source.ownerUrl));
  await expect(makeBackup({ url: ownerUrl })).rejects.toThrow(`${owner} is held to single workspaces by row level security`);
});

test('what changes while a backup is written is in it or not, as of one moment', async () => {
  const folder = await makeFolder();
  const sink = createWriteStream(join(folder, 'file'));
  const stop = new AbortController();
  let at = 0;
  const writing = (async () => {
    // receipts of a tenant that is made in the same transaction: one without the other would not restore
    for (; !stop.signal.aborted; at += 1) {
      const { id } = await makeTenant(source.db);
      await runInTenant(source.db, id, (tx) => tx.receipt.create({ data: makeReceiptRow(id) }));
    }
  })();
  await expect.poll(() => at).toBeGreaterThan(3);
  await writeBackup({ url: source.ownerUrl, version: '1.2.3', key: null, sink });
  stop.abort();
  await writing;
  const ownerUrl = await makeDatabase();
  await restore(ownerUrl, join(folder, 'file'));
  const [left] = await select(
    ownerUrl,
    'SELECT count(*)::int AS count FROM receipt r WHERE NOT EXISTS (SELECT FROM tenant WHERE id = r.tenant_id)',
  );
  expect(left).toEqual({ count: 0 });
});

test('a database that holds something is refused until it is said that this may go; links and tokens that were open then are not', async () => {
  const { file } = await makeBackup();
  const before = await readProduct(source.ownerUrl);
  const ownerUrl = await makeDatabase();
  await restore(ownerUrl, file);
  await select(ownerUrl, `UPDATE tenant SET name = 'Changed since'`);
  await expect(restore(ownerUrl, file)).rejects.toThrow('The database holds data');
  expect(await select(ownerUrl, 'SELECT DISTINCT name FROM tenant')).toEqual([{ name: 'Changed since' }]);
  await restore(ownerUrl, file, { replace: true });
  expect(await readProduct(ownerUrl)).toEqual(before);
  expect(await select(ownerUrl, 'SELECT FROM account_token WHERE used_at IS NULL AND withdrawn_at IS NULL')).toEqual([]);
  expect(await select(ownerUrl, 'SELECT FROM join_token WHERE used_at IS NULL AND revoked_at IS NULL')).toEqual([]);
});

test('while a process is connected nothing is restored', async () => {
  const { file } = await makeBackup();
  const hub = new pg.Client({ connectionString: source.urls.hub });
  await hub.connect();
  onTestFinished(() => hub.end());
  await expect(restore(source.ownerUrl, file, { replace: true })).rejects.toThrow('gatehouse_hub is connected');
});

test('a file of a later release is refused, and so is a database that is ahead of the file', async () => {
  const { file, facts } = await makeBackup();
  const ownerUrl = await makeDatabase(EMPTY);
  const { migrations } = facts.manifest;
  const folder = await makeFolder();
  const build = (names: string[]) => buildBackup([], { manifest: { migrations: names } });
  const later = await writeInto(folder, await build([...migrations, '20990101000000_later']));
  await expect(restore(ownerUrl, later)).rejects.toThrow('of a later release than this one (0.0.0, with 20990101000000_later)');
  expect(await select(ownerUrl, `SELECT to_regclass('tenant') AS tenant`)).toEqual([{ tenant: null }]);
  await restore(ownerUrl, file);
  const earlier = await writeInto(folder, await build(migrations.slice(0, -1)));
  await expect(restore(ownerUrl, earlier, { replace: true })).rejects.toThrow(
    'The database has a migration that the backup does not have',
  );
});

test('a file of an earlier release is restored and then migrated', async () => {
  const names = (await readMigrations()).migrationDirectories.map(({ path }) => path);
  const earlier = names.slice(0, -4);
  const old = await makeDatabase(EMPTY);
  await applyMigrations(old, PRISMA_DIR, earlier);
  await select(old, `SELECT set_config('app.tenant_id', gen_random_uuid()::text, false)`);
  await select(old, `INSERT INTO tenant (id, slug, name) VALUES (gen_random_uuid(), 'acme', 'Acme')`);
  const { file } = await makeBackup({ url: old });
  const ownerUrl = await makeDatabase(EMPTY);
  expect((await restore(ownerUrl, file)).applied).toEqual(names.slice(-4));
  expect(await select(ownerUrl, 'SELECT slug FROM tenant')).toEqual([{ slug: 'acme' }]);
});

test('rows that the database does not take change nothing of what it held', async () => {
  const ownerUrl = await makeDatabase();
  const { file, facts } = await makeBackup();
  await restore(ownerUrl, file);
  const before = await readProduct(ownerUrl);
  const { migrations } = facts.manifest;
  const folder = await makeFolder();
  const attempts: [Parameters<typeof buildBackup>[0], RegExp][] = [
    [[{ table: 'public.tenant', columns: ['id', 'slug'], lines: ['no uuid\tacme'] }], /uuid/],
    [
      [{ table: 'public.site', columns: ['tenant_id', 'id', 'slug', 'name'], lines: [`${tenantId}\t${tenantId}\thel\tHel`] }],
      /foreign key/,
    ],
    [[{ table: 'pg_catalog.pg_authid', columns: ['rolname'], lines: ['mallory'] }], /has a table pg_catalog\.pg_authid/],
    [[{ table: 'public.tenant', columns: ['id', 'no_such'], lines: [] }], /has a column no_such of public\.tenant/],
  ];
  for (const [tables, said] of attempts) {
    const crafted = await writeInto(folder, await buildBackup(tables, { manifest: { migrations } }));
    await expect(restore(ownerUrl, crafted, { replace: true })).rejects.toThrow(said);
  }
  expect(await readProduct(ownerUrl)).toEqual(before);
  expect(await listUnforced(ownerUrl)).toEqual([]);
});

/** Tables in which row security does not bind their owner. */
function listUnforced(ownerUrl: string) {
  return select(
    ownerUrl,
    `SELECT relname FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 'receipts'::regnamespace) AND relkind IN ('r', 'p')
     AND NOT relforcerowsecurity AND relname <> '_prisma_migrations'`,
  );
}

/** Whoever writes to the table waits, until this is called. */
async function stopWrites(ownerUrl: string, table: string): Promise<() => Promise<void>> {
  const holder = new pg.Client({ connectionString: ownerUrl });
  await holder.connect();
  onTestFinished(() => holder.end());
  await holder.query('SELECT pg_advisory_lock(62)');
  await select(
    ownerUrl,
    `CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock_shared(62); RETURN NEW; END';
     CREATE TRIGGER hold BEFORE INSERT ON ${table} FOR EACH STATEMENT EXECUTE FUNCTION hold()`,
  );
  return async () => void (await holder.query('SELECT pg_advisory_unlock(62)'));
}

/** Connections of this database that wait for that. */
const WAITING = `FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND wait_event = 'advisory'`;

test('a restore that dies half-way has changed nothing, and the next one goes through', async () => {
  const ownerUrl = await makeDatabase();
  const { file } = await makeBackup();
  await restore(ownerUrl, file);
  await select(ownerUrl, `SELECT set_config('app.tenant_id', '${tenantId}', false); UPDATE tenant SET name = 'Changed since'`);
  const before = await readProduct(ownerUrl);
  const release = await stopWrites(ownerUrl, 'public.receipt');
  const dying = restore(ownerUrl, file, { replace: true }).then(
    () => 'restored',
    () => 'died',
  );
  // tables before this one are full by now, those after it are empty
  await expect.poll(() => select(ownerUrl, `SELECT pid ${WAITING}`)).toHaveLength(1);
  await select(ownerUrl, `SELECT pg_terminate_backend(pid) ${WAITING}`);
  expect(await dying).toBe('died');
  await release();
  expect(await readProduct(ownerUrl)).toEqual(before);
  expect(await listUnforced(ownerUrl)).toEqual([]);
  await restore(ownerUrl, file, { replace: true });
  expect(await readProduct(ownerUrl)).toEqual(await readProduct(source.ownerUrl));
});

test('one that cannot migrate afterwards says that the rows are there, and what to run', async () => {
  const names = (await readMigrations()).migrationDirectories.map(({ path }) => path);
  const old = await makeDatabase(EMPTY);
  await applyMigrations(old, PRISMA_DIR, names.slice(0, -4));
  const { file } = await makeBackup({ url: old });
  const ownerUrl = await makeDatabase(EMPTY);
  await select(ownerUrl, 'CREATE SCHEMA bullmq; CREATE VIEW bullmq.job AS SELECT 1 AS one');
  await expect(restore(ownerUrl, file)).rejects.toThrow(/^The database is as the backup has it, and .* Run gatehouse migrate /);
});

test('a process that connects while the file is read stops it', async () => {
  const ownerUrl = await makeDatabase();
  const { file } = await makeBackup();
  await restore(ownerUrl, file);
  const holder = new pg.Client({ connectionString: ownerUrl });
  await holder.connect();
  onTestFinished(() => holder.end());
  await holder.query('BEGIN; LOCK TABLE tenant IN ACCESS SHARE MODE');
  const restoring = restore(ownerUrl, file, { replace: true }).then(
    () => 'restored',
    (error: Error) => error.message,
  );
  // it has looked once, and waits for the tables
  const waits = `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  await expect.poll(() => select(ownerUrl, waits)).toHaveLength(1);
  const hub = new pg.Client({ connectionString: withDatabase(source.urls.hub, new URL(ownerUrl).pathname.slice(1)) });
  await hub.connect();
  onTestFinished(() => hub.end());
  await holder.query('ROLLBACK');
  expect(await restoring).toContain('gatehouse_hub is connected');
  expect(await listUnforced(ownerUrl)).toEqual([]);
});

test('a sealed backup restores with its key, and what was not used then is withdrawn', async () => {
  const key = Buffer.alloc(32, 7);
  const { id } = await makeJoinToken(source.db, tenantId, { expiresAt: new Date(Date.now() + 60_000) });
  const { file } = await makeBackup({ key });
  const ownerUrl = await makeDatabase();
  await expect(restore(ownerUrl, file)).rejects.toThrow('The backup is sealed');
  await restore(ownerUrl, file, { key });
  expect(await select(ownerUrl, `SELECT FROM join_token WHERE id = '${id}' AND revoked_at IS NOT NULL`)).toHaveLength(1);
});
