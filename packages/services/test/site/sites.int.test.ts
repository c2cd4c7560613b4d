import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeAgent } from '@gatehouse/db/testing';

import { enrolAgent } from '../../src/agent/enrol-agent.ts';
import { revokeAgent } from '../../src/agent/revoke-agent.ts';
import { EditConflictError } from '../../src/edit-lock.ts';
import { createJoinToken } from '../../src/join-token/create-join-token.ts';
import { createProfile } from '../../src/profile/create-profile.ts';
import { createServer } from '../../src/server/create-server.ts';
import { createSite } from '../../src/site/create-site.ts';
import { deleteSite } from '../../src/site/delete-site.ts';
import { getSite } from '../../src/site/get-site.ts';
import { listSites } from '../../src/site/list-sites.ts';
import { updateSite } from '../../src/site/update-site.ts';
import { refreshSnapshots } from '../../src/snapshot/refresh-snapshots.ts';
import { putProfile, putServer } from '../support/catalogue.ts';
import { enrolRequest } from '../support/enrolment.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

async function makeSiteOfOwn() {
  const workspace = await makeWorkspace(world.runtime);
  const admin = await workspace.as('admin');
  const { id: siteId } = await createSite({ ctx: admin, input: { slug: 'oulu', name: 'Oulu' } });
  return { workspace, admin, siteId };
}

test('a site changes its name and address, and the log has both of before and of now; who comes second gets both versions', async () => {
  const { admin, siteId, workspace } = await makeSiteOfOwn();
  const input = { siteId, name: 'Oulu harbour', endpointUrl: 'https://oulu.example', revision: 1 };
  expect(await updateSite({ ctx: admin, input })).toEqual({ revision: 2 });
  expect(await updateSite({ ctx: admin, input: { ...input, revision: 2 } })).toEqual({ revision: 2 });
  expect(await getSite({ ctx: admin, input: { slug: 'oulu' } })).toMatchObject({
    name: 'Oulu harbour',
    endpointUrl: 'https://oulu.example',
    revision: 2,
  });
  const late = updateSite({ ctx: await workspace.as('admin'), input: { ...input, name: 'Oulu mine' } });
  expect(await expectRefused('conflict', late)).toBeInstanceOf(EditConflictError);
  await expect(late).rejects.toMatchObject({
    conflict: {
      revision: 2,
      changedBy: { name: 'Ada Example' },
      present: { name: 'Oulu harbour', endpointUrl: 'https://oulu.example' },
    },
  });
  const acts = await readAudit(admin, siteId);
  expect(acts.map(({ action, before, after }) => [action, before, after]).slice(1)).toEqual([
    ['site.update', { name: 'Oulu', endpointUrl: null }, { name: 'Oulu harbour', endpointUrl: 'https://oulu.example' }],
  ]);
});

