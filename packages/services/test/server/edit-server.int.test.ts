import { randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeSite } from '@gatehouse/db/testing';
import { defineTool } from '@gatehouse/policy/testing/build';

import type { ServiceContext } from '../../src/context.ts';
import { recordObservation } from '../../src/discovery/record-observation.ts';
import { recordResult } from '../../src/discovery/record-result.ts';
import { startDiscovery } from '../../src/discovery/start-discovery.ts';
import { EditConflictError } from '../../src/edit-lock.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { decideReview } from '../../src/review/decide-review.ts';
import { getReview } from '../../src/review/get-review.ts';
import { updateServer, type UpdateServer } from '../../src/server/edit/update-server.ts';
import { getServer, type ServerDetail } from '../../src/server/get-server.ts';
import {
  addApprovedServer,
  addServer,
  approveReview,
  createDraftedProfile,
  defineDestructive,
  discover,
  type Domain,
  listChoices,
  listServed,
  makeDomain,
  makeFound,
  readNewestSnapshot,
  serveOneTool,
} from '../support/domain.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const makeOwnDomain = async () => makeDomain(await makeWorkspace(world.runtime));
const domain = await makeOwnDomain();

const getDetail = ({ admin }: Pick<Domain, 'admin'>, serverId: string): Promise<ServerDetail> =>
  getServer({ ctx: admin, input: { serverId } });

/** What the form sends when nothing was touched, with these changes. */
async function makeInput(of: Domain, serverId: string, change: Partial<UpdateServer> = {}): Promise<UpdateServer> {
  const { revision, name, purpose, transport, limits, sites } = await getDetail(of, serverId);
  return { serverId, revision, name, purpose, transport, limits, siteIds: sites.map(({ id }) => id), ...change };
}

const update = async (of: Domain, serverId: string, change: Partial<UpdateServer>, ctx: ServiceContext = of.admin) =>
  updateServer({ ctx, input: await makeInput(of, serverId, change) });

const makeHttp = (url: string, credential: unknown = null) => ({ kind: 'http', url, credential }) as UpdateServer['transport'];
const makeBearer = (reference: string) => ({ kind: 'header', header: 'Authorization', prefix: 'Bearer ', reference });

const readServers = async (of: Domain) => (await readNewestSnapshot(of))?.content.servers ?? [];

test('what a server is called, what it is for and how long it may take changes without an author and without an end', async () => {
  const of = await makeOwnDomain();
  const { server } = await serveOneTool(of);
  const other = await of.workspace.as('owner');
  const change = { name: 'Order desk', purpose: 'Search orders', limits: { startMs: 240_000 } };
  expect(await update(of, server.id, change, other)).toEqual({ revision: 2, endedApprovals: null });
  expect(await getDetail(of, server.id)).toMatchObject({ ...change, state: 'Approved', revision: 2 });
  expect(await readServers(of)).toMatchObject([{ name: 'Order desk', limits: { startMs: 240_000 } }]);
  expect(listServed(await readNewestSnapshot(of))).toHaveLength(1);
  expect((await readAudit(of.admin, server.id)).at(-1)).toMatchObject({
    action: 'server.update',
    before: { purpose: 'Look up orders', limits: {} },
    after: change,
  });
  // who only renamed it may go on deciding on what it offers
  const { openReviewId } = await discover(of, server.id, [defineTool('get_order'), defineTool('list_orders')]);
  expect((await getReview({ ctx: other, input: { reviewId: openReviewId ?? '' } })).canApprove.ok).toBe(true);
});

test('saving what is there changes nothing, and writes nothing', async () => {
  const { id } = await addServer(domain);
  expect(await update(domain, id, {})).toEqual({ revision: 1, endedApprovals: null });
  expect((await readAudit(domain.admin, id)).map(({ action }) => action)).toEqual(['server.create']);
});

test('only owners and admins edit, and another tenant answers as what does not exist', async () => {
  const { id } = await addServer(domain);
  for (const role of ['reviewer', 'auditor', 'builder', 'member'] as const) {
    const ctx = await domain.workspace.as(role);
    await expectRefused('not_permitted', update(domain, id, { name: 'Mine' }, ctx));
  }
  const other = await makeOwnDomain();
  const input = await makeInput(domain, id, { name: 'Mine' });
  const foreign = await expectRefused('not_found', updateServer({ ctx: other.admin, input }));
  const unknown = await expectRefused(
    'not_found',
    updateServer({ ctx: other.admin, input: { ...input, serverId: randomUUID() } }),
  );
  expect(foreign.message).toBe(unknown.message);
  const site = await makeSite(world.runtime.db, other.workspace.tenant.id);
  await expectRefused('not_found', update(domain, id, { siteIds: [site.id] }));
});

