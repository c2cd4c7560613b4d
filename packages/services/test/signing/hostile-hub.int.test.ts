import { randomUUID } from 'node:crypto';

import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { PROCESS_ROLES } from '@gatehouse/db/process-roles';
import { runInTenant } from '@gatehouse/db/tenant';
import { defineTool } from '@gatehouse/policy/testing/build';

import { createClientKey } from '../../src/client-key/create-client-key.ts';
import { revokeClientKey } from '../../src/client-key/revoke-client-key.ts';
import { getActorId } from '../../src/context.ts';
import { expireRecords } from '../../src/jobs/expire-records.ts';
import { grantAccess } from '../../src/profile/grant-access.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { disableProfile } from '../../src/profile/switch-profile.ts';
import { ingestReceipts } from '../../src/receipt/ingest-receipts.ts';
import { keepRevocations } from '../../src/revocation/keep-revocations.ts';
import { disableServer } from '../../src/server/switch-server.ts';
import { getApprovedEntries } from '../../src/snapshot/offered-entries.ts';
import { refreshSnapshots } from '../../src/snapshot/refresh-snapshots.ts';
import { renewLeases } from '../../src/snapshot/renew-leases.ts';
import { addApprovedServer, approveReview, createDraftedProfile, discover, makeDomain, type Domain } from '../support/domain.ts';
import { drawStatements, isWritable, readTables, restoreTables, type Statement, type Table } from '../support/hostile-sql.ts';
import { Spool } from '../support/receipts.ts';
import { readSignedFacts } from '../support/signed-facts.ts';
import { addJobs, runWorkerProcess } from '../support/worker-process.ts';
import { getFixtureDb, makeWorkspace, openWorld } from '../support/world.ts';

const IS_DRILL = process.env.GATEHOUSE_DRILL === '1';
const STATEMENTS = IS_DRILL ? 20_000 : 2_000;
const TIMEOUT_MS = IS_DRILL ? 1_800_000 : 300_000;
const FORGED_JOBS: [name: string, data: unknown][] = [
  ['constructor', {}],
  ['sweep-tenants', { job: 'sweep-tenants' }],
  ['ensure-partitions', { monthsAhead: 1e9 }],
  ['refresh-snapshots', { tenantId: '*' }],
  ['renew-leases', { tenantId: randomUUID() }],
];
/** The second says more than a job may. */
const listJobsOf = (tenantId: string): [name: string, data: unknown][] => [
  ['refresh-snapshots', { tenantId }],
  ['keep-keyset', { tenantId, keys: [] }],
];
/** Carried out before the worker signs again. */
const BATCH = 100;
const seed = Number(process.env.GATEHOUSE_HOSTILE_SEED ?? Date.now() % 2 ** 31);
/** What the worker itself writes while it signs. */
const SIGNED = ['manifest', 'snapshot', 'config_part', 'site', 'revocation_head'];

const world = await openWorld();
const owner = await world.database.connectOwner();
const hub = new pg.Client({ connectionString: world.database.urls.hub });
await hub.connect();
afterAll(async () => {
  await hub.end();
  await world.close();
});

let domains: Domain[];
let keyIds: string[];
/** What people have approved and not taken back; that a server offers it again is the hub's to say. */
let approvedEver: string[];

/** A tenant with everything that somebody could want to bring back: what was rejected, revoked, stopped, replaced, and what still waits. */
async function makeHistory(): Promise<{ domain: Domain; keyId: string; approved: string[] }> {
  const domain = await makeDomain(await makeWorkspace(world.runtime));
  const { admin } = domain;
  const served = await addApprovedServer(domain, [defineTool('get_order'), defineTool('list_orders')]);
  const approved = await readApprovals(domain);
  const profile = await createDraftedProfile(domain, [{ serverId: served.id, name: 'get_order' }]);
  await publishProfile({ ctx: admin, input: { profileId: profile.id } });
  await grantAccess({ ctx: admin, input: { profileId: profile.id, membershipId: getActorId(admin.actor) } });
  const createKey = (name: string) => createClientKey({ ctx: admin, input: { profileId: profile.id, name } });
  const [kept, revoked] = [await createKey('kept'), await createKey('revoked')];
  await revokeClientKey({ ctx: admin, input: { keyId: revoked.id } });

  const changed = await discover(domain, served.id, [defineTool('get_order'), defineTool('drop_orders')]);
  if (changed.openReviewId) await approveReview(domain, changed.openReviewId, { drop_orders: { verdict: 'rejected' } });
  await discover(domain, served.id, [defineTool('get_order'), defineTool('waits_for_review')]);

  const stopped = await addApprovedServer(domain, [defineTool('stopped')]);
  const off = await createDraftedProfile(domain, [{ serverId: stopped.id, name: 'stopped' }]);
  await publishProfile({ ctx: admin, input: { profileId: off.id } });
  await disableServer({ ctx: admin, input: { serverId: stopped.id } });
  await disableProfile({ ctx: admin, input: { profileId: off.id } });

  const spool = new Spool(domain.workspace.site.id);
  await ingestReceipts({ ctx: domain.agentCtx, input: { spoolId: spool.spoolId, receipts: spool.makeBatch(3) } });
  return { domain, keyId: kept.id, approved };
}

