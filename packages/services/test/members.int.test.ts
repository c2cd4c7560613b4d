import { afterAll, expect, test, vi } from 'vitest';

import { runInLookup, runInTenant } from '@gatehouse/db/tenant';
import { makeUser } from '@gatehouse/db/testing';

import { listAdminAudit } from '../src/admin-audit/list-admin-audit.ts';
import { openContext } from '../src/auth/open-context.ts';
import { resetPassword } from '../src/auth/reset-password.ts';
import type { ServiceContext } from '../src/context.ts';
import { createOperatorLink } from '../src/member/create-operator-link.ts';
import { createResetLink } from '../src/member/create-reset-link.ts';
import { inviteMember } from '../src/member/invite-member.ts';
import { listInvitations } from '../src/member/list-invitations.ts';
import { listMembers } from '../src/member/list-members.ts';
import { removeMember } from '../src/member/remove-member.ts';
import { renewInvitation } from '../src/member/renew-invitation.ts';
import { withdrawInvitation } from '../src/member/withdraw-invitation.ts';
import { createSite } from '../src/site/create-site.ts';
import { listSites } from '../src/site/list-sites.ts';
import { createTenant } from '../src/tenant/create-tenant.ts';
import { PASSWORD, accept, changeRole, enter, join, makeIp } from './support/accounts.ts';
import { putClientKey, putProfile } from './support/catalogue.ts';
import { readAudit, getRuntimeOf, makeWorkspace, openWorld, expectRefused } from './support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

const getMembershipId = (ctx: ServiceContext) => (ctx.actor.kind === 'person' ? ctx.actor.membershipId : '');

test('a workspace is made with a key and the invitation of an owner, who proves an address by it; its slug is taken then', async () => {
  const { runtime } = world;
  const input = { slug: 'acme', name: 'Acme', ownerEmail: 'Olga@Example.com' };
  const { tenantId, token } = await createTenant({ runtime, input });
  const { membershipId } = await accept(getRuntimeOf(runtime, 'person'), token);
  const ctx = await enter(runtime, 'acme', input.ownerEmail, PASSWORD);
  expect(ctx).toMatchObject({ tenantId, actor: { membershipId, role: 'owner' } });
  const proven = await runInLookup(runtime.db, { lookup: 'olga@example.com' }, (tx) => tx.userEmail.findMany());
  expect(proven).toHaveLength(1);
  await createSite({ ctx, input: { slug: 'local', name: 'Local' } });
  expect((await listSites({ ctx })).rows).toMatchObject([{ slug: 'local', snapshotVersion: 1, agentCount: 0 }]);
  await expectRefused('conflict', createTenant({ runtime, input }));
});

test('an invitation is seen until it is accepted or withdrawn, and the log holds neither address nor secret', async () => {
  const owner = await (await makeWorkspace(world.runtime)).as('owner');
  const input = { email: 'Newcomer@Example.com', role: 'builder' as const };
  const email = 'newcomer@example.com';
  const first = await inviteMember({ ctx: owner, input });
  await expectRefused('conflict', inviteMember({ ctx: owner, input }));
  expect((await listMembers({ ctx: owner })).rows).toHaveLength(1);
  const invitedBy = { id: getMembershipId(owner) };
  expect((await listInvitations({ ctx: owner })).rows).toMatchObject([
    { id: first.id, email, role: 'builder', state: 'open', invitedBy },
  ]);

  await withdrawInvitation({ ctx: owner, input: { invitationId: first.id } });
  await expectRefused('expired', accept(owner.runtime, first.token));
  await expectRefused('not_found', renewInvitation({ ctx: owner, input: { invitationId: first.id } }));
  const second = await inviteMember({ ctx: owner, input });
  const renewed = await renewInvitation({ ctx: owner, input: { invitationId: second.id } });
  await expectRefused('expired', accept(owner.runtime, second.token));
  const { membershipId } = await accept(owner.runtime, renewed.token);
  expect((await listInvitations({ ctx: owner })).rows).toEqual([]);
  await expectRefused('not_found', withdrawInvitation({ ctx: owner, input: { invitationId: second.id } }));
  await expectRefused('conflict', inviteMember({ ctx: owner, input }));
  expect((await listMembers({ ctx: owner })).rows).toContainEqual(
    expect.objectContaining({ id: membershipId, name: 'Nea Newcomer', email, role: 'builder' }),
  );
  const log = await listAdminAudit({ ctx: owner });
  expect(log.rows.map(({ action, actorId }) => [action, actorId]).toReversed()).toEqual([
    ['member.invite', invitedBy.id],
    ['member.withdraw_invitation', invitedBy.id],
    ['member.invite', invitedBy.id],
    ['member.renew_invitation', invitedBy.id],
    ['member.join', membershipId],
  ]);
  const kept = await runInTenant(owner.runtime.db, owner.tenantId, (tx) => tx.adminAudit.findMany());
  for (const secret of [first.token, renewed.token]) expect(JSON.stringify([kept, log])).not.toContain(secret);
  // who reads the log is told whom it was about; what is kept goes with the address
  expect(JSON.stringify(kept)).not.toContain(email);
});

