import { afterAll, beforeAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';

import { openContext } from '../../src/auth/open-context.ts';
import { getActorId, type ServiceContext } from '../../src/context.ts';
import { listMembers } from '../../src/member/list-members.ts';
import { updateMember } from '../../src/member/update-member.ts';
import { getOverview } from '../../src/overview/get-overview.ts';
import { getReceipt } from '../../src/receipt/get-receipt.ts';
import { ingestReceipts } from '../../src/receipt/ingest-receipts.ts';
import { listReceipts } from '../../src/receipt/list-receipts.ts';
import { changeRole, join } from '../support/accounts.ts';
import { makeDomain } from '../support/domain.ts';
import { Spool } from '../support/receipts.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
const { workspace } = domain;
const owner = await workspace.as('owner');
const caller = await workspace.as('member');
const personId = getActorId(caller.actor);
const spool = new Spool(workspace.site.id);
const VALUE = '8841';

const ingest = (receipts = [spool.makeNext({ personId })]) =>
  ingestReceipts({ ctx: domain.agentCtx, input: { spoolId: spool.spoolId, receipts } });
const receipts = [spool.makeNext({ personId }), spool.makeNext({ personId }), spool.makeNext({ personId, arguments: null })];
beforeAll(() => ingest(receipts));
const [receipt = spool.makeNext(), , empty = receipt] = receipts;

/** The person with what the membership says now, as the next request has it. */
const reopen = async (ctx: ServiceContext): Promise<ServiceContext> => {
  if (ctx.actor.kind !== 'person') throw new Error('no person');
  const { userId } = ctx.actor;
  return openContext({ runtime: ctx.runtime, input: { userId, tenantSlug: ctx.tenantSlug, requestId: 'test' } });
};

const give = async (ctx: ServiceContext, to: ServiceContext, readsValues: boolean) => {
  const membershipId = getActorId(to.actor);
  const member = (await listMembers({ ctx: owner, input: { limit: 200 } })).rows.find(({ id }) => id === membershipId);
  if (!member) throw new Error('no member');
  const { name, role, revision } = member;
  return updateMember({ ctx, input: { membershipId, name, role, readsValues, revision } });
};

const readEverything = async (ctx: ServiceContext): Promise<string> =>
  JSON.stringify([await listReceipts({ ctx, input: {} }), await getReceipt({ ctx, input: { id: receipt.id } })]);

test('T-35: without the grant no role sees a value of another person’s call, and sees which fields have one; owners and who made the call see it', async () => {
  for (const role of ['admin', 'reviewer', 'auditor'] as const) {
    const without = await workspace.as(role, { readsValues: false });
    expect(await readEverything(without)).not.toContain(VALUE);
    expect(await getReceipt({ ctx: without, input: { id: receipt.id } })).toMatchObject({
      argumentsSummary: 'order_id=… · 1 value not kept',
      document: { arguments: { logged: [] } },
      withheld: { arguments: ['/order_id'], result: [] },
      isRecorded: false,
      integrity: { verified: true },
    });
    expect(await readEverything(await workspace.as(role, { readsValues: true }))).toContain(VALUE);
  }
  expect(await readEverything(owner)).toContain(VALUE);
  expect(await readEverything(caller)).toContain(VALUE);
  expect(JSON.stringify(await getOverview({ ctx: owner }))).not.toContain(VALUE);
});

test('T-35: an opened call is one entry of the log, however often the page reads it; one without values and an own one are none', async () => {
  const reader = await workspace.as('auditor');
  const { tenantId } = reader;
  const past = { actorKind: 'person', actorId: getActorId(reader.actor), at: new Date(Date.now() - 3_700_000) };
  await runInTenant(getFixtureDb(world.runtime), tenantId, (tx) =>
    tx.adminAudit.create({
      data: { tenantId, ...past, action: 'receipt.read_values', entityType: 'receipt', entityId: receipt.id },
    }),
  );
  const own = async () => (await readAudit(owner, receipt.id)).filter(({ actorId }) => actorId === getActorId(reader.actor));
  await Promise.all([1, 2, 3, 4].map(() => getReceipt({ ctx: reader, input: { id: receipt.id } })));
  // what was read more than an hour ago was another reading
  expect(await own()).toMatchObject([
    { at: past.at },
    { action: 'receipt.read_values', entityType: 'receipt', after: { membershipId: personId } },
  ]);
  expect(JSON.stringify(await own())).not.toContain(VALUE);
  expect(await getReceipt({ ctx: reader, input: { id: receipt.id } })).toMatchObject({ isRecorded: true });
  await getReceipt({ ctx: reader, input: { id: empty.id } });
  await getReceipt({ ctx: caller, input: { id: receipt.id } });
  expect(await readAudit(owner, empty.id)).toEqual([]);
  expect((await readAudit(owner, receipt.id)).map(({ actorId }) => actorId)).not.toContain(personId);
});

test('a list that is read again and followed is one entry; an older page and another narrowing are others', async () => {
  const reader = await workspace.as('reviewer');
  const entries = async () =>
    (await readAudit(owner, workspace.tenant.id))
      .filter(({ actorId, action }) => actorId === getActorId(reader.actor) && action === 'receipt.list_values')
      .map(({ after }) => after);
  const first = await listReceipts({ ctx: reader, input: { limit: 2, personId } });
  await ingest();
  await Promise.all([1, 2].map(() => listReceipts({ ctx: reader, input: { limit: 1, personId } })));
  expect(await entries()).toMatchObject([{ calls: 1, following: true, narrowed: { personId } }]);
  await listReceipts({ ctx: reader, input: { limit: 2, cursor: first.nextCursor ?? '' } });
  expect(await entries()).toMatchObject([{}, { following: false, narrowed: {} }]);
  expect(await listReceipts({ ctx: reader, input: { name: 'no_such' } })).toMatchObject({ rows: [] });
  expect(await entries()).toHaveLength(2);
});

/** While another reading of the same person is being written down, which does not end before the work does. */
async function readBeside<T>(reader: ServiceContext, work: (countWaiting: () => Promise<number>) => Promise<T>): Promise<T> {
  const other = await world.database.connectOwner();
  const key = `read_values ${getActorId(reader.actor)}`;
  await other.query('select pg_advisory_lock(hashtextextended($1, 0))', [key]);
  const countWaiting = async () =>
    (
      await other.query(
        `select from pg_locks join pg_database d on d.oid = database where datname = current_database() and locktype = 'advisory' and not granted`,
      )
    ).rowCount ?? 0;
  try {
    return await work(countWaiting);
  } finally {
    await other.query('select pg_advisory_unlock(hashtextextended($1, 0))', [key]);
  }
}

test('what the log says already is read without writing, and so without waiting; what it does not cover is written first', async () => {
  const reader = await workspace.as('reviewer');
  const { tenantId } = reader;
  const entries = async () =>
    (await readAudit(owner, tenantId)).filter(
      ({ actorId, action }) => actorId === getActorId(reader.actor) && action === 'receipt.list_values',
    );
  const readBoth = async () => {
    await listReceipts({ ctx: reader, input: { personId } });
    await getReceipt({ ctx: reader, input: { id: receipt.id } });
  };
  await readBoth();
  await readBeside(reader, readBoth);
  expect(await entries()).toHaveLength(1);
  // not narrowed, it shows more than the entry says
  const { wide } = await readBeside(reader, async (countWaiting) => {
    const reading = listReceipts({ ctx: reader, input: {} });
    await expect.poll(countWaiting).toBe(1);
    return { wide: reading };
  });
  expect((await wide).rows.length).toBeGreaterThan(0);
  expect(await entries()).toHaveLength(2);
});

test('an entry of a list covers an hour', async () => {
  const reader = await workspace.as('reviewer');
  const { tenantId } = reader;
  const [from, to] = [new Date(Date.now() - 86_400_000), new Date(Date.now() + 86_400_000)].map((time) => time.toISOString());
  const past = { actorKind: 'person', actorId: getActorId(reader.actor), at: new Date(Date.now() - 3_700_000) };
  await runInTenant(getFixtureDb(world.runtime), tenantId, (tx) =>
    tx.adminAudit.create({
      data: {
        tenantId,
        ...past,
        action: 'receipt.list_values',
        entityType: 'tenant',
        entityId: tenantId,
        after: { calls: 1, from, to, following: true, narrowed: {} },
      },
    }),
  );
  for (let times = 0; times < 2; times += 1) await listReceipts({ ctx: reader, input: {} });
  const own = (await readAudit(owner, tenantId)).filter(({ actorId }) => actorId === getActorId(reader.actor));
  expect(own.map(({ at }) => at > past.at)).toEqual([false, true]);
});

test('T-35: the grant is given and taken by owners and admins, never to oneself, and holds from the next request on', async () => {
  const admin = await workspace.as('admin', { readsValues: false });
  const auditor = await workspace.as('auditor', { readsValues: false });
  await expectRefused('not_permitted', give(admin, admin, true));
  // a role that comes with it is a way to it as well
  await expectRefused(
    'not_permitted',
    changeRole({ ctx: admin, input: { membershipId: getActorId(admin.actor), role: 'reviewer' } }),
  );
  await expectRefused('not_permitted', give(auditor, auditor, true));
  await expectRefused('not_permitted', give(await workspace.as('reviewer'), auditor, true));
  await give(admin, auditor, true);
  expect(await readEverything(await reopen(auditor))).toContain(VALUE);
  await give(owner, auditor, false);
  expect(await readEverything(await reopen(auditor))).not.toContain(VALUE);
  expect((await readAudit(owner, getActorId(auditor.actor))).map(({ action }) => action)).toEqual([
    'member.give_values',
    'member.take_values',
  ]);
});

test('T-35: a new role comes with what it may read: reviewers and owners with values, and nobody keeps a grant that was hidden', async () => {
  const somebody = await workspace.as('auditor', { readsValues: true });
  const membershipId = getActorId(somebody.actor);
  const reads = async () =>
    (await listMembers({ ctx: owner, input: { limit: 200 } })).rows.find(({ id }) => id === membershipId)?.readsValues;
  const seen: unknown[] = [await reads()];
  for (const role of ['builder', 'auditor', 'reviewer', 'admin', 'owner'] as const) {
    await changeRole({ ctx: owner, input: { membershipId, role } });
    seen.push(role, await reads());
  }
  expect(seen).toEqual([true, 'builder', false, 'auditor', false, 'reviewer', true, 'admin', false, 'owner', true]);
  for (const [role, expected] of [
    ['auditor', false],
    ['reviewer', true],
    ['admin', false],
  ] as const) {
    const joined = await join(owner, `${role}@values.example`, role);
    const row = (await listMembers({ ctx: owner, input: { limit: 200 } })).rows.find(({ id }) => id === joined.membershipId);
    expect(row?.readsValues).toBe(expected);
  }
});