test.each<[string, Partial<UpdateServer>]>([
  ['no name', { name: ' ' }],
  ['no purpose', { purpose: '' }],
  ['no site', { siteIds: [] }],
  ['a secret in the address', { transport: makeHttp('https://orders.example.com/mcp?api_key=abc') }],
  ['a secret as a reference', { transport: makeHttp('https://orders.example.com/mcp', makeBearer('sk-live-abcdef')) }],
  ['limits that cannot be reached', { limits: { answerMs: 2_000, totalMs: 1_000 } }],
  ['another kind of server', { transport: { kind: 'stdio', entry: 'files' } }],
  ['no revision', { revision: 0 }],
])('bad input is refused, and nothing of it is saved: %s', async (_what, change) => {
  const { id } = await addServer(domain);
  await expectRefused('invalid', update(domain, id, { purpose: 'Something else', ...change }));
  expect(await getDetail(domain, id)).toMatchObject({ revision: 1, purpose: 'Look up orders' });
});

test('a name that another server has is refused at its field', async () => {
  const { id } = await addServer(domain, { name: 'Taken' });
  const other = await addServer(domain);
  const error = await expectRefused('conflict', update(domain, other.id, { name: 'Taken' }));
  expect(error.field).toBe('name');
  expect(await update(domain, id, { name: 'Taken', purpose: 'x' })).toMatchObject({ revision: 2 });
});

test('a second editor gets both versions and loses nothing', async () => {
  const { id } = await addServer(domain);
  const input = await makeInput(domain, id);
  const other = await domain.workspace.as('owner');
  await updateServer({ ctx: other, input: { ...input, name: 'Theirs', purpose: 'Theirs' } });
  const late = await expectRefused('conflict', updateServer({ ctx: domain.admin, input: { ...input, name: 'Mine' } }));
  if (!(late instanceof EditConflictError)) throw new Error('The conflict carries nothing');
  expect(late.conflict).toMatchObject({ revision: 2, present: { name: 'Theirs', purpose: 'Theirs', siteIds: input.siteIds } });
  const merged = { ...input, purpose: 'Theirs', name: 'Mine', revision: late.conflict.revision };
  expect(await updateServer({ ctx: domain.admin, input: merged })).toMatchObject({ revision: 3 });
});

test('at another address every approval ends, also for the very same definitions, until somebody else has decided', async () => {
  const of = await makeOwnDomain();
  const { server } = await serveOneTool(of);
  const before = await getDetail(of, server.id);
  const mover = await of.workspace.as('owner');
  const moved = makeHttp('http://127.0.0.1:3030/elsewhere');
  expect(await update(of, server.id, { transport: moved }, mover)).toEqual({ revision: 2, endedApprovals: 1 });
  expect(listServed(await readNewestSnapshot(of))).toEqual([]);
  expect(await getDetail(of, server.id)).toMatchObject({
    state: 'Not looked at',
    entries: [],
    features: null,
    formerRevisions: 1,
  });
  expect((await readAudit(of.admin, server.id)).at(-1)).toMatchObject({
    action: 'server.change_connection',
    before: { transport: before.transport },
    after: { transport: moved, endedApprovals: 1 },
  });
  // the review of the address before cannot be decided again
  const old = before.revisions[0]?.reviewId ?? '';
  const decisions = await listChoices(of.reviewer, old);
  await expectRefused('conflict', decideReview({ ctx: of.reviewer, input: { reviewId: old, decisions, again: true } }));

  const { openReviewId } = await discover(of, server.id, [defineTool('get_order')]);
  const reviewId = openReviewId ?? '';
  const review = await getReview({ ctx: of.reviewer, input: { reviewId } });
  expect(await getDetail(of, server.id)).toMatchObject({ state: 'Needs review', pendingCount: 1 });
  expect(review.entries).toMatchObject([
    { name: 'get_order', change: 'unchanged', decision: { verdict: 'pending' }, former: { verdict: 'approved', risk: 'read' } },
  ]);
  expect(listServed(await readNewestSnapshot(of))).toEqual([]);
  // whoever changed the address is an author
  expect((await getReview({ ctx: mover, input: { reviewId } })).canApprove.ok).toBe(false);
  const own = await listChoices(mover, reviewId);
  await expectRefused('not_permitted', decideReview({ ctx: mover, input: { reviewId, decisions: own } }));
  await approveReview(of, reviewId);
  expect(listServed(await readNewestSnapshot(of))).toEqual([{ name: 'get_order', risk: 'read' }]);
  expect(await readServers(of)).toMatchObject([{ transport: moved }]);
});

