import { afterAll, expect, test } from 'vitest';

import { runInLookup, runInTenant } from '@gatehouse/db/tenant';
import { makeAgent } from '@gatehouse/db/testing';

import { listAdminAudit } from '../../src/admin-audit/list-admin-audit.ts';
import { openContext } from '../../src/auth/open-context.ts';
import { listClientKeys } from '../../src/client-key/list-client-keys.ts';
import { revokeClientKeys } from '../../src/client-key/revoke-client-keys.ts';
import { getActorId, type ServiceContext } from '../../src/context.ts';
import { EditConflictError } from '../../src/edit-lock.ts';
import { listMembers } from '../../src/member/list-members.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { updateMember } from '../../src/member/update-member.ts';
import { ingestReceipts } from '../../src/receipt/ingest-receipts.ts';
import { changeRole } from '../support/accounts.ts';
import { putClientKey, putProfile } from '../support/catalogue.ts';
import { Spool } from '../support/receipts.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit, type Workspace } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

const find = async (ctx: ServiceContext, id: string) => (await listMembers({ ctx })).rows.find((member) => member.id === id);

test('a member has another name in this workspace, everywhere in it and nowhere else; the log says that and no name', async () => {
  const [here, there] = [await makeWorkspace(world.runtime), await makeWorkspace(world.runtime)];
  const owner = await here.as('owner');
  const builder = await here.as('builder');
  const membershipId = getActorId(builder.actor);
  const userId = builder.actor.kind === 'person' ? builder.actor.userId : '';
  await runInTenant(getFixtureDb(world.runtime), there.tenant.id, (tx) =>
    tx.membership.create({ data: { tenantId: there.tenant.id, userId, email: 'there@example.com', role: 'member' } }),
  );
  const input = { membershipId, name: 'Bo Berg', role: 'builder' as const, revision: 1 };
  expect(await updateMember({ ctx: owner, input })).toEqual({ revision: 2 });
  expect(await find(owner, membershipId)).toMatchObject({ name: 'Bo Berg', revision: 2 });
  expect((await listMembers({ ctx: await there.as('owner') })).rows.map(({ name }) => name)).not.toContain('Bo Berg');
  const late = updateMember({ ctx: owner, input: { ...input, name: 'Else' } });
  expect(await expectRefused('conflict', late)).toBeInstanceOf(EditConflictError);
  await expect(late).rejects.toMatchObject({ conflict: { present: { name: 'Bo Berg', role: 'builder' } } });
  expect(JSON.stringify(await readAudit(owner, membershipId))).not.toContain('Bo Berg');
  await updateMember({ ctx: owner, input: { ...input, role: 'admin', revision: 2 } });
  expect((await readAudit(owner, membershipId)).map(({ action, after }) => [action, after])).toEqual([
    ['member.rename', null],
    ['member.change_role', { role: 'admin' }],
  ]);
  const renamed = await here.as('owner');
  await updateMember({ ctx: owner, input: { membershipId: getActorId(renamed.actor), name: 'Ro', role: 'owner', revision: 1 } });
  await updateMember({ ctx: renamed, input: { ...input, role: 'auditor', revision: 3 } });
  expect((await listAdminAudit({ ctx: owner, input: {} })).rows[0]).toMatchObject({ actorName: 'Ro' });
});

/** A number of owners, who act at the same time. */
async function makeOwners(workspace: Workspace, count: number): Promise<ServiceContext[]> {
  return Promise.all(Array.from({ length: count }, () => workspace.as('owner')));
}

const countOwners = (ctx: ServiceContext) =>
  runInTenant(getFixtureDb(world.runtime), ctx.tenantId, (tx) =>
    tx.membership.count({ where: { tenantId: ctx.tenantId, role: 'owner', endedAt: null } }),
  );

test('owners who take the role from each other, or from themselves, at the same time leave one', async () => {
  for (const [count, pick] of [
    [2, (owners: ServiceContext[], index: number) => owners[1 - index]],
    [2, (owners: ServiceContext[], index: number) => owners[index]],
    [4, (owners: ServiceContext[], index: number) => owners[(index + 1) % 4]],
  ] as const) {
    const owners = await makeOwners(await makeWorkspace(world.runtime), count);
    const [first] = owners;
    if (!first) throw new Error('no owner');
    const acts = owners.map((ctx, index) => {
      const membershipId = getActorId((pick(owners, index) ?? ctx).actor);
      return index % 2 === 0
        ? changeRole({ ctx, input: { membershipId, role: 'admin' } })
        : removeMember({ ctx, input: { membershipId } });
    });
    await Promise.allSettled(acts);
    expect(await countOwners(first)).toBeGreaterThanOrEqual(1);
  }
});

test('what a person was permitted when the request began is asked again once the owners are locked', async () => {
  const workspace = await makeWorkspace(world.runtime);
  const [owner, former, member] = [await workspace.as('owner'), await workspace.as('owner'), await workspace.as('member')];
  await changeRole({ ctx: owner, input: { membershipId: getActorId(former.actor), role: 'member' } });
  // its context is of before: as when both requests were under way
  const again = { membershipId: getActorId(former.actor), role: 'owner' as const };
  await expectRefused('not_permitted', changeRole({ ctx: former, input: again }));
  await expectRefused('not_permitted', removeMember({ ctx: former, input: { membershipId: getActorId(member.actor) } }));
  expect(await countOwners(owner)).toBe(1);
});