test('of two who change a site at the same time one is first, and the other is told', async () => {
  const { admin, siteId } = await makeSiteOfOwn();
  const names = ['One', 'Two', 'Three', 'Four'];
  const outcomes = await Promise.allSettled(
    names.map((name) => updateSite({ ctx: admin, input: { siteId, name, endpointUrl: null, revision: 1 } })),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(EditConflictError);
  expect((await getSite({ ctx: admin, input: { slug: 'oulu' } })).revision).toBe(2);
});

test('a site with anything left is not deleted, and what is left is named; then it leaves every list and keeps its name and slug', async () => {
  const { admin, siteId, workspace } = await makeSiteOfOwn();
  const agent = await makeAgent(world.runtime.db, admin.tenantId, { siteId, name: 'oulu-01' });
  await putServer(admin, siteId);
  await putProfile(admin, siteId, []);
  const { message } = await expectRefused('conflict', deleteSite({ ctx: admin, input: { siteId } }));
  expect(message).toMatch(
    /is served there: take the site out of the profile, or delete it; .* is used there: .*; oulu-01 runs there: revoke/,
  );
  await runInTenant(getFixtureDb(world.runtime), admin.tenantId, async (tx) => {
    await tx.serverSite.deleteMany({ where: { siteId } });
    await tx.profileSite.deleteMany({ where: { siteId } });
  });
  await expectRefused('conflict', deleteSite({ ctx: admin, input: { siteId } }));
  await revokeAgent({ ctx: admin, input: { agentId: agent.id } });
  const { token } = await createJoinToken({ ctx: admin, input: { siteId, agentName: 'oulu-02' } });
  await deleteSite({ ctx: admin, input: { siteId } });

  await expectRefused('not_found', getSite({ ctx: admin, input: { slug: 'oulu' } }));
  expect((await listSites({ ctx: admin })).rows.map(({ id }) => id)).toEqual([workspace.site.id]);
  await expectRefused('not_found', deleteSite({ ctx: admin, input: { siteId } }));
  await expectRefused('not_found', createJoinToken({ ctx: admin, input: { siteId, agentName: 'oulu-03' } }));
  await expectRefused('not_found', createProfile({ ctx: admin, input: { name: 'P', siteIds: [siteId] } }));
  const server = {
    name: 'S',
    purpose: 'p',
    siteIds: [siteId],
    transport: { kind: 'http' as const, url: 'https://x.example/mcp' },
  };
  await expectRefused('not_found', createServer({ ctx: admin, input: server }));
  await expectRefused('not_permitted', enrolAgent({ runtime: world.runtime, input: enrolRequest(token) }));
  await expectRefused('conflict', createSite({ ctx: admin, input: { slug: 'oulu', name: 'Oulu' } }));
  await createSite({ ctx: admin, input: { name: 'Oulu' } });
  expect((await listSites({ ctx: admin })).rows.map(({ slug }) => slug)).toContain('oulu-2');
  await refreshSnapshots({ ctx: workspace.asSystem('refresh-snapshots') });
  const acts = await readAudit(admin, siteId);
  expect(acts.at(-1)).toMatchObject({ action: 'site.delete', before: { slug: 'oulu', name: 'Oulu' } });
});

test('a site that is deleted at the very moment in which something is added there has nothing afterwards, or stays', async () => {
  const { admin, workspace } = await makeSiteOfOwn();
  for (let round = 0; round < 6; round += 1) {
    const { id: siteId } = await createSite({ ctx: admin, input: { slug: `round-${round}`, name: `Round ${round}` } });
    const { token } = await createJoinToken({ ctx: admin, input: { siteId, agentName: 'a' } });
    const add = [
      () => createProfile({ ctx: admin, input: { name: `P ${round}`, siteIds: [siteId] } }),
      () => createJoinToken({ ctx: admin, input: { siteId, agentName: 'b' } }),
      () => enrolAgent({ runtime: world.runtime, input: enrolRequest(token) }),
    ][round % 3];
    await Promise.allSettled([deleteSite({ ctx: admin, input: { siteId } }), add?.()]);
    const left = await runInTenant(getFixtureDb(world.runtime), admin.tenantId, async (tx) => ({
      ended: (await tx.site.findUniqueOrThrow({ where: { tenantId_id: { tenantId: admin.tenantId, id: siteId } } })).endedAt,
      agents: await tx.agent.count({ where: { siteId } }),
      profiles: await tx.profileSite.count({ where: { siteId } }),
      tokens: await tx.joinToken.count({ where: { siteId, usedAt: null, revokedAt: null } }),
    }));
    if (left.ended !== null) expect(left).toMatchObject({ agents: 0, profiles: 0, tokens: 0 });
  }
  expect(workspace.tenant.id).toBe(admin.tenantId);
});

test('sites: other tenant is not found, wrong role is not permitted, bad input names its field', async () => {
  const { admin, siteId, workspace } = await makeSiteOfOwn();
  const stranger = await (await makeWorkspace(world.runtime)).as('owner');
  const builder = await workspace.as('builder');
  const input = { siteId, name: 'X', endpointUrl: null, revision: 1 };
  await expectRefused('not_found', updateSite({ ctx: stranger, input }));
  await expectRefused('not_found', deleteSite({ ctx: stranger, input: { siteId } }));
  await expectRefused('not_found', getSite({ ctx: stranger, input: { slug: 'oulu' } }));
  await expectRefused('not_permitted', updateSite({ ctx: builder, input }));
  await expectRefused('not_permitted', deleteSite({ ctx: builder, input: { siteId } }));
  await expectRefused('not_permitted', getSite({ ctx: await workspace.as('member'), input: { slug: 'oulu' } }));
  for (const [bad, field] of [
    [{ ...input, name: ' ' }, 'name'],
    [{ ...input, endpointUrl: 'ftp://x' }, 'endpointUrl'],
    [{ ...input, revision: 0 }, 'revision'],
  ] as const)
    expect((await expectRefused('invalid', updateSite({ ctx: admin, input: bad }))).field).toBe(field);
  const taken = updateSite({ ctx: admin, input: { ...input, name: workspace.site.name } });
  expect((await expectRefused('conflict', taken)).field).toBe('name');
});