test('to go and come back revives nothing', async () => {
  const of = await makeOwnDomain();
  const { server } = await serveOneTool(of);
  const { transport } = await getDetail(of, server.id);
  await update(of, server.id, { transport: makeHttp('http://127.0.0.1:3030/elsewhere') });
  await update(of, server.id, { transport });
  const seen = { ctx: of.agentCtx, input: { serverId: server.id, offer: makeOffer() } };
  await recordObservation(seen);
  expect(listServed(await readNewestSnapshot(of))).toEqual([]);
  expect((await getDetail(of, server.id)).state).toBe('Needs review');
});

test('what is found at a new address counts, also where what was found before was forgotten meanwhile', async () => {
  const of = await makeOwnDomain();
  const { server } = await serveOneTool(of);
  await update(of, server.id, { transport: makeHttp('http://127.0.0.1:3030/elsewhere') });
  const owner = await world.database.connectOwner();
  await owner.query(`SELECT set_config('app.tenant_id', $1, false)`, [of.admin.tenantId]);
  await owner.query('DELETE FROM server_revision WHERE server_id = $1', [server.id]);
  await owner.end();
  await discover(of, server.id, [defineTool('get_order')]);
  expect((await getDetail(of, server.id)).revisions).toMatchObject([{ number: 2 }]);
  expect((await getDetail(of, server.id)).state).toBe('Needs review');
});

function makeOffer() {
  const { status: _status, ...offer } = makeFound([defineTool('get_order')]) as Extract<
    ReturnType<typeof makeFound>,
    { status: 'succeeded' }
  >;
  return offer;
}

test.each<[string, UpdateServer['transport'], UpdateServer['transport']]>([
  ['the path', makeHttp('https://o.example/mcp'), makeHttp('https://o.example/mcp2')],
  ['the scheme', makeHttp('https://o.example/mcp'), makeHttp('http://o.example/mcp')],
  ['the query', makeHttp('https://o.example/mcp?team=a'), makeHttp('https://o.example/mcp?team=b')],
  ['letter case of the path', makeHttp('https://o.example/mcp'), makeHttp('https://o.example/MCP')],
  [
    'a fixed header',
    makeHttp('https://o.example/mcp', { kind: 'several', credentials: [], headers: [{ name: 'X-Org', value: 'a' }] }),
    makeHttp('https://o.example/mcp', { kind: 'several', credentials: [], headers: [{ name: 'X-Org', value: 'b' }] }),
  ],
  ['the entry', { kind: 'stdio', entry: 'files' }, { kind: 'stdio', entry: 'shell' }],
])('%s makes it another upstream', async (_what, from, to) => {
  const server = await addApprovedServer(domain, [defineTool('get_order')], { transport: from });
  expect(await update(domain, server.id, { transport: to })).toMatchObject({ endedApprovals: 1 });
  expect((await getDetail(domain, server.id)).state).toBe('Not looked at');
});

test.each<[string, UpdateServer['transport'], UpdateServer['transport']]>([
  [
    'another reference',
    makeHttp('https://o.example/mcp', makeBearer('env:A')),
    makeHttp('https://o.example/mcp', makeBearer('env:B')),
  ],
  ['no credential any more', makeHttp('https://o.example/mcp', makeBearer('env:A')), makeHttp('https://o.example/mcp')],
  ['another spelling of the host', makeHttp('https://o.example/mcp'), makeHttp('https://O.example:443/mcp')],
  ['its processes', { kind: 'stdio', entry: 'files' }, { kind: 'stdio', entry: 'files', processes: 'per_session' }],
])('%s keeps what was approved, is signed, and makes an author', async (_what, from, to) => {
  const of = await makeOwnDomain();
  const server = await addApprovedServer(of, [defineTool('get_order')], { transport: from });
  const profile = await createDraftedProfile(of, [{ serverId: server.id, name: 'get_order' }]);
  await publishProfile({ ctx: of.admin, input: { profileId: profile.id } });
  const other = await of.workspace.as('owner');
  expect(await update(of, server.id, { transport: to }, other)).toMatchObject({ endedApprovals: null });
  expect(listServed(await readNewestSnapshot(of))).toEqual([{ name: 'get_order', risk: 'read' }]);
  const { transport } = await getDetail(of, server.id);
  expect(await readServers(of)).toMatchObject([{ transport }]);
  const { openReviewId } = await discover(of, server.id, [defineTool('get_order'), defineTool('list_orders')]);
  expect((await getReview({ ctx: other, input: { reviewId: openReviewId ?? '' } })).canApprove.ok).toBe(false);
});

