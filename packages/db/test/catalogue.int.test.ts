import type pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { PROCESS_NAMES, PROCESS_ROLES } from '../src/process-roles.ts';
import { createTestDatabase, type TestDatabase } from '../src/testing.ts';

let database: TestDatabase;
let owner: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  owner = await database.connectOwner();
});
afterAll(() => database.drop());

async function select<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
  return (await owner.query<Row>(sql, values)).rows;
}

/** Every table of ours, partitions and all; `tenanted` when it has a tenant_id. */
async function listTables() {
  return select<{ name: string; enabled: boolean; forced: boolean; partition: boolean; tenanted: boolean }>(`
    SELECT relname AS name, relrowsecurity AS enabled, relforcerowsecurity AS forced, relispartition AS partition,
           EXISTS (SELECT FROM pg_attribute WHERE attrelid = c.oid AND attname = 'tenant_id' AND NOT attisdropped) AS tenanted
    FROM pg_class c WHERE relnamespace IN ('public'::regnamespace, 'receipts'::regnamespace) AND relkind IN ('r', 'p') AND relname <> '_prisma_migrations'`);
}

test('T-30: every table has row level security, forced also on the owner', async () => {
  const found = await listTables();
  expect(found.filter((table) => table.tenanted).length).toBeGreaterThanOrEqual(25);
  expect(found.filter((table) => !table.enabled || !table.forced).map((table) => table.name)).toEqual([]);
});

test('T-30: every table with tenant_id has exactly one policy for each command, and it compares with the current tenant', async () => {
  const policies = await select<{ name: string; cmd: string; permissive: string; using: string | null; check: string | null }>(`
    SELECT tablename AS name, cmd, permissive, qual AS using, with_check AS check FROM pg_policies
    WHERE schemaname IN ('public', 'receipts') AND permissive = 'PERMISSIVE'`);
  for (const table of (await listTables()).filter(({ tenanted }) => tenanted)) {
    const own = policies.filter((policy) => policy.name === table.name);
    const commands = own.flatMap(({ cmd }) => (cmd === 'ALL' ? ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] : [cmd])).sort();
    expect(commands, table.name).toEqual(['DELETE', 'INSERT', 'SELECT', 'UPDATE']);
    for (const { cmd, using, check } of own) {
      if (cmd !== 'INSERT') expect(using, table.name).toMatch(/^\(+tenant_id = app\.(tenant|tenant_unless_presented)\(\)\)/);
      if (cmd !== 'SELECT') expect(check ?? using, table.name).toBe('(tenant_id = app.tenant())');
    }
  }
});

test('what holds the worker back looks who acts, because the owner of the database is a member of its role', async () => {
  const held = await select<{ name: string; text: string }>(`
    SELECT tablename || '.' || policyname AS name, coalesce(qual, '') || coalesce(with_check, '') AS text FROM pg_policies
    WHERE permissive = 'RESTRICTIVE' AND 'gatehouse_worker' = ANY (roles)`);
  expect(held.length).toBeGreaterThanOrEqual(8);
  const blind = held.filter(({ text }) => !text.startsWith("((CURRENT_USER <> 'gatehouse_worker'::name) OR "));
  expect(blind.map(({ name }) => name)).toEqual([]);
});

test('T-30: receipt partitions are there for this month and the next two, and guarded like their parent', async () => {
  const partitions = (await listTables()).filter((table) => table.partition).map((table) => table.name);
  const months = [0, 1, 2].map((ahead) => {
    const now = new Date();
    return `receipt_${new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + ahead, 1)).toISOString().slice(0, 7).replace('-', '_')}`;
  });
  expect(partitions.sort()).toEqual([...months, 'months', 'receipt_default'].sort());
  const granted = await select(
    `SELECT FROM information_schema.role_table_grants WHERE grantee <> $1 AND table_schema = 'receipts'`,
    [PROCESS_ROLES.worker],
  );
  expect(granted).toHaveLength(0);
});

