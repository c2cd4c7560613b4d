import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Prisma } from '@gatehouse/db/client';
import { runInTenant } from '@gatehouse/db/tenant';
import { makeAgent, makeSite } from '@gatehouse/db/testing';
import { buildAdvertisedLists } from '@gatehouse/policy/compile/advertise';
import { PublishedProfile } from '@gatehouse/policy/documents/profile';
import { defineTool } from '@gatehouse/policy/testing/build';

import { getActorId, type ServiceContext } from '../../src/context.ts';
import { createProfile } from '../../src/profile/create-profile.ts';
import { listChoices } from '../../src/profile/draft/list-choices.ts';
import { listOffers } from '../../src/profile/draft/list-offers.ts';
import { NameCollisionError, SelectionError } from '../../src/profile/draft/refuse-draft.ts';
import { saveDraft } from '../../src/profile/draft/save-draft.ts';
import { getProfile } from '../../src/profile/get-profile.ts';
import { grantAccess } from '../../src/profile/grant-access.ts';
import { listEndpoints } from '../../src/profile/list-endpoints.ts';
import { listProfilePeople } from '../../src/profile/list-profile-people.ts';
import { listProfiles } from '../../src/profile/list-profiles.ts';
import { getRollout } from '../../src/profile/publish/get-rollout.ts';
import { previewProfile } from '../../src/profile/publish/preview-profile.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { revokeAccess } from '../../src/profile/revoke-access.ts';
import { disableProfile, enableProfile } from '../../src/profile/switch-profile.ts';
import { disableServer } from '../../src/server/switch-server.ts';
import {
  addServer,
  approveReview,
  addApprovedServer,
  defineDestructive,
  discover,
  createDraftedProfile,
  makeDomain,
  readNewestSnapshot,
  listTools,
} from '../support/domain.ts';
import { getFixtureDb, readAudit, makeWorkspace, openWorld, expectRefused } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
let server: { id: string; slug: string };

beforeAll(async () => {
  server = await addApprovedServer(domain, [
    defineTool('get_order'),
    defineTool('list_orders'),
    defineDestructive('cancel_order'),
  ]);
});

const pick = (name: string, more: { rename?: string; rule?: 'allow' | 'deny'; serverId?: string } = {}) => ({
  kind: 'tool' as const,
  serverId: server.id,
  name,
  ...more,
});
const publish = (profileId: string, ctx = domain.admin) => publishProfile({ ctx, input: { profileId } });
const save = (profileId: string, entries: ReturnType<typeof pick>[], ctx = domain.admin) =>
  saveDraft({ ctx, input: { profileId, draft: { entries } } });
const readServedProfile = async (profileId: string, where = domain) =>
  (await readNewestSnapshot(where))?.content.profiles.find(({ id }) => id === profileId);

const verbs: [string, (ctx: ServiceContext, profileId: string) => Promise<unknown>][] = [
  ['get', (ctx, profileId) => getProfile({ ctx, input: { profileId } })],
  ['endpoints', (ctx, profileId) => listEndpoints({ ctx, input: { profileId } })],
  ['saveDraft', (ctx, profileId) => save(profileId, [], ctx)],
  ['publish', (ctx, profileId) => publish(profileId, ctx)],
  ['preview', (ctx, profileId) => previewProfile({ ctx, input: { profileId } })],
  ['rollout', (ctx, profileId) => getRollout({ ctx, input: { profileId } })],
  ['disable', (ctx, profileId) => disableProfile({ ctx, input: { profileId } })],
  ['enable', (ctx, profileId) => enableProfile({ ctx, input: { profileId } })],
  ['grantAccess', (ctx, profileId) => grantAccess({ ctx, input: { profileId, membershipId: getActorId(ctx.actor) } })],
  ['revokeAccess', (ctx, profileId) => revokeAccess({ ctx, input: { profileId, membershipId: getActorId(ctx.actor) } })],
];