test('an address is one in every form that it is typed in, is kept in one, and signs in by each; a look-alike is nobody', async () => {
  const workspace = await makeWorkspace(world.runtime);
  const owner = await workspace.as('owner');
  const forms = ['Ada@MÜNCHEN.Example', 'ada@mu\u0308nchen.example', 'ADA@XN--MNCHEN-3YA.example', ' ada@münchen。example. '];
  const stored = 'ada@xn--mnchen-3ya.example';
  const { token } = await inviteMember({ ctx: owner, input: { email: forms[0] ?? '', role: 'builder' } });
  for (const email of forms) await expectRefused('conflict', inviteMember({ ctx: owner, input: { email, role: 'member' } }));
  expect((await listInvitations({ ctx: owner })).rows.map(({ email }) => email)).toEqual([stored]);
  await accept(owner.runtime, token);
  for (const email of forms) await expectRefused('conflict', inviteMember({ ctx: owner, input: { email, role: 'member' } }));
  expect((await listMembers({ ctx: owner })).rows.map(({ email }) => email)).toContain(stored);
  for (const email of forms) expect(await enter(world.runtime, workspace.tenant.slug, email, PASSWORD)).toBeDefined();
  for (const email of ['ada@m\u00fcnch\u0435n.example', 'ada@xn--mnchn-kva298c.example'])
    await expectRefused('invalid', inviteMember({ ctx: owner, input: { email, role: 'member' } }));
});

test('an admin invites no owner, renews and withdraws no invitation of one, and resets none', async () => {
  const workspace = await makeWorkspace(world.runtime);
  const [owner, admin] = [await workspace.as('owner'), await workspace.as('admin')];
  const input = { email: 'second@example.com', role: 'owner' as const };
  await expectRefused('not_permitted', inviteMember({ ctx: admin, input }));
  const { id: invitationId } = await inviteMember({ ctx: owner, input });
  await expectRefused('not_permitted', renewInvitation({ ctx: admin, input: { invitationId } }));
  await expectRefused('not_permitted', withdrawInvitation({ ctx: admin, input: { invitationId } }));
  await expectRefused('not_permitted', createResetLink({ ctx: admin, input: { membershipId: getMembershipId(owner) } }));
  await expectRefused('precondition', createResetLink({ ctx: admin, input: { membershipId: getMembershipId(admin) } }));
});

test('who loses the right to invite takes the links made with it along', async () => {
  const workspace = await makeWorkspace(world.runtime);
  const [owner, admin, second] = [await workspace.as('owner'), await workspace.as('admin'), await workspace.as('admin')];
  const { token } = await inviteMember({ ctx: admin, input: { email: 'a@example.com', role: 'admin' } });
  const later = await inviteMember({ ctx: second, input: { email: 'b@example.com', role: 'admin' } });
  await removeMember({ ctx: owner, input: { membershipId: getMembershipId(admin) } });
  await changeRole({ ctx: owner, input: { membershipId: getMembershipId(second), role: 'builder' } });
  await expectRefused('expired', accept(owner.runtime, token));
  await expectRefused('expired', accept(owner.runtime, later.token));
});

test('a membership that ended opens nothing and keeps its id; coming back makes another', async () => {
  const owner = await (await makeWorkspace(world.runtime)).as('owner');
  const email = 'comes.back@example.com';
  const first = await join(owner, email, 'auditor');
  const session = await enter(owner.runtime, owner.tenantSlug, email, PASSWORD);
  const link = await createResetLink({ ctx: owner, input: { membershipId: first.membershipId } });
  await removeMember({ ctx: owner, input: { membershipId: first.membershipId } });

  await expectRefused('not_found', reopen(session));
  const reset = { token: link.token, ip: makeIp(), newPassword: 'another long password' };
  await expectRefused('expired', resetPassword({ runtime: owner.runtime, input: reset }));
  const named = { membershipId: first.membershipId };
  await expectRefused('not_found', removeMember({ ctx: owner, input: named }));
  await expectRefused('not_found', changeRole({ ctx: owner, input: { ...named, role: 'admin' } }));
  await expectRefused('not_found', createResetLink({ ctx: owner, input: named }));
  const second = await join(owner, email, 'member');
  expect(second.membershipId).not.toBe(first.membershipId);
  await expectRefused('not_found', reopen(session));
  const rows = await readMemberships(owner.tenantId, email);
  expect(rows.map(({ id, endedAt }) => [id, endedAt !== null])).toEqual([
    [first.membershipId, true],
    [second.membershipId, false],
  ]);
});

