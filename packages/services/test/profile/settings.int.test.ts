import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { makeAgent, makeSite } from '@gatehouse/db/testing';
import { defineTool } from '@gatehouse/policy/testing/build';

import { getActorId } from '../../src/context.ts';
import { EditConflictError } from '../../src/edit-lock.ts';
import { createProfile } from '../../src/profile/create-profile.ts';
import { saveDraft } from '../../src/profile/draft/save-draft.ts';
import { getProfile } from '../../src/profile/get-profile.ts';
import { grantAccess } from '../../src/profile/grant-access.ts';
import { listProfilePeople } from '../../src/profile/list-profile-people.ts';
import { listProfiles } from '../../src/profile/list-profiles.ts';
import { previewProfile } from '../../src/profile/publish/preview-profile.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { updateProfile, type UpdateProfile } from '../../src/profile/update-profile.ts';
import { addApprovedServer, createDraftedProfile, makeDomain, readNewestSnapshot } from '../support/domain.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
const { admin, workspace } = domain;
const here = workspace.site.id;
let there: string;
let server: { id: string; slug: string };

beforeAll(async () => {
  there = (await makeSite(getFixtureDb(admin.runtime), admin.tenantId, { name: 'Oslo' })).id;
  await makeAgent(getFixtureDb(admin.runtime), admin.tenantId, { siteId: there });
  server = await addApprovedServer(domain, [defineTool('get_order'), defineTool('refund')]);
});

async function makeProfile(tools = ['get_order']) {
  return createDraftedProfile(
    domain,
    tools.map((name) => ({ serverId: server.id, name })),
  );
}

const update = (profileId: string, change: Partial<UpdateProfile>, ctx = admin) =>
  updateProfile({
    ctx,
    input: { profileId, name: 'Desk', description: 'For the desk', siteIds: [here], revision: 1, ...change },
  });
const look = (profileId: string) => getProfile({ ctx: admin, input: { profileId } });

test('name and description are changed at once here, and for AI clients with the next version', async () => {
  const { id } = await makeProfile();
  await publishProfile({ ctx: admin, input: { profileId: id } });
  expect((await look(id)).draft?.changed).toBe(false);
  const served = (await readNewestSnapshot(domain))?.version;
  expect(await update(id, {})).toEqual({ revision: 2 });
  expect((await readNewestSnapshot(domain))?.version, 'nothing else is served').toBe(served);
  expect((await look(id)).profile).toMatchObject({ name: 'Desk', description: 'For the desk', revision: 2 });
  expect((await readAudit(admin, id)).at(-1)).toMatchObject({
    action: 'profile.update',
    before: { description: '' },
    after: { name: 'Desk', description: 'For the desk' },
  });
  // one answer in both places, by content
  expect((await look(id)).draft?.changed).toBe(true);
  expect((await listProfiles({ ctx: admin })).rows.find((row) => row.id === id)?.draftChanged).toBe(true);
  expect((await previewProfile({ ctx: admin, input: { profileId: id } })).instructions).toContain('For the desk');
  await publishProfile({ ctx: admin, input: { profileId: id } });
  expect((await look(id)).draft?.changed).toBe(false);
  const count = (await readAudit(admin, id)).length;
  expect(await update(id, { revision: 2 }), 'the same again is no edit').toEqual({ revision: 2 });
  expect(await readAudit(admin, id)).toHaveLength(count);
});

test('a second editor gets what the first one made of it, and nothing is overwritten', async () => {
  const { id } = await makeProfile();
  const builder = await workspace.as('builder');
  await update(id, { name: 'First' }, builder);
  const error = await expectRefused('conflict', update(id, { name: 'Second' }));
  expect(error).toBeInstanceOf(EditConflictError);
  expect(error instanceof EditConflictError && error.conflict).toMatchObject({
    revision: 2,
    changedBy: { id: getActorId(builder.actor) },
    present: { name: 'First', description: 'For the desk', siteIds: [here] },
  });
  expect((await look(id)).profile.name).toBe('First');
  const both = await Promise.allSettled([update(id, { name: 'A', revision: 2 }), update(id, { name: 'B', revision: 2 })]);
  expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
});

test('settings and draft are edited apart: neither edit refuses the other', async () => {
  const { id } = await makeProfile();
  const { draft } = await look(id);
  await update(id, {});
  const input = { profileId: id, draft: { entries: [] }, revision: draft?.revision };
  expect(await saveDraft({ ctx: admin, input })).toMatchObject({ revision: (draft?.revision ?? 0) + 1 });
});

test('a draft that somebody else saved comes back with the refusal', async () => {
  const { id } = await makeProfile();
  const revision = (await look(id)).draft?.revision;
  await saveDraft({ ctx: admin, input: { profileId: id, draft: { entries: [] }, revision } });
  const late = { profileId: id, draft: { entries: [{ kind: 'tool' as const, serverId: server.id, name: 'refund' }] }, revision };
  const error = await expectRefused('conflict', saveDraft({ ctx: admin, input: late }));
  expect(error instanceof EditConflictError && error.conflict.present).toMatchObject({ draft: { entries: [] } });
});