test.each(PROCESS_NAMES)(
  'T-30: the role of the %s bypasses nothing, is no other role and can make nothing of ours',
  async (name) => {
    const [role] = await select(
      `SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolinherit,
            has_schema_privilege($1, 'public', 'CREATE') AS public_ddl, has_schema_privilege($1, 'app', 'CREATE') AS app_ddl,
            has_schema_privilege($1, 'bullmq', 'CREATE') AS queue_ddl, has_schema_privilege($1, 'receipts', 'CREATE') AS receipts_ddl,
            has_database_privilege($1, current_database(), 'CREATE') AS database_ddl,
            (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid AND relnamespace <> 'receipts'::regnamespace AND relkind IN ('r', 'p')) AS owned,
            (SELECT count(*)::int FROM pg_auth_members WHERE member = r.oid) AS memberships
     FROM pg_roles r WHERE rolname = $1`,
      [PROCESS_ROLES[name]],
    );
    expect(role).toEqual({
      rolsuper: false,
      rolbypassrls: false,
      rolcreaterole: false,
      rolcreatedb: false,
      rolreplication: false,
      rolinherit: false,
      public_ddl: false,
      app_ddl: false,
      queue_ddl: false,
      receipts_ddl: name === 'worker',
      database_ddl: false,
      owned: 0,
      memberships: 0,
    });
  },
);

test('T-30: receipt partitions are the worker’s, the table in front of them is not', async () => {
  const owners = await select<{ name: string; owner: string }>(`
    SELECT oid::regclass::text AS name, relowner::regrole::text AS owner FROM pg_class
    WHERE relkind IN ('r', 'p') AND (relnamespace = 'receipts'::regnamespace OR oid = 'public.receipt'::regclass)`);
  expect(owners.length).toBeGreaterThanOrEqual(6);
  for (const { name, owner: found } of owners) expect(found === PROCESS_ROLES.worker, name).toBe(name !== 'receipt');
});

test('the role that all processes once shared keeps no right', async () => {
  const [left] = await select(`
    SELECT count(*)::int AS rights FROM pg_class c, aclexplode(c.relacl) acl WHERE acl.grantee = 'gatehouse_app'::regrole`);
  expect(left).toEqual({ rights: 0 });
});

test('T-31: nobody may truncate a table or refer to one, and no process can read files', async () => {
  const grants = await select(
    `SELECT table_name, privilege_type FROM information_schema.role_table_grants
     WHERE grantee = ANY($1) AND table_schema IN ('public', 'bullmq') AND privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE')`,
    [[...Object.values(PROCESS_ROLES), 'PUBLIC']],
  );
  expect(grants).toEqual([]);
  for (const name of PROCESS_NAMES) {
    const [files] = await select(`SELECT has_function_privilege($1, 'pg_read_file(text)', 'EXECUTE') AS read`, [
      PROCESS_ROLES[name],
    ]);
    expect(files, name).toEqual({ read: false });
  }
});

test('T-31: there is no security definer function, no view and no materialised view', async () => {
  const definers = await select(`
    SELECT oid::regprocedure FROM pg_proc WHERE prosecdef AND pronamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`);
  expect(definers).toEqual([]);
  const views = await select(`
    SELECT relname FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)`);
  expect(views).toEqual([]);
});

test('T-31: unique indexes and foreign keys of tenant tables start with tenant_id', async () => {
  const indexes = await select<{ name: string; first: string }>(`
    SELECT i.indexrelid::regclass::text AS name, a.attname AS first
    FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
    WHERE i.indisunique AND i.indrelid IN
      (SELECT attrelid FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE attname = 'tenant_id' AND relnamespace = 'public'::regnamespace)`);
  expect(indexes.length).toBeGreaterThan(30);
  expect(indexes.filter((index) => index.first !== 'tenant_id')).toEqual([]);

  const keys = await select<{ name: string; first: string; target: string }>(`
    SELECT k.conname AS name, a.attname AS first, k.confrelid::regclass::text AS target
    FROM pg_constraint k JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
    WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace`);
  const toTenants = keys.filter((key) => key.target !== '"user"');
  expect(toTenants.length).toBeGreaterThan(20);
  expect(toTenants.filter((key) => key.first !== 'tenant_id')).toEqual([]);
});

test('T-31: every row of a tenant goes with the tenant’s own, but receipts, whose partitions are the worker’s', async () => {
  const left = await select<{ name: string }>(`
    WITH RECURSIVE gone (oid) AS (
      SELECT 'public.tenant'::regclass::oid
      UNION
      SELECT k.conrelid FROM gone JOIN pg_constraint k ON k.confrelid = gone.oid AND k.contype = 'f' AND k.confdeltype = 'c'
        AND (SELECT attname FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = k.conkey[1]) = 'tenant_id'
    )
    SELECT c.relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
    WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.oid NOT IN (SELECT oid FROM gone)`);
  expect(left).toEqual([{ name: 'receipt' }]);
});