test.each(verbs)('T-35: %s of a profile of another tenant answers just as of an unknown one', async (_name, verb) => {
  const other = await makeDomain(await makeWorkspace(world.runtime));
  const foreign = await createProfile({ ctx: other.admin, input: { name: 'Foreign', siteIds: [other.workspace.site.id] } });
  const ofForeign = await expectRefused('not_found', verb(domain.admin, foreign.id));
  const ofUnknown = await expectRefused('not_found', verb(domain.admin, randomUUID()));
  expect(ofForeign.message).toBe(ofUnknown.message);
});

test('T-35: site, server and person of another tenant are as unknown', async () => {
  const other = await makeDomain(await makeWorkspace(world.runtime));
  const foreign = await addApprovedServer(other, [defineTool('get_order')]);
  const { admin } = domain;
  await expectRefused('not_found', createProfile({ ctx: admin, input: { name: 'X', siteIds: [other.workspace.site.id] } }));
  const profile = await createDraftedProfile(domain, []);
  await expectRefused('not_found', save(profile.id, [pick('get_order', { serverId: foreign.id })]));
  await expectRefused('not_found', save(profile.id, [pick('get_order', { serverId: randomUUID() })]));
  const membershipId = getActorId(other.admin.actor);
  await expectRefused('not_found', grantAccess({ ctx: admin, input: { profileId: profile.id, membershipId } }));
});

test('roles: builders draft, only admins publish, open or close; others only look', async () => {
  const { workspace } = domain;
  const profile = await createDraftedProfile(domain, [pick('get_order')]);
  const person = { profileId: profile.id, membershipId: getActorId(domain.reviewer.actor) };
  const builder = await workspace.as('builder');
  await save(profile.id, [pick('list_orders')], builder);
  for (const ctx of [builder, await workspace.as('reviewer'), await workspace.as('auditor'), await workspace.as('member')]) {
    await expectRefused('not_permitted', publish(profile.id, ctx));
    await expectRefused('not_permitted', disableProfile({ ctx, input: { profileId: profile.id } }));
    await expectRefused('not_permitted', enableProfile({ ctx, input: { profileId: profile.id } }));
    await expectRefused('not_permitted', grantAccess({ ctx, input: person }));
    await expectRefused('not_permitted', revokeAccess({ ctx, input: person }));
  }
  const auditor = await workspace.as('auditor');
  await expectRefused('not_permitted', save(profile.id, [], auditor));
  await expectRefused('not_permitted', createProfile({ ctx: auditor, input: { name: 'X', siteIds: [workspace.site.id] } }));
  expect((await getProfile({ ctx: auditor, input: { profileId: profile.id } })).draft?.entries).toHaveLength(1);
  const member = await workspace.as('member');
  await expectRefused('not_permitted', previewProfile({ ctx: member, input: { profileId: profile.id } }));
  await expectRefused('not_permitted', getRollout({ ctx: member, input: { profileId: profile.id } }));
});

test('a member sees the published profiles that the member may use, without draft, people and choices', async () => {
  const { admin, workspace } = domain;
  const member = await workspace.as('member');
  const profile = await createDraftedProfile(domain, [pick('get_order')]);
  const look = () => getProfile({ ctx: member, input: { slug: profile.slug } });
  const lookForEndpoints = () => listEndpoints({ ctx: member, input: { slug: profile.slug } });
  await expectRefused('not_found', look());
  await expectRefused('not_found', lookForEndpoints());
  await grantAccess({ ctx: admin, input: { profileId: profile.id, membershipId: getActorId(member.actor) } });
  expect((await listProfiles({ ctx: member })).rows).toEqual([]);
  await publish(profile.id);
  expect((await listProfiles({ ctx: member })).rows).toMatchObject([
    {
      id: profile.id,
      hasAccess: true,
      selected: { tool: 0, prompt: 0, resource: 0, template: 0, instructions: 0 },
      peopleCount: 0,
    },
  ]);
  expect(await look()).toMatchObject({ draft: null, people: 0, hasAccess: true, published: { version: 1 } });
  expect(await lookForEndpoints()).toHaveLength(1);
  await disableProfile({ ctx: admin, input: { profileId: profile.id } });
  await expectRefused('not_found', look());
  await expectRefused('not_found', lookForEndpoints());
  expect((await listProfiles({ ctx: member })).rows).toEqual([]);
});

