import { randomUUID, verify } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeAgent, makeSite } from '@gatehouse/db/testing';
import { computePin } from '@gatehouse/policy/documents/content-hash';
import { DiscoveryOrder } from '@gatehouse/policy/documents/snapshot';
import { defineTool } from '@gatehouse/policy/testing/build';
import { importPublicKey } from '@gatehouse/protocol/ed25519';
import { encodePreAuth } from '@gatehouse/protocol/envelope';

import { expireDiscoveries } from '../../src/discovery/expire-discoveries.ts';
import { getDiscovery } from '../../src/discovery/get-discovery.ts';
import { listPendingDiscoveries } from '../../src/discovery/list-pending-discoveries.ts';
import { recordProgress } from '../../src/discovery/record-progress.ts';
import { recordResult } from '../../src/discovery/record-result.ts';
import { startDiscovery } from '../../src/discovery/start-discovery.ts';
import { decideReview } from '../../src/review/decide-review.ts';
import { getReview } from '../../src/review/get-review.ts';
import { getServer } from '../../src/server/get-server.ts';
import { disableServer } from '../../src/server/switch-server.ts';
import { findRootKey } from '../../src/signing/keys.ts';
import {
  addServer,
  addApprovedServer,
  listChoices,
  defineDestructive,
  discover,
  makeFound,
  makeDomain,
} from '../support/domain.ts';
import { getFixtureDb, readAudit, makeWorkspace, openWorld, expectRefused } from '../support/world.ts';

const MINUTE_MS = 60_000;
const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));

const start = (serverId: string, { admin, agent } = domain) =>
  startDiscovery({ ctx: admin, input: { serverId, agentId: agent.id } });
const listVerdicts = async (serverId: string) =>
  (await getServer({ ctx: domain.admin, input: { serverId } })).entries.map(({ name, verdict }) => `${name}: ${verdict}`);

test('the order is signed for one agent, names the server and runs out after a minute', async () => {
  const { admin, agent, agentCtx, workspace } = domain;
  const transport = { kind: 'http', url: 'http://127.0.0.1:3030/order' } as const;
  const server = await addServer(domain, { transport });
  const { id, expiresAt } = await start(server.id);
  const pending = (await listPendingDiscoveries({ ctx: agentCtx })).find(({ discoveryId }) => discoveryId === id);
  if (!pending) throw new Error('The agent is not given its order');
  const payload = Buffer.from(pending.envelope.payload, 'base64');
  const order = DiscoveryOrder.parse(JSON.parse(payload.toString('utf8')));
  expect(order).toMatchObject({
    discoveryId: id,
    agentId: agent.id,
    siteId: workspace.site.id,
    notAfter: expiresAt.toISOString(),
  });
  expect(order.server).toMatchObject({ id: server.id, slug: server.slug, transport });
  expect(Date.parse(order.notAfter) - Date.parse(order.issuedAt)).toBe(MINUTE_MS);

  const root = await runInTenant(admin.runtime.db, admin.tenantId, (tx) => findRootKey(tx, admin.tenantId));
  const signature = Buffer.from(pending.envelope.signature, 'base64');
  const signed = encodePreAuth(pending.envelope.payloadType, payload);
  expect(verify(null, signed, importPublicKey(root.publicKey), signature)).toBe(true);
  expect((await readAudit(admin, server.id)).at(-1)).toMatchObject({
    action: 'discovery.start',
    after: { discoveryId: id, agentId: agent.id },
  });
});

test('an order is for its agent alone', async () => {
  const { workspace, admin, runtime } = { ...domain, runtime: domain.admin.runtime };
  const server = await addServer(domain);
  const { id } = await start(server.id);
  const twin = await makeAgent(getFixtureDb(runtime), workspace.tenant.id, { siteId: workspace.site.id });
  const twinCtx = workspace.makeContext({ kind: 'agent', agentId: twin.id, siteId: workspace.site.id });
  expect(await listPendingDiscoveries({ ctx: twinCtx })).toEqual([]);
  const ofTwin = await expectRefused(
    'not_found',
    recordResult({ ctx: twinCtx, input: { discoveryId: id, outcome: makeFound([defineTool('a')]) } }),
  );
  const unknown = randomUUID();
  const ofUnknown = await expectRefused(
    'not_found',
    recordResult({ ctx: twinCtx, input: { discoveryId: unknown, outcome: makeFound([]) } }),
  );
  expect(ofTwin.message).toBe(ofUnknown.message);
  const progress = { discoveryId: id, stage: 'connect', status: 'started', at: new Date().toISOString() } as const;
  await expectRefused('not_found', recordProgress({ ctx: twinCtx, input: progress }));
  expect((await getDiscovery({ ctx: admin, input: { discoveryId: id } })).status).toBe('waiting');
});