test('an owner who cannot sign in does not count as one', async () => {
  const workspace = await makeWorkspace(world.runtime);
  const [owner, disabled] = [await workspace.as('owner'), await workspace.as('owner')];
  const userId = disabled.actor.kind === 'person' ? disabled.actor.userId : '';
  await runInLookup(getFixtureDb(world.runtime), { userId }, (tx) =>
    tx.user.updateMany({ where: { id: userId }, data: { disabledAt: new Date() } }),
  );
  const input = { membershipId: getActorId(owner.actor), role: 'admin' as const };
  await expectRefused('conflict', changeRole({ ctx: owner, input }));
});

test('the list says when a member last opened this workspace, and nothing of others', async () => {
  const workspace = await makeWorkspace(world.runtime);
  const owner = await workspace.as('owner');
  const id = getActorId(owner.actor);
  const { actor, runtime, tenantSlug } = owner;
  if (actor.kind !== 'person') throw new Error('no person');
  expect((await find(owner, id))?.lastSeenAt).toBeNull();
  const { id: sessionId } = await runInLookup(getFixtureDb(world.runtime), { userId: actor.userId }, (tx) =>
    tx.consoleSession.create({ data: { userId: actor.userId, expiresAt: new Date(Date.now() + 3_600_000) } }),
  );
  await openContext({ runtime, input: { userId: actor.userId, tenantSlug, requestId: 'r', sessionId } });
  const seen = (await find(owner, id))?.lastSeenAt;
  expect(seen).toBeInstanceOf(Date);
  await openContext({ runtime, input: { userId: actor.userId, tenantSlug, requestId: 'r', sessionId } });
  expect((await find(owner, id))?.lastSeenAt).toEqual(seen);
});

test('all client keys of a person end at once, each by an entry of the log; when one was last used is known', async () => {
  const workspace = await makeWorkspace(world.runtime);
  const [owner, member, other] = [await workspace.as('owner'), await workspace.as('member'), await workspace.as('member')];
  const membershipId = getActorId(member.actor);
  const profileId = await putProfile(owner, workspace.site.id, []);
  const make = (id: string, more = {}) => putClientKey(owner, { profileId, membershipId: id, ...more });
  const keys = [await make(membershipId), await make(membershipId)];
  const foreign = await make(getActorId(other.actor));
  const long = new Date(Date.now() - 31 * 24 * 3_600_000);
  const [expired, revoked] = [await make(membershipId, { expiresAt: long }), await make(membershipId, { revokedAt: long })];

  const agent = await makeAgent(world.runtime.db, owner.tenantId, { siteId: workspace.site.id });
  const agentCtx = workspace.makeContext({ kind: 'agent', agentId: agent.id, siteId: workspace.site.id });
  const spool = new Spool(workspace.site.id);
  const receipts = [spool.makeNext({ keyId: keys[0] ?? null }), spool.makeNext({ keyId: keys[0] ?? null })];
  await ingestReceipts({ ctx: agentCtx, input: { spoolId: spool.spoolId, receipts } });
  const listed = (await listClientKeys({ ctx: owner, input: { membershipId } })).rows;
  expect(listed.map(({ id }) => id).toSorted()).toEqual(keys.toSorted());
  expect(listed.find(({ id }) => id === keys[0])?.lastUsedAt).toBeInstanceOf(Date);
  expect(listed.find(({ id }) => id === keys[1])?.lastUsedAt).toBeNull();
  const all = (await listClientKeys({ ctx: owner, input: { membershipId, withOld: true } })).rows;
  expect(all.map(({ id }) => id)).toEqual(expect.arrayContaining([expired, revoked]));

  await expectRefused('not_found', revokeClientKeys({ ctx: other, input: { membershipId } }));
  await expectRefused(
    'not_found',
    revokeClientKeys({ ctx: await (await makeWorkspace(world.runtime)).as('owner'), input: { membershipId } }),
  );
  expect((await find(owner, membershipId))?.liveKeys).toBe(2);
  expect(await revokeClientKeys({ ctx: owner, input: { membershipId } })).toEqual({ revoked: 2 });
  expect(await revokeClientKeys({ ctx: member, input: { membershipId } })).toEqual({ revoked: 0 });
  expect((await find(owner, membershipId))?.liveKeys).toBe(0);
  const states = (await listClientKeys({ ctx: owner, input: { profileId } })).rows;
  expect(states.filter(({ state }) => state === 'live').map(({ id }) => id)).toEqual([foreign]);
  const entries = await runInTenant(getFixtureDb(world.runtime), owner.tenantId, (tx) =>
    tx.revocation.findMany({ where: { tenantId: owner.tenantId }, select: { act: true, subjectKind: true, subjectId: true } }),
  );
  expect(entries.map(({ act, subjectKind, subjectId }) => `${act} ${subjectKind} ${subjectId}`).toSorted()).toEqual(
    keys.map((id) => `end key ${id}`).toSorted(),
  );
  expect((await readAudit(owner, membershipId)).at(-1)).toMatchObject({ action: 'client_key.revoke_all', after: { keys: 2 } });
});