test('a new profile has nothing: no tools, nobody, no version; adding a server selects nothing', async () => {
  const { admin, workspace } = domain;
  const { id, slug } = await createProfile({ ctx: admin, input: { name: 'Order support', siteIds: [workspace.site.id] } });
  expect(slug).toBe('order-support');
  const detail = await getProfile({ ctx: admin, input: { slug } });
  expect(detail).toMatchObject({ draft: { entries: [] }, published: null, people: 0, hasAccess: false });
  const url = 'http://127.0.0.1:7300/p/order-support/mcp';
  const endpoint = { siteId: workspace.site.id, siteName: workspace.site.name, url, isHeard: true };
  expect(await listEndpoints({ ctx: admin, input: { slug } })).toEqual([endpoint]);
  // an agent that is cut off from here may serve it all the same
  const { tenantId, runtime } = admin;
  const setSeen = (lastSeenAt: Date) =>
    runInTenant(getFixtureDb(runtime), tenantId, (tx) => tx.agent.updateMany({ where: { tenantId }, data: { lastSeenAt } }));
  await setSeen(new Date(runtime.now().getTime() - 3_600_000));
  expect(await listEndpoints({ ctx: admin, input: { slug } })).toEqual([{ ...endpoint, isHeard: false }]);
  await setSeen(runtime.now());
  expect((await readAudit(admin, id)).map(({ action }) => action)).toEqual(['profile.create']);
  await expectRefused('conflict', createProfile({ ctx: admin, input: { name: 'Order support', siteIds: [workspace.site.id] } }));
});

test('what cannot be selected is shown with the reason, and refused', async () => {
  const { admin } = domain;
  const held = await addServer(domain);
  await discover(domain, held.id, [defineTool('waits')]);
  const off = await addApprovedServer(domain, [defineTool('off')]);
  await disableServer({ ctx: admin, input: { serverId: off.id } });
  const { tenantId, runtime } = admin;
  const elsewhere = await makeSite(runtime.db, tenantId);
  const remoteAgent = await makeAgent(getFixtureDb(runtime), tenantId, { siteId: elsewhere.id });
  const there = {
    ...domain,
    agent: remoteAgent,
    agentCtx: domain.workspace.makeContext({ kind: 'agent', agentId: remoteAgent.id, siteId: elsewhere.id }),
  };
  const far = await addApprovedServer(there, [defineTool('far')], { siteIds: [elsewhere.id] });

  const profile = await createDraftedProfile(domain, []);
  const problem = async (serverId: string) => {
    const [choice] = await listChoices({ ctx: admin, input: { profileId: profile.id, serverId, kinds: ['tool'] } });
    return choice?.problem;
  };
  expect(await problem(held.id)).toEqual({ code: 'waits_for_review', text: 'waits for review' });
  expect(await problem(off.id)).toMatchObject({ code: 'server_disabled' });
  expect(await problem(far.id)).toMatchObject({
    code: 'server_not_at_site',
    text: `its server is not reachable at ${domain.workspace.site.name}`,
  });
  expect(await problem(server.id)).toBeNull();
  const offers = await listOffers({ ctx: admin, input: { profileId: profile.id, kinds: ['tool'], limit: 200 } });
  const counts = new Map(offers.rows.map((row) => [row.serverId, row]));
  for (const { id } of [held, off, far]) expect(counts.get(id)).toMatchObject({ offered: 1, usable: 0, matching: 1 });
  expect(counts.get(far.id)?.missingAt).toEqual([domain.workspace.site.name]);
  expect(counts.get(server.id)?.usable).toBeGreaterThan(0);

  for (const [serverId, name] of [
    [held.id, 'waits'],
    [off.id, 'off'],
    [far.id, 'far'],
    [server.id, 'never_offered'],
  ] as const) {
    const error = await expectRefused('precondition', save(profile.id, [pick(name, { serverId })]));
    expect(error instanceof SelectionError && error.problems).toMatchObject([{ name }]);
  }
  expect((await getProfile({ ctx: admin, input: { profileId: profile.id } })).draft?.entries).toEqual([]);
});