test('T-35: server, agent and discovery of another tenant are as unknown', async () => {
  const other = await makeDomain(await makeWorkspace(world.runtime));
  const foreign = await addServer(other);
  const mine = await addServer(domain);
  const { id } = await start(foreign.id, other);
  const { admin, agent, agentCtx } = domain;
  await expectRefused('not_found', startDiscovery({ ctx: admin, input: { serverId: foreign.id, agentId: agent.id } }));
  await expectRefused('not_found', startDiscovery({ ctx: admin, input: { serverId: mine.id, agentId: other.agent.id } }));
  await expectRefused('not_found', getDiscovery({ ctx: admin, input: { discoveryId: id } }));
  await expectRefused(
    'not_found',
    recordResult({ ctx: agentCtx, input: { discoveryId: id, outcome: makeFound([defineTool('a')]) } }),
  );
  expect((await getServer({ ctx: other.admin, input: { serverId: foreign.id } })).entries).toEqual([]);
});

test('roles: who may start, and only agents report', async () => {
  const { workspace, admin } = domain;
  const server = await addServer(domain);
  for (const role of ['reviewer', 'auditor', 'member'] as const) {
    const ctx = await workspace.as(role);
    await expectRefused('not_permitted', startDiscovery({ ctx, input: { serverId: server.id, agentId: domain.agent.id } }));
  }
  const { id } = await start(server.id);
  await expectRefused(
    'not_permitted',
    recordResult({ ctx: admin, input: { discoveryId: id, outcome: makeFound([defineTool('a')]) } }),
  );
  await expectRefused('not_permitted', listPendingDiscoveries({ ctx: admin }));
  await expectRefused('not_permitted', expireDiscoveries({ ctx: admin }));
  await expectRefused('not_permitted', getDiscovery({ ctx: await workspace.as('member'), input: { discoveryId: id } }));
});