test('another site is served at once, and one that is left out is not served any more', async () => {
  const both = await addApprovedServer(domain, [defineTool('lookup')], { siteIds: [here, there] });
  const { id } = await createDraftedProfile(domain, [{ serverId: both.id, name: 'lookup' }]);
  await publishProfile({ ctx: admin, input: { profileId: id } });
  const person = await workspace.as('member');
  await grantAccess({ ctx: admin, input: { profileId: id, membershipId: getActorId(person.actor) } });
  const readThere = () => readNewestSnapshot({ admin, workspace: { site: { id: there } } });
  await update(id, { siteIds: [here, there] });
  expect((await readThere())?.content.profiles.map((profile) => profile.id)).toContain(id);
  await update(id, { siteIds: [here], revision: 2 });
  expect((await readThere())?.content.profiles.map((profile) => profile.id)).not.toContain(id);
  expect((await look(id)).sites.map((site) => site.id)).toEqual([here]);
});

test('a site where a server of the published version is not reachable is refused with its name', async () => {
  const { id } = await makeProfile();
  expect(await update(id, { siteIds: [here, there] }), 'a draft may wait for it').toEqual({ revision: 2 });
  await update(id, { siteIds: [here], revision: 2 });
  await publishProfile({ ctx: admin, input: { profileId: id } });
  const error = await expectRefused('precondition', update(id, { siteIds: [here, there], revision: 3 }));
  expect(error.message).toMatch(/^Orders .* is not reachable at Oslo/);
  expect((await look(id)).sites).toHaveLength(1);
});

test('with two sites of which one has not the server, the way out is to serve it at one', async () => {
  const { id } = await createProfile({ ctx: admin, input: { name: `Two ${randomUUID()}`, siteIds: [here, there] } });
  const draft = { entries: [{ kind: 'tool' as const, serverId: server.id, name: 'get_order' }] };
  await expectRefused('precondition', saveDraft({ ctx: admin, input: { profileId: id, draft } }));
  await update(id, { siteIds: [here] });
  await saveDraft({ ctx: admin, input: { profileId: id, draft } });
});

test('roles: builders rename and describe, and change where it is served as long as nothing is', async () => {
  const builder = await workspace.as('builder');
  const { id } = await makeProfile();
  await update(id, { siteIds: [here, there] }, builder);
  await update(id, { siteIds: [here], revision: 2 }, builder);
  await publishProfile({ ctx: admin, input: { profileId: id } });
  await update(id, { name: 'Other', revision: 3 }, builder);
  await expectRefused('not_permitted', update(id, { name: 'Other', siteIds: [there], revision: 4 }, builder));
  for (const role of ['reviewer', 'auditor', 'member'] as const)
    await expectRefused('not_permitted', update(id, {}, await workspace.as(role)));
});

test('other tenants and bad input are refused', async () => {
  const other = await makeDomain(await makeWorkspace(world.runtime));
  const { id } = await makeProfile();
  await expectRefused('not_found', update(id, {}, other.admin));
  await expectRefused('not_found', update(randomUUID(), {}));
  await expectRefused('not_found', update(id, { siteIds: [other.workspace.site.id] }));
  for (const bad of [
    { name: '' },
    { name: 'x'.repeat(81) },
    { name: 'a\u202Eb' },
    { siteIds: [] },
    { revision: 0 },
    { description: 'x'.repeat(2001) },
  ])
    await expectRefused('invalid', update(id, bad));
});

test('what is taken out of a draft is remembered, whoever saves it, and is neither published nor copied', async () => {
  const chosen = {
    kind: 'tool' as const,
    serverId: server.id,
    name: 'refund',
    rename: 'give_back',
    describe: 'Gives money back.',
  };
  const { id } = await makeProfile();
  const save = (entries: object[], setAside?: object[]) =>
    saveDraft({ ctx: admin, input: { profileId: id, draft: { entries, ...(setAside && { setAside }) } as never } });
  const plain = { kind: 'tool', serverId: server.id, name: 'get_order' };
  await save([plain, chosen]);
  await save([plain]);
  expect((await look(id)).draft?.setAside).toMatchObject([chosen]);
  await publishProfile({ ctx: admin, input: { profileId: id } });
  expect((await look(id)).draft?.changed, 'what is aside is no change').toBe(false);
  const copy = await createProfile({ ctx: admin, input: { name: `Copy ${randomUUID()}`, siteIds: [here], copyOf: id } });
  expect((await look(copy.id)).draft).toMatchObject({ entries: [{ name: 'get_order' }], setAside: [] });
  await save([plain, chosen]);
  expect((await look(id)).draft?.setAside).toEqual([]);
});

test('a copy has the draft of the other profile, and nobody has access to it', async () => {
  const { id } = await makeProfile(['get_order', 'refund']);
  await publishProfile({ ctx: admin, input: { profileId: id } });
  await grantAccess({ ctx: admin, input: { profileId: id, membershipId: getActorId(domain.reviewer.actor) } });
  const copy = await createProfile({ ctx: admin, input: { name: `Copy ${randomUUID()}`, siteIds: [here], copyOf: id } });
  const detail = await look(copy.id);
  expect(await listProfilePeople({ ctx: admin, input: { profileId: copy.id } })).toMatchObject({ rows: [], total: 0 });
  expect(detail).toMatchObject({ published: null, draft: { entries: [{ name: 'get_order' }, { name: 'refund' }] } });
  expect((await readAudit(admin, copy.id)).at(-1)).toMatchObject({ action: 'profile.create', after: { copyOf: id } });
  const other = await makeDomain(await makeWorkspace(world.runtime));
  const foreign = { name: 'Copy', siteIds: [other.workspace.site.id], copyOf: id };
  await expectRefused('not_found', createProfile({ ctx: other.admin, input: foreign }));
});