test('T-52: two tools under one name are refused with both owners and a suggestion each, look-alikes too', async () => {
  const twin = await addServer(domain);
  const { openReviewId } = await discover(domain, twin.id, [defineTool('get_order'), defineTool('Get-Order')]);
  const seen = { seenHidden: true };
  await approveReview(domain, openReviewId ?? '', { get_order: seen, 'Get-Order': seen });
  const profile = await createDraftedProfile(domain, [pick('get_order')]);
  const error = await expectRefused('conflict', save(profile.id, [pick('get_order'), pick('get_order', { serverId: twin.id })]));
  expect(error instanceof NameCollisionError && error.collisions).toEqual([
    {
      name: 'get_order',
      owners: [
        { serverSlug: server.slug, name: 'get_order', suggestion: `${server.slug}__get_order` },
        { serverSlug: twin.slug, name: 'get_order', suggestion: `${twin.slug}__get_order` },
      ],
    },
  ]);
  await expectRefused('conflict', save(profile.id, [pick('get_order'), pick('Get-Order', { serverId: twin.id })]));
  await expectRefused('conflict', save(profile.id, [pick('get_order'), pick('list_orders', { rename: 'GET.ORDER' })]));
  await expectRefused(
    'conflict',
    save(profile.id, [pick('get_order'), pick('list_orders', { rename: 'get_order', rule: 'deny' })]),
  );
  await expectRefused('invalid', save(profile.id, [pick('get_order'), pick('get_order', { rename: 'other' })]));
  await save(profile.id, [pick('get_order'), pick('get_order', { serverId: twin.id, rename: `${twin.slug}__get_order` })]);
});

test('a save names what changed, changes nothing that is served, and does not overwrite another save', async () => {
  const { admin } = domain;
  const profile = await createDraftedProfile(domain, [pick('get_order')]);
  await publish(profile.id);
  const before = await readNewestSnapshot(domain);
  const { draft } = await getProfile({ ctx: admin, input: { profileId: profile.id } });
  const tools = [pick('get_order', { rename: 'find_order' }), pick('list_orders')];
  await saveDraft({ ctx: admin, input: { profileId: profile.id, draft: { entries: tools }, revision: draft?.revision } });
  expect((await readAudit(admin, profile.id)).at(-1)).toMatchObject({
    action: 'profile.save_draft',
    after: { added: [`${server.id} tool list_orders`], removed: [], changed: [`${server.id} tool get_order`] },
  });
  expect((await readNewestSnapshot(domain))?.version).toBe(before?.version);
  const stale = { profileId: profile.id, draft: { entries: [] }, revision: draft?.revision };
  await expectRefused('conflict', saveDraft({ ctx: admin, input: stale }));
  const count = (await readAudit(admin, profile.id)).length;
  await save(profile.id, tools);
  expect(await readAudit(admin, profile.id)).toHaveLength(count);
});