test('the list says by whose link an account came about, and who had invited', async () => {
  const { runtime } = world;
  const workspace = await makeWorkspace(runtime);
  const [owner, admin] = [await workspace.as('owner'), await workspace.as('admin')];
  const [ownerId, adminId] = [getMembershipId(owner), getMembershipId(admin)];
  const find = async (id: string) => (await listMembers({ ctx: owner })).rows.find((member) => member.id === id)?.link;
  expect(await find(ownerId)).toBeNull();
  const { id: invitationId } = await inviteMember({ ctx: admin, input: { email: 'led@example.com', role: 'reviewer' } });
  const { token } = await renewInvitation({ ctx: owner, input: { invitationId } });
  const { membershipId } = await accept(owner.runtime, token);
  expect(await find(membershipId)).toMatchObject({ kind: 'invitation', madeBy: { id: ownerId }, invitedBy: { id: adminId } });
  const reset = async (given: string) =>
    resetPassword({ runtime: owner.runtime, input: { token: given, ip: makeIp(), newPassword: 'another long password' } });
  await reset((await createResetLink({ ctx: admin, input: { membershipId } })).token);
  expect(await find(membershipId)).toMatchObject({ kind: 'reset', madeBy: { id: adminId }, invitedBy: null });
  await reset((await createOperatorLink({ runtime, input: { tenantSlug: owner.tenantSlug, email: 'led@example.com' } })).token);
  expect(await find(membershipId)).toMatchObject({ kind: 'reset', madeBy: null, invitedBy: null });
});

/** What the person of a context can open now. */
function reopen({ actor, runtime, tenantSlug }: ServiceContext): Promise<ServiceContext> {
  if (actor.kind !== 'person') throw new Error('Not a person');
  return openContext({ runtime, input: { userId: actor.userId, tenantSlug, requestId: 'r' } });
}

const readMemberships = (tenantId: string, email: string) =>
  runInTenant(world.runtime.db, tenantId, (tx) =>
    tx.membership.findMany({ where: { tenantId, email }, orderBy: { createdAt: 'asc' } }),
  );

