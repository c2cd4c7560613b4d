import { afterAll, expect, test, vi } from 'vitest';

import { makeUser } from '@gatehouse/db/testing';

import { listAdminAudit } from '../src/admin-audit/list-admin-audit.ts';
import { openContext } from '../src/auth/open-context.ts';
import { signIn } from '../src/auth/sign-in.ts';
import type { ServiceContext } from '../src/context.ts';
import { addMember } from '../src/member/add-member.ts';
import { changeRole } from '../src/member/change-role.ts';
import { listMembers } from '../src/member/list-members.ts';
import { removeMember } from '../src/member/remove-member.ts';
import { createSite } from '../src/site/create-site.ts';
import { listSites } from '../src/site/list-sites.ts';
import { createTenant } from '../src/tenant/create-tenant.ts';
import { putClientKey, putProfile } from './support/catalogue.ts';
import { readAudit, makeWorkspace, openWorld, expectRefused } from './support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

const getMembershipId = (ctx: ServiceContext) => (ctx.actor.kind === 'person' ? ctx.actor.membershipId : '');

test('a workspace is made with a key and an owner who can sign in; its slug is taken then', async () => {
  const { runtime } = world;
  const owner = { email: 'Olga@Example.com', name: 'Olga Owner', password: 'a long enough password' };
  const { tenantId, ownerMembershipId } = await createTenant({ runtime, input: { slug: 'acme', name: 'Acme', owner } });
  const { userId } = await signIn({ runtime, input: { email: owner.email, password: owner.password, ip: '192.0.2.1' } });
  const ctx = await openContext({ runtime, input: { userId, tenantSlug: 'acme', requestId: 'r' } });
  expect(ctx).toMatchObject({ tenantId, actor: { membershipId: ownerMembershipId, role: 'owner' } });
  await createSite({ ctx, input: { slug: 'local', name: 'Local' } });
  expect(await listSites({ ctx })).toMatchObject([{ slug: 'local', snapshotVersion: 1, agentCount: 0 }]);
  await expectRefused('conflict', createTenant({ runtime, input: { slug: 'acme', name: 'Other', owner } }));
});

test('a new person gets a password once; one who is known keeps the own', async () => {
  const { runtime } = world;
  const [one, two] = [await (await makeWorkspace(runtime)).as('admin'), await (await makeWorkspace(runtime)).as('admin')];
  const input = { email: 'newcomer@example.com', name: 'Nea Newcomer', role: 'builder' as const };
  const first = await addMember({ ctx: one, input });
  const password = first.initialPassword ?? '';
  const second = await addMember({ ctx: two, input: { ...input, name: 'Somebody Else', role: 'auditor' } });
  expect(second.initialPassword).toBeUndefined();
  const signedIn = await signIn({ runtime, input: { email: input.email, password, ip: '192.0.2.1' } });
  expect(signedIn.name).toBe('Nea Newcomer');
  await expectRefused('conflict', addMember({ ctx: one, input }));
  expect(await listMembers({ ctx: two })).toContainEqual(
    expect.objectContaining({ id: second.membershipId, name: 'Nea Newcomer', email: input.email, role: 'auditor' }),
  );
  const rows = await readAudit(one, first.membershipId);
  expect(rows.map(({ action, after }) => [action, after])).toEqual([['member.add', { role: 'builder' }]]);
  expect(JSON.stringify(await listAdminAudit({ ctx: one }))).not.toContain(password);
});

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
  expect((await listMembers({ ctx: stranger })).map(({ id }) => id)).toEqual([getMembershipId(stranger)]);
  const builder = await workspace.as('builder');
  await expectRefused('not_permitted', changeRole({ ctx: builder, input: { membershipId: member, role: 'admin' } }));
  await expectRefused('not_permitted', removeMember({ ctx: builder, input: { membershipId: member } }));
  await expectRefused('not_permitted', addMember({ ctx: builder, input: { email: 'x@example.com', name: 'X', role: 'member' } }));
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