test('preview bytes are served bytes, with renames, descriptions, denied tools and untouched schemas', async () => {
  const { admin } = domain;
  const outputSchema = { type: 'object', properties: { status: { type: 'string' } } };
  const rich = defineTool('rich', { title: 'Rich', outputSchema, annotations: { readOnlyHint: true, title: 'R' } });
  const other = await addApprovedServer(domain, [rich, defineTool('plain')]);
  const profile = await createProfile({ ctx: admin, input: { name: `P ${randomUUID()}`, siteIds: [domain.workspace.site.id] } });
  const tools = [
    { ...pick('rich', { serverId: other.id, rename: 'shown_as' }), describe: 'For us' },
    pick('plain', { serverId: other.id }),
    { ...pick('cancel_order', { rule: 'deny' }), denyReason: 'Ask a human' },
  ];
  await saveDraft({ ctx: admin, input: { profileId: profile.id, draft: { entries: tools } } });
  const preview = await previewProfile({ ctx: admin, input: { profileId: profile.id } });
  await publishProfile({ ctx: admin, input: { profileId: profile.id, expected: preview.contentHash } });
  const catalogue = await readServedProfile(profile.id);
  expect(JSON.stringify(buildAdvertisedLists(catalogue?.entries ?? []).tools)).toBe(JSON.stringify(preview.tools));
  expect(preview.tools.map(({ name }) => name)).toEqual(['plain', 'shown_as']);
  expect(preview.tools[1]).toMatchObject({ description: 'For us', title: 'Rich', outputSchema, annotations: rich.annotations });
  expect(preview.bytes).toBe(Buffer.byteLength(JSON.stringify(preview.tools)));
  expect(listTools(catalogue).map(({ advertisedName, rule, denyReason }) => [advertisedName, rule, denyReason])).toEqual([
    ['cancel_order', 'deny', 'Ask a human'],
    ['plain', 'allow', null],
    ['shown_as', 'allow', null],
  ]);
  const served = await previewProfile({ ctx: admin, input: { profileId: profile.id, of: 'published' } });
  expect(JSON.stringify(served.tools)).toBe(JSON.stringify(preview.tools));
});

test('what is published is what was looked at', async () => {
  const { admin } = domain;
  const profile = await createDraftedProfile(domain, [pick('get_order')]);
  const { contentHash: expected } = await previewProfile({ ctx: admin, input: { profileId: profile.id } });
  await save(profile.id, [pick('get_order'), pick('cancel_order')]);
  await expectRefused('conflict', publishProfile({ ctx: admin, input: { profileId: profile.id, expected } }));
  expect(await readServedProfile(profile.id)).toBeUndefined();
});

test('publishing makes a version, the snapshot of the site and the audit row together, and says where', async () => {
  const { admin, workspace } = domain;
  const profile = await createDraftedProfile(domain, [pick('get_order'), pick('cancel_order')]);
  const { version, sites } = await publish(profile.id);
  const snapshot = await readNewestSnapshot(domain);
  expect(version).toBe(1);
  expect(sites).toEqual([{ siteId: workspace.site.id, snapshotVersion: snapshot?.version }]);
  expect(await readServedProfile(profile.id)).toMatchObject({
    slug: profile.slug,
    version: 1,
    entries: [{ risk: 'destructive' }, { risk: 'read' }],
  });
  expect(snapshot?.content.servers.map(({ id }) => id)).toContain(server.id);
  expect((await readAudit(admin, profile.id)).at(-1)).toMatchObject({
    action: 'profile.publish',
    after: { version: 1, tools: 2, siteIds: sites.map(({ siteId }) => siteId) },
  });
  await expectRefused('conflict', publish(profile.id));

  await save(profile.id, [pick('get_order')]);
  expect((await getProfile({ ctx: admin, input: { profileId: profile.id } })).published?.document.entries).toHaveLength(2);
  expect((await publish(profile.id)).version).toBe(2);
  const { tenantId, runtime } = admin;
  const first = await runInTenant(runtime.db, tenantId, (tx) =>
    tx.profileVersion.findUniqueOrThrow({ where: { tenantId_profileId_number: { tenantId, profileId: profile.id, number: 1 } } }),
  );
  expect(PublishedProfile.parse(first.document).entries).toHaveLength(2);
});