/** What the worker does by the clock. */
async function runJobs(): Promise<void> {
  for (const { workspace } of domains) {
    const asJob = (job: string) => ({ ctx: workspace.asSystem(job) });
    await keepRevocations(asJob('keep-revocations'));
    await expireRecords(asJob('expire-records'));
    await refreshSnapshots(asJob('refresh-snapshots'));
    await renewLeases(asJob('renew-leases'));
  }
}

/** Everything that may be published. */
async function readApprovals({ admin: { tenantId, runtime } }: Domain): Promise<string[]> {
  const approved = await runInTenant(getFixtureDb(runtime), tenantId, (tx) =>
    getApprovedEntries(tx, { tenantId, now: runtime.now() }),
  );
  return [...approved].map(([key, { definition, risk }]) => JSON.stringify([tenantId, key, definition, risk]));
}

async function readWorld() {
  const tables = await readTables(owner, PROCESS_ROLES.hub);
  const [facts, approvals] = [await readSignedFacts(owner), (await Promise.all(domains.map(readApprovals))).flat()];
  return { tables, facts, approvals };
}

/** Whether it changed anything. */
async function execute({ tenantId, sql, values }: Statement): Promise<boolean> {
  try {
    await hub.query(`SELECT set_config('app.tenant_id', $1, false)`, [tenantId]);
    return ((await hub.query(sql, values)).rowCount ?? 0) > 0;
  } catch (error) {
    if (error instanceof pg.DatabaseError) return false;
    throw error;
  }
}

const listNew = (after: Iterable<string>, before: ReadonlySet<string>) => [...after].filter((fact) => !before.has(fact));
const toRows = (tables: readonly Table[], isMeant: (table: Table) => boolean) =>
  Object.fromEntries(tables.filter(isMeant).map(({ name, rows }) => [name, rows.map((row) => JSON.stringify(row)).toSorted()]));

beforeAll(async () => {
  const histories = [await makeHistory(), await makeHistory()];
  domains = histories.map(({ domain }) => domain);
  keyIds = histories.map(({ keyId }) => keyId);
  approvedEver = histories.flatMap(({ approved }) => approved);
  await runJobs();
}, TIMEOUT_MS);

test(
  'T-10, T-31: whatever SQL a hub’s role can say, in any tenant: nothing is signed, approved, lifted or on record that was not before',
  { timeout: TIMEOUT_MS },
  async () => {
    process.stderr.write(`hostile hub: GATEHOUSE_HOSTILE_SEED=${seed}\n`);
    const before = await readWorld();
    const approved = new Set([...before.approvals, ...approvedEver]);
    const own = before.tables.filter(isWritable);
    const isForeign = (table: Table) => !isWritable(table) && !SIGNED.includes(table.name);
    const tenantIds = domains.map(({ workspace }) => workspace.tenant.id);
    const statements = drawStatements(before.tables, tenantIds, { seed, count: STATEMENTS });
    const effective: Statement[] = [];
    for (let at = 0; at < statements.length; at += BATCH) {
      const taken: Statement[] = [];
      for (const statement of statements.slice(at, at + BATCH)) if (await execute(statement)) taken.push(statement);
      effective.push(...taken);
      if (taken.length === 0) continue;
      await runJobs();
      const after = await readWorld();
      const forged = { signed: listNew(after.facts, before.facts), approved: listNew(after.approvals, approved) };
      const said = taken.map(({ sql, values }) => `${sql} ${String(values[0]).slice(0, 300)}`).join('\n');
      expect(forged, said).toEqual({ signed: [], approved: [] });
      expect(toRows(after.tables, isForeign), said).toEqual(toRows(before.tables, isForeign));
      await restoreTables(owner, own);
    }
    expect(effective.length).toBeGreaterThan(0);

    // all of it at once, with whatever the queue can be told: the worker of a deployment works through it, and a person can still take a key away
    for (const statement of effective) await execute(statement);
    await addJobs(world.database.urls.hub, [...FORGED_JOBS, ...tenantIds.flatMap(listJobsOf)]);
    const tenants = tenantIds.length;
    const worked = await runWorkerProcess(world, { tenants, failed: FORGED_JOBS.length + tenants });
    expect(listNew((await readWorld()).facts, before.facts)).toEqual([]);
    for (const [n, { admin }] of domains.entries()) await revokeClientKey({ ctx: admin, input: { keyId: keyIds[n] ?? '' } });
    await runJobs();
    const last = await readWorld();
    expect([listNew(last.facts, before.facts), listNew(last.approvals, approved)]).toEqual([[], []]);
    process.stderr.write(
      `ATTACK, a hub with its database role: ${statements.length} statements (${effective.length} took effect), then a worker with ${worked.completed} jobs done and ${worked.failed} refused: 0 forged configurations, keys and approvals\n`,
    );
  },
);
