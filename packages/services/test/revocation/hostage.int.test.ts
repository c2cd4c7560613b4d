import { afterAll, expect, onTestFinished, test, vi } from 'vitest';

import { makeSite } from '@gatehouse/db/testing';
import { defineTool } from '@gatehouse/policy/testing/build';

import { createClientKey } from '../../src/client-key/create-client-key.ts';
import { revokeClientKey } from '../../src/client-key/revoke-client-key.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { revokeAccess } from '../../src/profile/revoke-access.ts';
import { disableProfile } from '../../src/profile/switch-profile.ts';
import { getNewRevocations } from '../../src/revocation/get-new-revocations.ts';
import { keepRevocations } from '../../src/revocation/keep-revocations.ts';
import { disableServer } from '../../src/server/switch-server.ts';
import { refreshSnapshots } from '../../src/snapshot/refresh-snapshots.ts';
import { addApprovedServer, createDraftedProfile, makeDomain, readNewestSnapshot, serveOneTool } from '../support/domain.ts';
import { getFixtureDb, makeWorkspace, openWorld, type Workspace } from '../support/world.ts';

const world = await openWorld();
const owner = await world.database.connectOwner();
afterAll(() => world.close());
const logged = vi.spyOn(world.runtime.log, 'error');

/** A profile with one tool, and a person with access to it and a key. */
async function makeServed(place?: Workspace) {
  const domain = await makeDomain(place ?? (await makeWorkspace(world.runtime)));
  const { server, profile, person, membershipId } = await serveOneTool(domain);
  const { id: keyId } = await createClientKey({ ctx: person, input: { profileId: profile.id, name: 'laptop' } });
  return { ...domain, server, profile, membershipId, keyId };
}

type Served = Awaited<ReturnType<typeof makeServed>>;

/** What the log that agents are given counts. */
const countRevoked = async ({ agentCtx }: Served) =>
  (await getNewRevocations({ ctx: agentCtx, input: { after: 0 } }))?.entries.length ?? 0;

/** Leaves something of a server where no configuration can be made of it: what nobody signed is only left out. */
const replaceName = (serverId: string) => owner.query(`update server set name = repeat('x', 200) where id = $1`, [serverId]);

const VERBS: [string, (served: Served) => Promise<unknown>][] = [
  ['a key is revoked', ({ admin, keyId }) => revokeClientKey({ ctx: admin, input: { keyId } })],
  [
    'access is taken away',
    ({ admin, profile: { id }, membershipId }) => revokeAccess({ ctx: admin, input: { profileId: id, membershipId } }),
  ],
  ['a member is removed', ({ admin, membershipId }) => removeMember({ ctx: admin, input: { membershipId } })],
  ['a profile is disabled', ({ admin, profile }) => disableProfile({ ctx: admin, input: { profileId: profile.id } })],
  ['a server is disabled', ({ admin, server }) => disableServer({ ctx: admin, input: { serverId: server.id } })],
];

test.each(VERBS)(
  '%s while somebody else writes the configuration of the site, and the next pass takes it in',
  async (_, revoke) => {
    const served = await makeServed();
    const { workspace } = served;
    const { site } = workspace;
    const before = await readNewestSnapshot(served);
    const builder = await world.database.connectOwner();
    onTestFinished(() => builder.end());
    await builder.query('begin');
    await builder.query('select from site where id = $1 for update', [site.id]);
    logged.mockClear();
    await revoke(served);
    expect(await countRevoked(served)).toBe(1);
    expect(logged.mock.calls.map(([, text]) => text)).toEqual([expect.stringContaining('not in the configuration yet')]);
    await builder.query('rollback');
    await refreshSnapshots({ ctx: workspace.asSystem('refresh-snapshots') });
    expect((await readNewestSnapshot(served))?.version).toBeGreaterThan(before?.version ?? Infinity);
  },
);

test.each(VERBS.slice(3))('%s though a stored document of the site cannot be read', async (_, revoke) => {
  const served = await makeServed();
  const other = await addApprovedServer(served, [defineTool('get_invoice')]);
  const profile = await createDraftedProfile(served, [{ serverId: other.id, name: 'get_invoice' }]);
  await publishProfile({ ctx: served.admin, input: { profileId: profile.id } });
  await replaceName(other.id);
  logged.mockClear();
  await revoke(served);
  expect(await countRevoked(served)).toBe(1);
  expect(logged.mock.calls.map(([, text]) => text)).toEqual([expect.stringContaining('not in the configuration yet')]);
});

test.each(VERBS.slice(2, 4))('%s though the configuration of the site takes longer than a transaction may', async (_, revoke) => {
  const served = await makeServed();
  await owner.query(`create function dawdle() returns trigger language plpgsql as 'begin perform pg_sleep(20); return new; end'`);
  await owner.query('create trigger dawdle before insert on manifest for each row execute function dawdle()');
  onTestFinished(async () => {
    await owner.query('drop function dawdle cascade');
  });
  await revoke(served);
  expect(await countRevoked(served)).toBe(1);
});

test('a site that cannot be written keeps no later one from what was revoked', async () => {
  const broken = await makeServed();
  const { workspace } = broken;
  const site = await makeSite(getFixtureDb(broken.admin.runtime), workspace.tenant.id);
  // passes go by ids, so that the one that fails comes first
  expect(site.id > workspace.site.id).toBe(true);
  const served = await makeServed({ ...workspace, site });
  const before = await readNewestSnapshot(served);
  const builder = await world.database.connectOwner();
  await builder.query('begin');
  await builder.query('select from site where id = $1 for update', [site.id]);
  await revokeClientKey({ ctx: served.admin, input: { keyId: served.keyId } });
  await builder.query('rollback');
  expect((await readNewestSnapshot(served))?.version).toBe(before?.version);
  await replaceName(broken.server.id);
  await expect(refreshSnapshots({ ctx: workspace.asSystem('refresh-snapshots') })).rejects.toThrow();
  expect((await readNewestSnapshot(served))?.version).toBeGreaterThan(before?.version ?? Infinity);
});

test('a site that cannot be written leaves the log of what was revoked as fresh as ever', async () => {
  const served = await makeServed();
  const { workspace, agent, server } = served;
  const { id: tenantId } = workspace.tenant;
  await refreshSnapshots({ ctx: workspace.asSystem('refresh-snapshots') });
  await revokeClientKey({ ctx: served.admin, input: { keyId: served.keyId } });
  await owner.query(`update revocation_head set as_of = as_of - interval '1 hour' where tenant_id = $1`, [tenantId]);
  // its site has to be signed again above what an agent has had
  await owner.query('update agent set ahead_version = 1000 where id = $1', [agent.id]);
  await replaceName(server.id);
  await expect(keepRevocations({ ctx: workspace.asSystem('keep-revocations') })).rejects.toThrow();
  const { rows } = await owner.query<{ minutes: number }>(
    `select extract(epoch from now() - as_of)::int / 60 as minutes from revocation_head where tenant_id = $1`,
    [tenantId],
  );
  expect(rows).toEqual([{ minutes: 0 }]);
});