test('publishers at the same time make one version, and none is lost', async () => {
  const { workspace } = domain;
  const people = await Promise.all([1, 2, 3, 4].map(() => workspace.as('admin')));
  const profile = await createDraftedProfile(domain, [pick('get_order')]);
  const outcomes = await Promise.allSettled(people.map((ctx) => publish(profile.id, ctx)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);

  const others = await Promise.all(
    [1, 2, 3].map((at) => createDraftedProfile(domain, [pick('list_orders', { rename: `list_${at}` })])),
  );
  const before = (await readNewestSnapshot(domain))?.version ?? 0;
  const versions = await Promise.all(others.map(({ id }) => publish(id)));
  const written = versions.map(({ sites }) => sites[0]?.snapshotVersion ?? 0);
  expect(written.toSorted((a, b) => a - b)).toEqual([before + 1, before + 2, before + 3]);
  const slugs = (await readNewestSnapshot(domain))?.content.profiles.map(({ slug }) => slug);
  for (const { slug } of others) expect(slugs).toContain(slug);
});

test('T-51: a tool that is held since it was selected stays in the draft, is not served, and cannot be published', async () => {
  const { admin } = domain;
  const moving = await addApprovedServer(domain, [defineTool('moves'), defineTool('stays')]);
  const tools = ['moves', 'stays'].map((name) => pick(name, { serverId: moving.id }));
  const profile = await createDraftedProfile(domain, tools);
  await publish(profile.id);
  await discover(domain, moving.id, [defineTool('moves', { description: 'Other now' }), defineTool('stays')]);

  await save(profile.id, [...tools, pick('get_order')]);
  const preview = await previewProfile({ ctx: admin, input: { profileId: profile.id } });
  expect(preview.tools.map(({ name }) => name)).toEqual(['get_order', 'stays']);
  expect(preview.problems).toEqual([
    { serverSlug: moving.slug, kind: 'tool', name: 'moves', code: 'waits_for_review', text: 'waits for review' },
  ]);
  const error = await expectRefused('precondition', publish(profile.id));
  expect(error instanceof SelectionError && error.problems).toMatchObject([{ name: 'moves', code: 'waits_for_review' }]);
  // the held tool also leaves what is served as soon as any snapshot is written
  await publish((await createDraftedProfile(domain, [pick('get_order')])).id);
  expect(listTools(await readServedProfile(profile.id)).map(({ name }) => name)).toEqual(['stays']);
});

test('nothing and a disabled profile cannot be published; disabling stops serving and enabling resumes', async () => {
  const { admin } = domain;
  await expectRefused('precondition', publish((await createDraftedProfile(domain, [])).id));
  const profile = await createDraftedProfile(domain, [pick('get_order')]);
  const input = { profileId: profile.id };
  await publish(profile.id);
  await disableProfile({ ctx: admin, input });
  expect(await readServedProfile(profile.id)).toBeUndefined();
  expect((await previewProfile({ ctx: admin, input: { ...input, of: 'published' } })).tools).toEqual([]);
  await expectRefused('conflict', disableProfile({ ctx: admin, input }));
  await expectRefused('precondition', publish(profile.id));
  await enableProfile({ ctx: admin, input });
  expect(await readServedProfile(profile.id)).toMatchObject({ version: 1 });
  await expectRefused('conflict', enableProfile({ ctx: admin, input }));
  expect((await readAudit(admin, profile.id)).map(({ action }) => action).slice(-2)).toEqual([
    'profile.disable',
    'profile.enable',
  ]);
});

test('access is granted once and audited; taking it away says so', async () => {
  const { admin, reviewer } = domain;
  const profile = await createDraftedProfile(domain, []);
  const input = { profileId: profile.id, membershipId: getActorId(reviewer.actor) };
  expect(await grantAccess({ ctx: admin, input })).toEqual({ granted: true });
  expect(await grantAccess({ ctx: admin, input })).toEqual({ granted: false });
  expect((await listProfilePeople({ ctx: admin, input: { profileId: profile.id } })).rows).toMatchObject([
    { membershipId: input.membershipId, email: expect.stringContaining('@') },
  ]);
  expect(await revokeAccess({ ctx: admin, input })).toEqual({ revokedKeys: 0, keepsAccess: false });
  await expectRefused('not_found', revokeAccess({ ctx: admin, input }));
  const rows = (await readAudit(admin, profile.id)).map(({ action }) => action);
  expect(rows.filter((action) => action.includes('access'))).toEqual(['profile.grant_access', 'profile.revoke_access']);
});

test('the rollout tells for each agent of the sites what it should serve, what it serves, and what it refused', async () => {
  const own = await makeDomain(await makeWorkspace(world.runtime));
  const { admin, agent, workspace } = own;
  const mine = await addApprovedServer(own, [defineTool('a')]);
  const profile = await createDraftedProfile(own, [{ serverId: mine.id, name: 'a' }]);
  const { sites } = await publish(profile.id, admin);
  const version = sites[0]?.snapshotVersion ?? 0;
  const db = getFixtureDb(admin.runtime);
  await makeAgent(db, workspace.tenant.id, { siteId: workspace.site.id, revokedAt: new Date(), name: 'revoked' });
  await makeAgent(db, workspace.tenant.id, { name: 'elsewhere' });
  await makeAgent(db, workspace.tenant.id, {
    siteId: workspace.site.id,
    name: 'zzz',
    ackedVersion: BigInt(version),
    ackedAt: new Date(),
  });
  await runInTenant(db, workspace.tenant.id, (tx) =>
    tx.agent.update({
      where: { tenantId_id: { tenantId: workspace.tenant.id, id: agent.id } },
      data: { name: 'aaa', rejectedVersion: BigInt(version), rejectedCode: 'guardrail', rejectedReason: 'host not allowed' },
    }),
  );
  const { agents: rows } = await getRollout({ ctx: admin, input: { profileId: profile.id } });
  expect(rows).toMatchObject([
    {
      name: 'aaa',
      status: 'Connected',
      desiredVersion: version,
      ackedVersion: 0,
      serving: false,
      rejected: { version, code: 'guardrail' },
    },
    { name: 'zzz', desiredVersion: version, ackedVersion: version, serving: true, rejected: null },
  ]);
});

test('people are sent to the agent that serves most of a site, whoever was heard last', async () => {
  const { admin, workspace, agent } = await makeDomain(await makeWorkspace(world.runtime));
  const { tenantId, runtime } = admin;
  const { id: profileId } = await createProfile({ ctx: admin, input: { name: 'Desk', siteIds: [workspace.site.id] } });
  const urlOf = async () => (await listEndpoints({ ctx: admin, input: { profileId } })).map(({ url }) => url);
  const later = new Date(runtime.now().getTime() + 5_000);
  const second = await makeAgent(getFixtureDb(runtime), tenantId, {
    siteId: workspace.site.id,
    lastSeenAt: later,
    endpointUrl: 'http://127.0.0.1:7399',
  });
  const set = (id: string, data: Prisma.AgentUpdateInput) =>
    runInTenant(getFixtureDb(runtime), tenantId, (tx) => tx.agent.update({ where: { tenantId_id: { tenantId, id } }, data }));
  const withheld = [{ kind: 'server', id: randomUUID(), code: 'guardrail', message: 'not named' }];
  await set(second.id, { withheld });
  expect(await urlOf()).toEqual(['http://127.0.0.1:7300/p/desk/mcp']);
  await set(second.id, { withheld: [] });
  expect(await urlOf()).toEqual(['http://127.0.0.1:7300/p/desk/mcp']);
  await set(agent.id, { withheld });
  expect(await urlOf()).toEqual(['http://127.0.0.1:7399/p/desk/mcp']);
  await set(second.id, { lastSeenAt: new Date(0) });
  expect(await urlOf()).toEqual(['http://127.0.0.1:7300/p/desk/mcp']);
});