test('an address that no act of a person set is not signed', async () => {
  const of = await makeOwnDomain();
  const { server } = await serveOneTool(of);
  const { tenantId, runtime } = of.admin;
  await runInTenant(getFixtureDb(runtime), tenantId, (tx) =>
    tx.server.update({
      where: { tenantId_id: { tenantId, id: server.id } },
      data: { transport: makeHttp('http://127.0.0.1:3030/forged') },
    }),
  );
  await update(of, server.id, { purpose: 'Write a configuration' });
  expect(await readServers(of)).toEqual([]);
});

test('what is under way at the address before ends with it: looks, open reviews, decisions that wait for a second person', async () => {
  const of = await makeOwnDomain();
  const { id } = await addServer(of);
  const { openReviewId } = await discover(of, id, [defineDestructive('delete_order')]);
  const reviewId = openReviewId ?? '';
  const decisions = await listChoices(of.reviewer, reviewId);
  expect((await decideReview({ ctx: of.reviewer, input: { reviewId, decisions } })).waits).toBe(1);
  const look = await startDiscovery({ ctx: of.admin, input: { serverId: id, agentId: of.agent.id } });
  await update(of, id, { transport: makeHttp('http://127.0.0.1:3030/elsewhere') });
  const review = await getReview({ ctx: of.second, input: { reviewId } });
  expect(review).toMatchObject({ review: { state: 'superseded' }, waiting: null, canDecide: { ok: false } });
  // what the look found at the address before comes too late
  const late = await recordResult({
    ctx: of.agentCtx,
    input: { discoveryId: look.id, outcome: makeFound([defineDestructive('delete_order')]) },
  });
  expect(late).toMatchObject({ status: 'failed', revisionId: null });
  expect((await getDetail(of, id)).latestDiscovery).toMatchObject({
    status: 'failed',
    errorText: expect.stringContaining('another address'),
  });
});

test('T-42: what was decided at an address weighs there under another name, after its server has left it', async () => {
  const of = await makeOwnDomain();
  const transport = makeHttp('https://left.example/mcp');
  const { id } = await addServer(of, { name: 'Left', transport });
  const { openReviewId } = await discover(of, id, [defineTool('get_order')]);
  const decisions = await listChoices(of.reviewer, openReviewId ?? '', { get_order: { verdict: 'rejected' } });
  await decideReview({ ctx: of.reviewer, input: { reviewId: openReviewId ?? '', decisions } });
  await update(of, id, { transport: makeHttp('https://other.example/mcp') });
  const again = await addServer(of, { transport });
  const found = await discover(of, again.id, [defineTool('get_order')]);
  const { entries } = await getReview({ ctx: of.reviewer, input: { reviewId: found.openReviewId ?? '' } });
  expect(entries).toMatchObject([
    { wasRejected: true, elsewhere: [{ serverName: 'Left', reviewId: null, verdict: 'rejected' }] },
  ]);
});

test('a server leaves a site only where no published profile needs it there, and the refusal names which', async () => {
  const of = await makeOwnDomain();
  const { server, profile } = await serveOneTool(of);
  const second = await makeSite(world.runtime.db, of.workspace.tenant.id);
  const both = [of.workspace.site.id, second.id];
  expect(await update(of, server.id, { siteIds: both })).toMatchObject({ endedApprovals: null });
  const error = await expectRefused('precondition', update(of, server.id, { siteIds: [second.id] }));
  expect(error.message).toContain('Support');
  expect(error.message).toContain(of.workspace.site.name);
  expect(error.field).toBe('siteIds');
  expect(profile.slug).toBeTruthy();
  expect(await update(of, server.id, { siteIds: [of.workspace.site.id] })).toMatchObject({ revision: 3 });
  expect((await getDetail(of, server.id)).siteNames).toEqual([of.workspace.site.name]);
  expect(listServed(await readNewestSnapshot(of))).toHaveLength(1);
});
