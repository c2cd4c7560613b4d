import { randomUUID } from 'node:crypto';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { Prisma } from '../src/client.ts';
import { PROCESS_NAMES } from '../src/process-roles.ts';
import { runInLookup, runInTenant, presentKey, type TenantTx } from '../src/tenant.ts';
import { makeMembership, makeUser, openTestDatabase, stripWhere } from '../src/testing.ts';
import { makeFullTenant, makeReceiptRow, type FullTenant } from './tenant-rows.ts';

let database: Awaited<ReturnType<typeof openTestDatabase>>;
let owner: pg.Client;
let alpha: FullTenant;
let beta: FullTenant;

beforeAll(async () => {
  database = await openTestDatabase();
  owner = await database.connectOwner();
  alpha = await makeFullTenant(database.db);
  beta = await makeFullTenant(database.db);
});
afterAll(() => database.drop());

interface Delegate {
  findMany(args?: object): Promise<Array<Record<string, unknown>>>;
  count(args?: object): Promise<number>;
  updateMany(args: { where?: object; data: object }): Promise<{ count: number }>;
  deleteMany(args?: object): Promise<{ count: number }>;
}

const tenantModels = Object.values(Prisma.ModelName).filter((model) => {
  return 'tenantId' in (Prisma as unknown as Record<string, object>)[`${model}ScalarFieldEnum`]!;
});

function getDelegate(tx: TenantTx, model: string): Delegate {
  const name = model.charAt(0).toLowerCase() + model.slice(1);
  return (tx as unknown as Record<string, Delegate>)[name]!;
}

/** Rows of one tenant in every table, as the superuser sees them. */
async function readRows(tenantId: string): Promise<Record<string, unknown[]>> {
  const { rows: tables } = await owner.query<{ name: string }>(`
    SELECT relname AS name FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
    WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition ORDER BY 1`);
  const found: Record<string, unknown[]> = {};
  for (const { name } of tables)
    found[name] = (await owner.query(`SELECT * FROM "${name}" WHERE tenant_id = $1`, [tenantId])).rows;
  return found;
}

test('the test tenants have a row in every table', async () => {
  const rows = await readRows(beta.tenantId);
  expect(Object.keys(rows)).toHaveLength(tenantModels.length);
  for (const [name, found] of Object.entries(rows)) expect(found, name).not.toHaveLength(0);
});

describe.each(tenantModels)('T-30: %s with every WHERE stripped', (model) => {
  test('reads rows of the own tenant only', async () => {
    await runInTenant(stripWhere(database.db), alpha.tenantId, async (tx) => {
      const rows = await getDelegate(tx, model).findMany({ where: { tenantId: beta.tenantId } });
      expect(rows.length).toBeGreaterThan(0);
      expect(new Set(rows.map((row) => row.tenantId))).toEqual(new Set([alpha.tenantId]));
      expect(await getDelegate(tx, model).count({ where: { tenantId: beta.tenantId } })).toBe(rows.length);
    });
  });

  test('without a tenant it is an error, not an empty list', async () => {
    await expect(getDelegate(database.db.prisma, model).findMany()).rejects.toThrow(
      /app\.tenant_id|invalid input syntax for type uuid/,
    );
    await expect(runInTenant(database.db, '', (tx) => getDelegate(tx, model).findMany())).rejects.toThrow(/type uuid: ""/);
  });
});

test('T-30: a table that lost its row security would show here', async () => {
  const own = await openTestDatabase();
  const superuser = new pg.Client({ connectionString: own.ownerUrl });
  await superuser.connect();
  try {
    const [{ tenantId }] = [await makeFullTenant(own.db), await makeFullTenant(own.db)];
    const seen = () => runInTenant(stripWhere(own.db), tenantId, (tx) => tx.site.findMany({ where: { tenantId } }));
    expect(await seen()).toHaveLength(1);
    await superuser.query('ALTER TABLE site DISABLE ROW LEVEL SECURITY');
    expect(await seen()).toHaveLength(2);
  } finally {
    await superuser.end();
    await own.drop();
  }
});

test('T-30: updates and deletes with every WHERE stripped leave the other tenant as it was', async () => {
  const victim = await makeFullTenant(database.db);
  const attacker = await makeFullTenant(database.db);
  const before = await readRows(victim.tenantId);
  const refused: string[] = [];
  for (const model of tenantModels) {
    const attempt = (run: (delegate: Delegate) => Promise<unknown>) =>
      runInTenant(stripWhere(database.db), attacker.tenantId, (tx) => run(getDelegate(tx, model))).catch((error: Error) => {
        if (!/42501/.test(error.message)) throw error;
        refused.push(model);
      });
    await attempt((delegate) =>
      delegate.updateMany({ where: { tenantId: victim.tenantId }, data: { tenantId: attacker.tenantId } }),
    );
    await attempt((delegate) => delegate.deleteMany({ where: { tenantId: victim.tenantId } }));
  }
  expect(await readRows(victim.tenantId)).toEqual(before);
  const left = await readRows(attacker.tenantId);
  const immutable = ['admin_audit', 'profile_version', 'receipt', 'revision_entry', 'revocation', 'server_revision', 'snapshot'];
  // Deleting a parent takes its immutable children along; what stands alone stays.
  expect(left.admin_audit).not.toHaveLength(0);
  expect(left.receipt).not.toHaveLength(0);
  expect(new Set(refused).size).toBeGreaterThanOrEqual(immutable.length);
});

