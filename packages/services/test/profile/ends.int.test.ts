import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { defineTool } from '@gatehouse/policy/testing/build';

import { createClientKey } from '../../src/client-key/create-client-key.ts';
import { revokeClientKey } from '../../src/client-key/revoke-client-key.ts';
import { getActorId } from '../../src/context.ts';
import { saveDraft } from '../../src/profile/draft/save-draft.ts';
import { archiveProfile, restoreProfile } from '../../src/profile/end/archive-profile.ts';
import { deleteProfile } from '../../src/profile/end/delete-profile.ts';
import { getProfileEnd } from '../../src/profile/end/get-profile-end.ts';
import { getProfile } from '../../src/profile/get-profile.ts';
import { grantAccess } from '../../src/profile/grant-access.ts';
import { startDraft } from '../../src/profile/history/start-draft.ts';
import { listProfiles } from '../../src/profile/list-profiles.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { revokeAccess } from '../../src/profile/revoke-access.ts';
import { disableProfile, enableProfile } from '../../src/profile/switch-profile.ts';
import { getReceipt } from '../../src/receipt/get-receipt.ts';
import { ingestReceipts } from '../../src/receipt/ingest-receipts.ts';
import { listRevocations } from '../../src/revocation/list-revocations.ts';
import { addApprovedServer, createDraftedProfile, makeDomain, readNewestSnapshot } from '../support/domain.ts';
import { Spool } from '../support/receipts.ts';
import { expectRefused, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
const { admin, workspace } = domain;
let server: { id: string; slug: string };

beforeAll(async () => {
  server = await addApprovedServer(domain, [defineTool('get_order')]);
});

async function makePublished() {
  const profile = await createDraftedProfile(domain, [{ serverId: server.id, name: 'get_order' }]);
  await publishProfile({ ctx: admin, input: { profileId: profile.id } });
  return profile;
}

async function isServed(profileId: string): Promise<boolean> {
  return (await readNewestSnapshot(domain))?.content.profiles.some(({ id }) => id === profileId) ?? false;
}

const listActs = async (profileId: string) =>
  (await listRevocations({ ctx: admin, input: { limit: 200 } })).rows
    .filter(({ subjectId }) => subjectId === profileId)
    .map(({ act }) => act)
    .toReversed();

test('archiving cuts a profile off by the log at once; restoring gives it back as it was', async () => {
  const { id, slug } = await makePublished();
  const person = await workspace.as('member');
  const membershipId = getActorId(person.actor);
  await grantAccess({ ctx: admin, input: { profileId: id, membershipId } });
  const key = await createClientKey({ ctx: person, input: { profileId: id, name: 'laptop' } });
  expect(await getProfileEnd({ ctx: admin, input: { profileId: id } })).toMatchObject({
    endpoints: [{ url: `http://127.0.0.1:7300/p/${slug}/mcp` }],
    peopleCount: 1,
    keyCount: 1,
    dependents: expect.stringMatching(/ has access to it, with 1 key that works\.$/),
  });
  await archiveProfile({ ctx: admin, input: { profileId: id } });
  expect(await isServed(id)).toBe(false);
  expect(await listActs(id)).toEqual(['stop']);
  expect((await listProfiles({ ctx: person })).rows).toEqual([]);
  expect((await getProfile({ ctx: admin, input: { slug } })).profile).toMatchObject({ archivedAt: expect.any(Date) });
  await expectRefused('conflict', archiveProfile({ ctx: admin, input: { profileId: id } }));
  for (const late of [
    () => publishProfile({ ctx: admin, input: { profileId: id } }),
    () => enableProfile({ ctx: admin, input: { profileId: id } }),
  ])
    expect((await expectRefused('precondition', late())).message).toContain('Restore it first');

  await expectRefused('conflict', disableProfile({ ctx: admin, input: { profileId: id } }));

  expect(await restoreProfile({ ctx: admin, input: { profileId: id } })).toEqual({ id, disabled: false });
  expect(await isServed(id)).toBe(true);
  expect(await listActs(id)).toEqual(['stop', 'lift']);
  const served = await readNewestSnapshot(domain);
  expect(
    served?.content.clientKeys.map(({ keyId }) => keyId),
    'keys are as they were',
  ).toContain(key.id);
  await expectRefused('conflict', restoreProfile({ ctx: admin, input: { profileId: id } }));
  expect((await readAudit(admin, id)).map(({ action }) => action).slice(-2)).toEqual(['profile.archive', 'profile.restore']);
});

test('what was disabled before it was archived is disabled when it is restored', async () => {
  const { id } = await makePublished();
  await disableProfile({ ctx: admin, input: { profileId: id } });
  await archiveProfile({ ctx: admin, input: { profileId: id } });
  expect(await restoreProfile({ ctx: admin, input: { profileId: id } })).toEqual({ id, disabled: true });
  expect(await isServed(id)).toBe(false);
  expect(await listActs(id)).toEqual(['stop']);
  await enableProfile({ ctx: admin, input: { profileId: id } });
  expect(await isServed(id)).toBe(true);
});

test('only what is archived is deleted, and only when nobody depends on it', async () => {
  const { id, slug } = await makePublished();
  const person = await workspace.as('member');
  const membershipId = getActorId(person.actor);
  await grantAccess({ ctx: admin, input: { profileId: id, membershipId } });
  const key = await createClientKey({ ctx: person, input: { profileId: id, name: 'laptop' } });
  const spool = new Spool(workspace.site.id);
  const receipt = spool.makeNext({ profileId: id, profileVersion: 1, keyId: key.id });
  await ingestReceipts({ ctx: domain.agentCtx, input: { spoolId: spool.spoolId, receipts: [receipt] } });
  const before = await getReceipt({ ctx: admin, input: { id: receipt.id } });

  const remove = () => deleteProfile({ ctx: admin, input: { profileId: id } });
  expect((await expectRefused('precondition', remove())).message).toContain('Archive it first');
  await archiveProfile({ ctx: admin, input: { profileId: id } });
  expect((await expectRefused('precondition', remove())).message).toMatch(/has access to it, with 1 key that works/);
  await revokeClientKey({ ctx: admin, input: { keyId: key.id } });
  expect((await expectRefused('precondition', remove())).message).toMatch(/has access to it\./);
  await revokeAccess({ ctx: admin, input: { profileId: id, membershipId } });
  await remove();

  await expectRefused('not_found', getProfile({ ctx: admin, input: { slug } }));
  await expectRefused('not_found', remove());
  await expectRefused('not_found', restoreProfile({ ctx: admin, input: { profileId: id } }));
  expect((await readAudit(admin, id)).at(-1)).toMatchObject({ action: 'profile.delete', before: { slug, versions: 1 } });
  const after = await getReceipt({ ctx: admin, input: { id: receipt.id } });
  expect(after.profile, 'receipts keep its name').toEqual(before.profile);
  const { rows } = await listRevocations({ ctx: admin, input: { limit: 200 } });
  expect(rows.find(({ subjectId }) => subjectId === id)).toMatchObject({ subjectName: before.profile?.name });
});

test('of two who end it at the same time one does', async () => {
  const { id } = await makePublished();
  const people = await Promise.all([1, 2, 3].map(() => workspace.as('admin')));
  const archived = await Promise.allSettled(people.map((ctx) => archiveProfile({ ctx, input: { profileId: id } })));
  expect(archived.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await listActs(id)).toEqual(['stop']);
  const deleted = await Promise.allSettled(people.map((ctx) => deleteProfile({ ctx, input: { profileId: id } })));
  expect(deleted.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('roles, other tenants and bad input', async () => {
  const { id } = await makePublished();
  const input = { profileId: id };
  for (const role of ['builder', 'reviewer', 'auditor', 'member'] as const) {
    const ctx = await workspace.as(role);
    for (const verb of [archiveProfile, restoreProfile, deleteProfile, getProfileEnd])
      await expectRefused('not_permitted', verb({ ctx, input }));
  }
  const other = await makeDomain(await makeWorkspace(world.runtime));
  for (const verb of [archiveProfile, restoreProfile, deleteProfile, getProfileEnd]) {
    await expectRefused('not_found', verb({ ctx: other.admin, input }));
    await expectRefused('not_found', verb({ ctx: admin, input: { profileId: randomUUID() } }));
    await expectRefused('invalid', verb({ ctx: admin, input: { profileId: 'x' } }));
  }
});

test('what a draft selects of a server that is gone says so, and what is newly selected of one is unknown', async () => {
  const { id } = await makePublished();
  const gone = { kind: 'tool' as const, serverId: randomUUID(), name: 'lost', rename: 'my_lost' };
  await expectRefused('not_found', saveDraft({ ctx: admin, input: { profileId: id, draft: { entries: [gone] } } }));
  const { draft } = await getProfile({ ctx: admin, input: { profileId: id } });
  await startDraft({ ctx: admin, input: { profileId: id, version: 1, revision: draft?.revision ?? 0 } });
  expect((await getProfile({ ctx: admin, input: { profileId: id } })).draft?.entries).toHaveLength(1);
});