test('only an owner deals with owners, and the last one stays', async () => {
  const { runtime } = world;
  const workspace = await makeWorkspace(runtime);
  const [owner, admin] = [await workspace.as('owner'), await workspace.as('admin')];
  const ownerId = getMembershipId(owner);
  await expectRefused('not_permitted', changeRole({ ctx: admin, input: { membershipId: ownerId, role: 'member' } }));
  await expectRefused('not_permitted', removeMember({ ctx: admin, input: { membershipId: ownerId } }));
  await expectRefused(
    'not_permitted',
    changeRole({ ctx: admin, input: { membershipId: getMembershipId(admin), role: 'owner' } }),
  );
  await expectRefused('conflict', changeRole({ ctx: owner, input: { membershipId: ownerId, role: 'admin' } }));
  await expectRefused('conflict', removeMember({ ctx: owner, input: { membershipId: ownerId } }));
  const second = await workspace.as('owner');
  const outcomes = await Promise.allSettled([
    removeMember({ ctx: owner, input: { membershipId: getMembershipId(second) } }),
    removeMember({ ctx: second, input: { membershipId: ownerId } }),
  ]);
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('members: other tenant is not found, wrong role is not permitted, audit rows are written', async () => {
  const { runtime } = world;
  const workspace = await makeWorkspace(runtime);
  const owner = await workspace.as('owner');
  const member = getMembershipId(await workspace.as('member'));
  const stranger = await (await makeWorkspace(runtime)).as('owner');
  await expectRefused('not_found', changeRole({ ctx: stranger, input: { membershipId: member, role: 'admin' } }));
  await expectRefused('not_found', removeMember({ ctx: stranger, input: { membershipId: member } }));
  expect((await listMembers({ ctx: stranger })).rows.map(({ id }) => id)).toEqual([getMembershipId(stranger)]);
  const builder = await workspace.as('builder');
  await expectRefused('not_permitted', changeRole({ ctx: builder, input: { membershipId: member, role: 'admin' } }));
  await expectRefused('not_permitted', removeMember({ ctx: builder, input: { membershipId: member } }));
  await expectRefused('not_permitted', inviteMember({ ctx: builder, input: { email: 'x@example.com', role: 'member' } }));
  await expectRefused('not_permitted', createResetLink({ ctx: builder, input: { membershipId: member } }));
  await expectRefused('not_found', createResetLink({ ctx: stranger, input: { membershipId: member } }));
  const { id: invitationId } = await inviteMember({ ctx: owner, input: { email: 'x@example.com', role: 'member' } });
  await expectRefused('not_found', renewInvitation({ ctx: stranger, input: { invitationId } }));
  await expectRefused('not_found', withdrawInvitation({ ctx: stranger, input: { invitationId } }));
  await expectRefused('not_permitted', listInvitations({ ctx: await workspace.as('member') }));
  expect((await listInvitations({ ctx: stranger })).rows).toEqual([]);
  await expectRefused('not_permitted', listMembers({ ctx: await workspace.as('member') }));
  await expectRefused('not_permitted', createSite({ ctx: builder, input: { slug: 'x', name: 'X' } }));
  await expectRefused('not_permitted', listAdminAudit({ ctx: builder }));

  await changeRole({ ctx: owner, input: { membershipId: member, role: 'auditor' } });
  await changeRole({ ctx: owner, input: { membershipId: member, role: 'auditor' } });
  await removeMember({ ctx: owner, input: { membershipId: member } });
  expect((await readAudit(owner, member)).map(({ action, before, after }) => [action, before, after])).toEqual([
    ['member.change_role', { role: 'member' }, { role: 'auditor' }],
    ['member.remove', { role: 'auditor' }, null],
  ]);
});

test('who is removed is told to those who show the access and the keys of that person, and to nobody else', async () => {
  const { runtime } = world;
  const workspace = await makeWorkspace(runtime);
  const owner = await workspace.as('owner');
  const member = getMembershipId(await workspace.as('member'));
  const [used] = [await putProfile(owner, workspace.site.id, []), await putProfile(owner, workspace.site.id, [])];
  const keyId = await putClientKey(owner, { profileId: used, membershipId: member });
  const publish = vi.spyOn(runtime.signals, 'publishInTransaction');
  await removeMember({ ctx: owner, input: { membershipId: member } });
  const told = publish.mock.calls.flatMap(([, signals]) => signals.map(({ kind, id }) => `${kind} ${id}`));
  publish.mockRestore();
  expect(told).toEqual(expect.arrayContaining([`member ${member}`, `profile ${used}`, `client_key ${keyId}`]));
  expect(told.filter((text) => text.startsWith('profile'))).toHaveLength(1);
});

test('the admin log names people, pages without gap or repeat, and shows one tenant', async () => {
  const { runtime } = world;
  const workspace = await makeWorkspace(runtime);
  const owner = await workspace.as('owner');
  const other = await makeWorkspace(runtime);
  await createSite({ ctx: await other.as('owner'), input: { slug: 'hidden', name: 'Hidden' } });
  for (const slug of ['a', 'b', 'c', 'd', 'e']) await createSite({ ctx: owner, input: { slug, name: slug } });
  await expectRefused('conflict', createSite({ ctx: owner, input: { slug: 'a', name: 'Again' } }));
  const seen: unknown[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await listAdminAudit({ ctx: owner, input: { limit: 2, ...(cursor ? { cursor } : {}) } });
    seen.push(...page.rows.map(({ action, actorName, after }) => [action, actorName, JSON.stringify(after).slice(0, 40)]));
    if (page.nextCursor === null) break;
    cursor = page.nextCursor;
  }
  await expectRefused('invalid', listAdminAudit({ ctx: owner, input: { cursor: 'no cursor' } }));
  expect(seen).toHaveLength(5);
  expect(new Set(seen.map((row) => JSON.stringify(row))).size).toBe(5);
  expect(seen[0]).toEqual(['site.create', 'Ada Example', expect.stringContaining('"slug":"e"')]);
});

test('people of one workspace are not shown in another', async () => {
  const { runtime } = world;
  const ctx = await (await makeWorkspace(runtime)).as('owner');
  const stranger = await makeUser(runtime.db, { name: 'Hidden Person' });
  expect(JSON.stringify(await listMembers({ ctx }))).not.toContain(stranger.email);
});