test('T-30: rows cannot be written into, moved to or taken from another tenant', async () => {
  const { tenantId } = alpha;
  const attempts: Array<(tx: TenantTx) => Promise<unknown>> = [
    (tx) => tx.site.create({ data: { tenantId: beta.tenantId, slug: 'mine', name: 'Mine' } }),
    (tx) => tx.site.updateMany({ where: { id: alpha.site.id }, data: { tenantId: beta.tenantId } }),
    (tx) => tx.receipt.create({ data: makeReceiptRow(beta.tenantId) }),
    (tx) =>
      tx.membership.create({
        data: { tenantId: beta.tenantId, userId: alpha.membership.userId, email: 'a@b.example', role: 'owner' },
      }),
    (tx) => tx.accountToken.updateMany({ where: { tenantId }, data: { tenantId: beta.tenantId } }),
    (tx) => tx.tenant.create({ data: { id: randomUUID(), slug: `stolen-${randomUUID()}`, name: 'Stolen' } }),
  ];
  for (const attempt of attempts)
    await expect(runInTenant(database.db, tenantId, attempt)).rejects.toThrow(/42501|row-level security/);

  const blind = await runInTenant(database.db, tenantId, async (tx) => [
    await tx.site.findUnique({ where: { tenantId_id: { tenantId: beta.tenantId, id: beta.site.id } } }),
    (await tx.site.updateMany({ where: { id: beta.site.id }, data: { name: 'Changed' } })).count,
    (await tx.agent.deleteMany({ where: { id: beta.agent.id } })).count,
    (await tx.tenant.updateMany({ where: { id: beta.tenantId }, data: { name: 'Changed' } })).count,
  ]);
  expect(blind).toEqual([null, 0, 0, 0]);
});

test('T-31: a child cannot hang on another tenant’s parent', async () => {
  const { tenantId } = alpha;
  const attempts: Array<(tx: TenantTx) => Promise<unknown>> = [
    (tx) => tx.agent.create({ data: { tenantId, siteId: beta.site.id, name: 'a', publicKey: new Uint8Array(32) } }),
    (tx) => tx.serverSite.create({ data: { tenantId, serverId: alpha.server.id, siteId: beta.site.id } }),
    (tx) =>
      tx.profileAccess.create({
        data: { tenantId, profileId: alpha.profile.id, membershipId: beta.membership.id, grantedBy: alpha.membership.id },
      }),
  ];
  for (const attempt of attempts)
    await expect(runInTenant(database.db, tenantId, attempt)).rejects.toMatchObject({ code: 'P2003' });
});

test('T-31: another tenant’s slug can be used and does not show', async () => {
  const other = await makeFullTenant(database.db);
  expect(other.site.slug).toBe(alpha.site.slug);
  await expect(
    runInTenant(database.db, other.tenantId, (tx) =>
      tx.site.create({ data: { tenantId: other.tenantId, slug: 'helsinki', name: 'Again' } }),
    ),
  ).rejects.toMatchObject({ code: 'P2002' });
});

test.each(PROCESS_NAMES)('evidence is append-only for the %s, also within its tenant', async (name) => {
  const client = new pg.Client({ connectionString: database.urls[name] });
  await client.connect();
  try {
    await client.query(`SELECT set_config('app.tenant_id', $1, false)`, [alpha.tenantId]);
    for (const [table, column] of [
      ['receipt', 'reason_code'],
      ['admin_audit', 'action'],
    ]) {
      for (const sql of [`UPDATE ${table} SET ${column} = 'x'`, `DELETE FROM ${table}`, `TRUNCATE ${table}`])
        await expect(client.query(sql)).rejects.toMatchObject({ code: '42501' });
    }
  } finally {
    await client.end();
  }
});

test.each(['console', 'hub'] as const)('T-30: a partition is not a way around: the %s cannot name one', async (name) => {
  const client = new pg.Client({ connectionString: database.urls[name] });
  await client.connect();
  try {
    for (const partition of ['months', 'receipt_default', `receipt_${new Date().toISOString().slice(0, 7).replace('-', '_')}`])
      await expect(client.query(`SELECT * FROM receipts.${partition}`)).rejects.toMatchObject({ code: '42501' });
  } finally {
    await client.end();
  }
});