test('it is refused where it cannot work, with the reason', async () => {
  const { workspace, admin, agent } = domain;
  const db = getFixtureDb(admin.runtime);
  const server = await addServer(domain);
  const elsewhere = await makeAgent(db, workspace.tenant.id, { siteId: (await makeSite(db, workspace.tenant.id)).id });
  await expectRefused('precondition', startDiscovery({ ctx: admin, input: { serverId: server.id, agentId: elsewhere.id } }));
  const gone = await makeAgent(db, workspace.tenant.id, { siteId: workspace.site.id, revokedAt: new Date() });
  await expectRefused('precondition', startDiscovery({ ctx: admin, input: { serverId: server.id, agentId: gone.id } }));
  // opens the connections beforehand, so that what is started together runs together
  await Promise.all(Array.from({ length: 10 }, () => listVerdicts(server.id)));
  const together = await Promise.allSettled(Array.from({ length: 8 }, () => start(server.id)));
  expect(together.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await expectRefused('conflict', start(server.id));
  await disableServer({ ctx: admin, input: { serverId: server.id } });
  await expectRefused('precondition', startDiscovery({ ctx: admin, input: { serverId: server.id, agentId: agent.id } }));
});

test('progress is shown as reported, bounded, and nothing follows the end', async () => {
  const { admin, agentCtx } = domain;
  const server = await addServer(domain);
  const { id: discoveryId } = await start(server.id);
  const at = new Date().toISOString();
  await recordProgress({ ctx: agentCtx, input: { discoveryId, stage: 'connect', status: 'started', at } });
  await recordProgress({ ctx: agentCtx, input: { discoveryId, stage: 'connect', status: 'failed', at, detail: 'refused\0' } });
  expect(await getDiscovery({ ctx: admin, input: { discoveryId } })).toMatchObject({
    status: 'running',
    serverSlug: server.slug,
    stages: [
      { stage: 'connect', status: 'started', at },
      { stage: 'connect', status: 'failed', at, detail: 'refused\uFFFD' },
    ],
  });
  for (let round = 0; round < 30; round += 1) {
    await recordProgress({ ctx: agentCtx, input: { discoveryId, stage: 'list', status: 'started', at } });
  }
  expect((await getDiscovery({ ctx: admin, input: { discoveryId } })).stages).toHaveLength(20);

  const failed = { status: 'failed', code: 'unauthorized', message: 'The server answered 401' } as const;
  await recordResult({ ctx: agentCtx, input: { discoveryId, outcome: failed } });
  await recordProgress({ ctx: agentCtx, input: { discoveryId, stage: 'done', status: 'passed', at } });
  const late = await recordResult({ ctx: agentCtx, input: { discoveryId, outcome: makeFound([defineTool('late')]) } });
  expect(late.status).toBe('failed');
  const ended = await getDiscovery({ ctx: admin, input: { discoveryId } });
  expect(ended).toMatchObject({
    status: 'failed',
    errorCode: 'unauthorized',
    errorText: 'The server answered 401',
    found: null,
  });
});

test('stages that arrive together are all kept', async () => {
  const { agentCtx } = domain;
  const server = await addServer(domain);
  const { id: discoveryId } = await start(server.id);
  await Promise.all(Array.from({ length: 10 }, () => listVerdicts(server.id)));
  const at = new Date().toISOString();
  const report = () => recordProgress({ ctx: agentCtx, input: { discoveryId, stage: 'list', status: 'started', at } });
  await Promise.all(Array.from({ length: 8 }, report));
  expect((await getDiscovery({ ctx: domain.admin, input: { discoveryId } })).stages).toHaveLength(8);
});

test('T-28: a credential in an error text is taken out once more', async () => {
  const { admin, agentCtx } = domain;
  const { id: discoveryId } = await start((await addServer(domain)).id);
  const token = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`;
  const outcome = { status: 'failed', code: 'unreachable', message: `Bearer ${token} was refused` } as const;
  await recordResult({ ctx: agentCtx, input: { discoveryId, outcome } });
  const { errorText } = await getDiscovery({ ctx: admin, input: { discoveryId } });
  expect(errorText).not.toContain(token);
  expect(errorText).toContain('was refused');
});

test('the address that an administrator gave a server is kept in what the agent says of it, and no other is', async () => {
  const { admin, agentCtx } = domain;
  const server = await addServer(domain, { transport: { kind: 'http', url: 'http://10.20.30.40:4555/mcp', credential: null } });
  const { id: discoveryId } = await start(server.id);
  const detail = '10.20.30.40:4555 is not reached over https; http://me:hunter2hunter2@10.20.30.40 and 10.20.30.41 neither';
  const at = new Date().toISOString();
  await recordProgress({ ctx: agentCtx, input: { discoveryId, stage: 'connect', status: 'failed', at, detail } });
  await recordResult({
    ctx: agentCtx,
    input: { discoveryId, outcome: { status: 'failed', code: 'guardrail', message: detail } },
  });
  const { errorText, stages } = await getDiscovery({ ctx: admin, input: { discoveryId } });
  for (const text of [errorText, stages[0]?.detail]) {
    expect(text).toMatch(/^10\.20\.30\.40:4555 is not reached over https;/);
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain('10.20.30.41');
  }
});

test('what is found is pinned and waits; nothing of it is callable', async () => {
  const { admin } = domain;
  const server = await addServer(domain);
  const tools = [defineTool('get_order'), defineDestructive('cancel_order')];
  const { openReviewId, revisionId } = await discover(domain, server.id, tools);
  const detail = await getServer({ ctx: admin, input: { serverId: server.id } });
  expect(detail).toMatchObject({
    state: 'Needs review',
    offered: { tool: 2 },
    approved: { tool: 0 },
    pendingCount: 2,
    openReviewId,
  });
  expect(detail.entries.map(({ name, pin, verdict }) => ({ name, pin, verdict }))).toEqual([
    { name: 'cancel_order', pin: computePin(defineDestructive('cancel_order')), verdict: 'pending' },
    { name: 'get_order', pin: computePin(defineTool('get_order')), verdict: 'pending' },
  ]);
  expect(detail.revisions).toMatchObject([{ id: revisionId, number: 1, offered: { tool: 2 }, reviewState: 'open' }]);
  expect((await readAudit(admin, server.id)).at(-1)).toMatchObject({ action: 'discovery.finish', actorKind: 'agent' });
});

test('sending a result again, and finding the same again, changes nothing', async () => {
  const { agentCtx } = domain;
  const server = await addServer(domain);
  const first = await discover(domain, server.id, [defineTool('a'), defineTool('b')]);
  const again = await discover(domain, server.id, [defineTool('b'), defineTool('a')]);
  expect(again).toEqual(first);
  const { id: discoveryId } = await start(server.id);
  const results = await Promise.all(
    [1, 2, 3].map(() =>
      recordResult({ ctx: agentCtx, input: { discoveryId, outcome: makeFound([defineTool('a'), defineTool('c')]) } }),
    ),
  );
  expect(new Set(results.map(({ revisionId }) => revisionId)).size).toBe(1);
  const { revisions } = await getServer({ ctx: domain.admin, input: { serverId: server.id } });
  expect(revisions.map(({ number, reviewState }) => [number, reviewState])).toEqual([
    [2, 'open'],
    [1, 'superseded'],
  ]);
});

test('T-51: unchanged pins keep their decision, changed and new tools are held, withdrawn ones are off', async () => {
  const changed = defineTool('changes', { description: 'What changes does.' });
  const server = await addApprovedServer(domain, [defineTool('stays'), defineTool('changes'), defineTool('goes')]);
  expect(await listVerdicts(server.id)).toEqual(['changes: approved', 'goes: approved', 'stays: approved']);

  const { openReviewId } = await discover(domain, server.id, [defineTool('stays'), changed, defineTool('comes')]);
  expect(await listVerdicts(server.id)).toEqual(['changes: pending', 'comes: pending', 'stays: approved']);
  const detail = await getServer({ ctx: domain.admin, input: { serverId: server.id } });
  expect(detail).toMatchObject({ state: 'Change held', approved: { tool: 1 }, pendingCount: 2, openReviewId });
  const review = await getReview({ ctx: domain.reviewer, input: { reviewId: openReviewId ?? '' } });
  expect(review.entries.map(({ name, change, decision }) => [name, change, decision.verdict])).toEqual([
    ['changes', 'changed', 'pending'],
    ['comes', 'new', 'pending'],
    ['stays', 'unchanged', 'approved'],
  ]);
  expect(review.entries[0]?.previousDefinition).toMatchObject({ description: 'What changes does' });
  expect(review.removed).toEqual([{ kind: 'tool', name: 'goes' }]);
});

test('T-51: one space in an enumeration makes another pin', async () => {
  const withEnum = (value: string) =>
    defineTool('close', { inputSchema: { type: 'object', properties: { why: { type: 'string', enum: [value] } } } });
  const server = await addApprovedServer(domain, [withEnum('fraud')]);
  await discover(domain, server.id, [withEnum('fraud ')]);
  expect(await listVerdicts(server.id)).toEqual(['close: pending']);
});

test('new entries wait for a review, and nothing that was approved is held', async () => {
  const server = await addApprovedServer(domain, [defineTool('old')]);
  await discover(domain, server.id, [defineTool('old'), defineTool('new')]);
  const detail = await getServer({ ctx: domain.admin, input: { serverId: server.id } });
  expect(detail).toMatchObject({ state: 'Needs review', approved: { tool: 1 }, pendingCount: 1 });
});

test('T-51: a definition that moves to another kind opens a review of its own, also while one is open', async () => {
  const server = await addServer(domain);
  const both = { ...defineTool('look_up'), arguments: [] };
  const asTool = await discover(domain, server.id, [both]);
  const asPrompt = await discover(domain, server.id, [], { entries: [{ kind: 'prompt', definition: both }] });
  expect(asPrompt.openReviewId).not.toBe(asTool.openReviewId);
  const { entries } = await getServer({ ctx: domain.admin, input: { serverId: server.id } });
  expect(entries).toMatchObject([{ kind: 'prompt', name: 'look_up', verdict: 'pending' }]);
});

test('a server that only drops tools, or returns to approved ones, needs no review', async () => {
  const server = await addApprovedServer(domain, [defineTool('a'), defineTool('b')]);
  expect((await discover(domain, server.id, [defineTool('a')])).openReviewId).toBeNull();
  expect(await listVerdicts(server.id)).toEqual(['a: approved']);
  expect((await discover(domain, server.id, [defineTool('a'), defineTool('b')])).openReviewId).toBeNull();
  expect(await listVerdicts(server.id)).toEqual(['a: approved', 'b: approved']);
  expect((await getServer({ ctx: domain.admin, input: { serverId: server.id } })).state).toBe('Approved');
});

test('a rejected tool stays rejected as long as it does not change', async () => {
  const server = await addServer(domain);
  const { openReviewId } = await discover(domain, server.id, [defineTool('a'), defineTool('b')]);
  const reviewId = openReviewId ?? '';
  const decisions = await listChoices(domain.reviewer, reviewId, { b: { verdict: 'rejected' } });
  await decideReview({ ctx: domain.reviewer, input: { reviewId, decisions } });
  await discover(domain, server.id, [defineTool('a'), defineTool('b'), defineTool('c')]);
  expect(await listVerdicts(server.id)).toEqual(['a: approved', 'b: rejected', 'c: pending']);
});

test('T-50: what breaks the bounds is left out, said, and not there', async () => {
  const { admin } = domain;
  const server = await addServer(domain);
  const remote = defineTool('remote', {
    inputSchema: { type: 'object', properties: { a: { $ref: 'http://169.254.169.254/' } } },
  });
  const tools = [
    defineTool('good'),
    defineTool('any name/查询'),
    defineTool('twin'),
    defineTool('twin', { description: 'other' }),
    defineTool('nul', { title: 'a\0b' }),
    remote,
  ];
  await discover(domain, server.id, tools);
  const { entries: kept, heldBack } = await getServer({ ctx: admin, input: { serverId: server.id } });
  expect(kept.map(({ name }) => name)).toEqual(['any name/查询', 'good']);
  expect(heldBack).toMatchObject([
    {
      parts: [
        { kind: 'tool', name: 'twin', cause: 'repeated', reason: 'the server lists 2 of them' },
        { name: 'nul', cause: 'unsound', reason: 'it holds characters that are not text' },
        { name: 'remote', pointer: '/inputSchema/properties/a/$ref', keyword: '$ref' },
      ],
      more: 0,
    },
  ]);
});

test('nobody waits forever: an order that is not picked up and a run that does not end both read as failed', async () => {
  const own = await openWorld();
  try {
    const { admin, agentCtx, workspace, ...rest } = await makeDomain(await makeWorkspace(own.runtime));
    const mine = { admin, agentCtx, workspace, ...rest };
    const waiting = await start((await addServer(mine)).id, mine);
    const running = await start((await addServer(mine)).id, mine);
    const progress = { discoveryId: running.id, stage: 'resolve', status: 'started', at: new Date().toISOString() } as const;
    await recordProgress({ ctx: agentCtx, input: progress });
    own.advanceClock(MINUTE_MS + 1);
    const view = (discoveryId: string) => getDiscovery({ ctx: admin, input: { discoveryId } });
    expect(await view(waiting.id)).toMatchObject({ status: 'failed', errorCode: 'expired' });
    expect(await view(running.id)).toMatchObject({ status: 'running' });
    expect(await listPendingDiscoveries({ ctx: agentCtx })).toEqual([]);
    expect(await expireDiscoveries({ ctx: workspace.asSystem('expire-records') })).toEqual({ expired: 1 });
    // its server may still start: a cold npx takes minutes
    own.advanceClock(2 * MINUTE_MS);
    expect(await view(running.id)).toMatchObject({ status: 'running' });
    expect(await expireDiscoveries({ ctx: workspace.asSystem('expire-records') })).toEqual({ expired: 0 });
    own.advanceClock(2 * MINUTE_MS);
    expect(await view(running.id)).toMatchObject({ status: 'failed', errorCode: 'timeout' });
    const late = await recordResult({ ctx: agentCtx, input: { discoveryId: running.id, outcome: makeFound([defineTool('a')]) } });
    expect(late).toMatchObject({ status: 'failed', revisionId: null });
    expect(await expireDiscoveries({ ctx: workspace.asSystem('expire-records') })).toEqual({ expired: 0 });
  } finally {
    await own.close();
  }
});
