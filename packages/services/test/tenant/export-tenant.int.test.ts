import { afterAll, expect, test, vi } from 'vitest';
import { z } from 'zod';

import { createClientKey } from '../../src/client-key/create-client-key.ts';
import { ingestReceipts } from '../../src/receipt/ingest-receipts.ts';
import { exportTenant, exportTenantAsOperator } from '../../src/tenant/export-tenant.ts';
import { EXPORTED_TABLES, NOT_EXPORTED } from '../../src/tenant/exported-tables.ts';
import { resumeTenant, suspendTenant } from '../../src/tenant/suspend-tenant.ts';
import { putClientKey } from '../support/catalogue.ts';
import { makeDomain, serveOneTool } from '../support/domain.ts';
import { Spool } from '../support/receipts.ts';
import { expectRefused, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

// whole workspaces are made
vi.setConfig({ testTimeout: 240_000 });

const world = await openWorld();
afterAll(() => world.close());

const Line = z.union([
  z.strictObject({ export: z.object({ tenantId: z.uuid(), slug: z.string() }) }),
  z.strictObject({ table: z.string(), row: z.record(z.string(), z.unknown()) }),
]);

async function readLines(lines: AsyncIterable<string>) {
  const texts: string[] = [];
  for await (const line of lines) texts.push(line);
  return { text: texts.join(''), lines: texts.map((line) => Line.parse(JSON.parse(line))) };
}

const countByTable = (lines: readonly z.infer<typeof Line>[]) => {
  const counts = new Map<string, number>();
  for (const line of lines) if ('table' in line) counts.set(line.table, (counts.get(line.table) ?? 0) + 1);
  return counts;
};

/** A tenant with more receipts than fit on a page. */
async function makeFull() {
  const domain = await makeDomain(await makeWorkspace(world.runtime));
  const {
    profile: { id: profileId },
    person,
  } = await serveOneTool(domain);
  const { admin, agentCtx, workspace } = domain;
  const membershipId = admin.actor.kind === 'person' ? admin.actor.membershipId : '';
  await putClientKey(admin, { profileId, membershipId });
  await createClientKey({ ctx: person, input: { profileId, name: 'Laptop' } });
  const spool = new Spool(workspace.site.id);
  for (let batch = 0; batch < 6; batch += 1)
    await ingestReceipts({ ctx: agentCtx, input: { spoolId: spool.spoolId, receipts: spool.makeBatch(100) } });
  return { ...domain, owner: await workspace.as('owner') };
}

test('every table with rows of a tenant is exported, or it is said why not', async () => {
  const client = await world.database.connectOwner();
  const { rows } = await client.query<{ name: string }>(`
    select relname as name from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
    where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace order by 1`);
  await client.end();
  const known = [...EXPORTED_TABLES.map(({ name }) => name), ...Object.keys(NOT_EXPORTED)];
  expect(known.toSorted()).toEqual(rows.map(({ name }) => name).toSorted());
});

test('an export has every row of its tenant once and none of another, without secrets or hashes of any', async () => {
  const [domain, other] = [await makeFull(), await makeFull()];
  const { text, lines } = await readLines(await exportTenant({ ctx: domain.owner }));
  const { tenantId } = domain.owner;
  expect(lines[0]).toMatchObject({ export: { tenantId, slug: domain.owner.tenantSlug } });
  const counts = countByTable(lines);
  const client = await world.database.connectOwner();
  await client.query(`select set_config('app.tenant_id', $1, false)`, [tenantId]);
  for (const { name } of EXPORTED_TABLES) {
    const { rows } = await client.query<{ count: number }>(`select count(*)::int as count from "${name}" where tenant_id = $1`, [
      tenantId,
    ]);
    expect([name, counts.get(name) ?? 0]).toEqual([name, rows[0]?.count]);
  }
  const secrets = await client.query<{ secret: string }>(`
    select encode(private_key_sealed, 'hex') as secret from signing_key union all select key_hash from client_key
    union all select token_hash from join_token union all select token_hash from account_token`);
  await client.end();
  expect(secrets.rows.length).toBeGreaterThan(1);
  for (const { secret } of secrets.rows) expect(text.includes(secret)).toBe(false);
  expect(text.includes(other.owner.tenantId)).toBe(false);
  expect(counts.get('receipt')).toBe(600);
  expect(lines.filter((line) => 'table' in line && line.table === 'membership')[0]).toMatchObject({
    row: { name: 'Ada Example' },
  });
  expect((await readAudit(domain.owner, tenantId)).at(-1)).toMatchObject({ action: 'tenant.export', actorKind: 'person' });
});

test('owners alone export, also while everything is stopped; the operator does by the slug', async () => {
  const workspace = await makeWorkspace(world.runtime);
  await expectRefused('not_permitted', exportTenant({ ctx: await workspace.as('admin') }));
  const { runtime } = world;
  const { slug: tenantSlug } = workspace.tenant;
  await suspendTenant({ runtime, input: { tenantSlug } });
  const owner = await workspace.as('owner');
  expect((await readLines(await exportTenant({ ctx: owner }))).lines.length).toBeGreaterThan(3);
  await resumeTenant({ runtime, input: { tenantSlug } });
  const { lines } = await readLines(await exportTenantAsOperator({ runtime, input: { tenantSlug } }));
  expect(lines[0]).toMatchObject({ export: { slug: tenantSlug } });
  await expectRefused('not_found', exportTenantAsOperator({ runtime, input: { tenantSlug: 'nobody' } }));
  const acts = (await readAudit(owner, workspace.tenant.id)).map(({ action, actorKind }) => `${actorKind} ${action}`);
  expect(acts).toEqual(expect.arrayContaining(['person tenant.export', 'system tenant.export']));
});