describe('reads before a tenant is known', () => {
  test('a join token is found by its hash, an agent by its id, nothing else of theirs', async () => {
    const token = await runInLookup(database.db, { lookup: beta.joinToken.tokenHash }, (tx) => tx.joinToken.findMany());
    expect(token.map(({ id }) => id)).toEqual([beta.joinToken.id]);
    const agent = await runInLookup(database.db, { lookup: beta.agent.id }, (tx) => tx.agent.findMany());
    expect(agent.map(({ tenantId }) => tenantId)).toEqual([beta.tenantId]);
    expect(await runInLookup(database.db, { lookup: randomUUID() }, (tx) => tx.agent.findMany())).toEqual([]);
    await expect(runInLookup(database.db, { lookup: beta.agent.id }, (tx) => tx.site.findMany())).rejects.toThrow(
      /type uuid: ""/,
    );
    await expect(
      runInLookup(database.db, { lookup: beta.agent.id }, (tx) => tx.agent.updateMany({ data: { name: 'x' } })),
    ).rejects.toThrow(/type uuid: ""/);
  });

  test('a person sees the own memberships in every tenant, and no one else’s', async () => {
    const { userId } = alpha.membership;
    await makeMembership(database.db, beta.tenantId, { userId, role: 'auditor' });
    const seen = await runInLookup(database.db, { userId }, (tx) =>
      tx.membership.findMany({ include: { tenant: true, user: true } }),
    );
    expect(seen.map(({ tenantId }) => tenantId).sort()).toEqual([alpha.tenantId, beta.tenantId].sort());
    expect(new Set(seen.map((row) => row.user.id))).toEqual(new Set([userId]));
  });

  test('a lookup does not widen what a tenant sees', async () => {
    const seen = await runInTenant(database.db, alpha.tenantId, async (tx) => {
      await presentKey(tx, { lookup: beta.agent.id, userId: beta.membership.userId });
      return { agents: await tx.agent.findMany(), memberships: await tx.membership.findMany() };
    });
    for (const row of [...seen.agents, ...seen.memberships]) expect(row.tenantId).toBe(alpha.tenantId);
  });

  test('memberships and proven addresses are seen by presenting the address', async () => {
    const { email, id: userId } = await makeUser(database.db);
    await makeMembership(database.db, alpha.tenantId, { userId, email });
    const seen = await runInLookup(database.db, { lookup: email }, async (tx) => [
      ...(await tx.membership.findMany()),
      ...(await tx.userEmail.findMany()),
    ]);
    expect(seen.map((row) => row.userId)).toEqual([userId, userId]);
    await expect(database.db.prisma.userEmail.findMany()).rejects.toThrow();
    const claim = (tx: TenantTx) => tx.userEmail.create({ data: { email: 'b@c.example', userId, verifiedAt: new Date() } });
    await expect(runInTenant(database.db, alpha.tenantId, claim)).rejects.toThrow(/42501|row-level security/);
  });

  test('people are seen by themselves and by the tenants they belong to now; only they change themselves', async () => {
    const person = await makeUser(database.db);
    await makeMembership(database.db, alpha.tenantId, { userId: person.id, role: 'member' });
    await makeMembership(database.db, beta.tenantId, { userId: person.id, endedAt: new Date() });
    const names = async (tenantId: string) =>
      (await runInTenant(database.db, tenantId, (tx) => tx.user.findMany())).map(({ id }) => id);
    expect(await names(alpha.tenantId)).toContain(person.id);
    expect(await names(beta.tenantId)).not.toContain(person.id);
    await expect(database.db.prisma.user.findMany()).rejects.toThrow();

    const rename = (tx: TenantTx) => tx.user.updateMany({ where: { id: person.id }, data: { name: 'Changed' } });
    expect((await runInTenant(database.db, alpha.tenantId, rename)).count).toBe(0);
    expect((await runInLookup(database.db, { userId: person.id }, rename)).count).toBe(1);
  });

  test('a console session is seen and ended by its person, and found by its id', async () => {
    const [mine, other] = [await makeUser(database.db), await makeUser(database.db)];
    const open = (userId: string) =>
      runInLookup(database.db, { userId }, (tx) =>
        tx.consoleSession.create({ data: { userId, expiresAt: new Date(Date.now() + 60_000) } }),
      );
    const [session] = [await open(mine.id), await open(other.id)];
    const seen = await runInLookup(database.db, { userId: mine.id }, (tx) => tx.consoleSession.findMany());
    expect(seen.map(({ id }) => id)).toEqual([session.id]);
    const found = await runInLookup(database.db, { lookup: session.id }, (tx) => tx.consoleSession.findMany());
    expect(found.map(({ id }) => id)).toEqual([session.id]);
    const end = (tx: TenantTx) => tx.consoleSession.updateMany({ data: { revokedAt: new Date() } });
    expect((await runInLookup(database.db, { userId: mine.id }, end)).count).toBe(1);
    await expect(
      runInLookup(database.db, { userId: mine.id }, (tx) =>
        tx.consoleSession.create({ data: { userId: other.id, expiresAt: new Date() } }),
      ),
    ).rejects.toThrow(/42501|row-level security/);
  });
});
