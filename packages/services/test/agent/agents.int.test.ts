import { randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeServer } from '@gatehouse/db/testing';

import { authenticateAgent } from '../../src/agent/authenticate-agent.ts';
import { enrolAgent } from '../../src/agent/enrol-agent.ts';
import { getAgent } from '../../src/agent/get-agent.ts';
import { listAgents } from '../../src/agent/list-agents.ts';
import { recordConfigStatus, type RecordConfigStatus } from '../../src/agent/record-config-status.ts';
import { recordDisconnect } from '../../src/agent/record-disconnect.ts';
import { recordHeartbeat, type RecordHeartbeat } from '../../src/agent/record-heartbeat.ts';
import { revokeAgent } from '../../src/agent/revoke-agent.ts';
import { HEARTBEAT_MS } from '../../src/agent/status.ts';
import type { ServiceContext } from '../../src/context.ts';
import { createJoinToken } from '../../src/join-token/create-join-token.ts';
import { createProfile } from '../../src/profile/create-profile.ts';
import { listEndpoints } from '../../src/profile/list-endpoints.ts';
import { createSite } from '../../src/site/create-site.ts';
import { listSites } from '../../src/site/list-sites.ts';
import { getDesiredConfig } from '../../src/snapshot/get-desired-config.ts';
import { makeAuthentication, enrolRequest, makeAgentKeys } from '../support/enrolment.ts';
import { readAudit, makeWorkspace, openWorld, expectRefused } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

/** A workspace with one enrolled agent at a site that has its first snapshot. */
async function enrolAgentAtSite() {
  const { runtime } = world;
  const workspace = await makeWorkspace(runtime);
  const admin = await workspace.as('admin');
  const { id: siteId } = await createSite({ ctx: admin, input: { slug: 'tampere', name: 'Tampere' } });
  const { token } = await createJoinToken({ ctx: admin, input: { siteId, agentName: 'tampere-01' } });
  const keys = makeAgentKeys();
  const { agentId } = await enrolAgent({ runtime, input: enrolRequest(token, keys) });
  const connect = (epoch: number, overrides = {}) =>
    authenticateAgent({ runtime, input: makeAuthentication(keys, agentId, epoch, overrides) });
  const view = () => getAgent({ ctx: admin, input: { agentId } });
  return { workspace, admin, siteId, agentId, keys, connect, view };
}

function makeHeartbeat(overrides: Partial<RecordHeartbeat> = {}): RecordHeartbeat {
  return {
    clock: new Date().toISOString(),
    bufferedReceipts: 0,
    openSessions: 0,
    endpointUrl: 'http://127.0.0.1:7300',
    stdioEntries: [],
    servers: [],
    ...overrides,
  };
}

test('an agent that proves its key is welcomed as what its own record says', async () => {
  const { workspace, siteId, agentId, connect, view } = await enrolAgentAtSite();
  expect((await view()).status).toBe('Never connected');
  const { ctx, welcome } = await connect(1);
  expect(ctx).toMatchObject({ tenantId: workspace.tenant.id, actor: { kind: 'agent', agentId, siteId } });
  expect(welcome).toEqual({
    agentId,
    agentName: 'tampere-01',
    tenantSlug: workspace.tenant.slug,
    siteSlug: 'tampere',
    heartbeatMs: HEARTBEAT_MS,
    streams: [],
  });
  expect(await view()).toMatchObject({
    status: 'Connected',
    siteSlug: 'tampere',
    hostname: 'host-1',
    desiredVersion: 1,
    ackedVersion: 0,
  });
});

test('T-03: a signature over another nonce, audience or epoch, or by another key, is refused and changes nothing', async () => {
  const { agentId, connect, view } = await enrolAgentAtSite();
  const { runtime } = world;
  const other = makeAuthentication(makeAgentKeys(), agentId, 1);
  for (const attempt of [
    () => connect(1, { nonce: 'm'.repeat(22) }),
    () => connect(1, { audience: 'elsewhere:1' }),
    () => connect(1, { epoch: 2 }),
    () => authenticateAgent({ runtime, input: other }),
    () => authenticateAgent({ runtime, input: makeAuthentication(makeAgentKeys(), randomUUID(), 1) }),
  ]) {
    const error = await expectRefused('not_permitted', attempt());
    expect(error.reason).toBe('unauthenticated');
  }
  expect(await view()).toMatchObject({ status: 'Never connected', quarantinedAt: null });
});

test.each([5, 4])('T-03: after epoch 5, epoch %i means a copied key: the agent is quarantined for good', async (epoch) => {
  const { admin, agentId, connect, view } = await enrolAgentAtSite();
  await connect(5);
  expect((await expectRefused('not_permitted', connect(epoch))).reason).toBe('epoch_reused');
  expect((await view()).status).toBe('Quarantined');
  expect((await expectRefused('not_permitted', connect(6))).reason).toBe('quarantined');
  const audit = await readAudit(admin, agentId);
  expect(audit.map(({ action, actorKind }) => [action, actorKind])).toEqual([
    ['agent.enrol', 'agent'],
    ['agent.quarantine', 'system'],
  ]);
});

test('T-03: of two connections with the same epoch at the same time one is accepted and the agent quarantined', async () => {
  const { connect, view } = await enrolAgentAtSite();
  const outcomes = await Promise.allSettled(Array.from({ length: 8 }, () => connect(1)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await view()).status).toBe('Quarantined');
});

test('T-05: a revoked agent is refused when it connects and at its next heartbeat', async () => {
  const { admin, agentId, connect, view } = await enrolAgentAtSite();
  const { ctx } = await connect(1);
  await revokeAgent({ ctx: admin, input: { agentId } });
  await revokeAgent({ ctx: admin, input: { agentId } });
  expect((await view()).status).toBe('Revoked');
  expect((await expectRefused('not_permitted', recordHeartbeat({ ctx, input: makeHeartbeat() }))).reason).toBe('revoked');
  expect((await expectRefused('not_permitted', connect(2))).reason).toBe('revoked');
  const revocations = (await readAudit(admin, agentId)).filter(({ action }) => action === 'agent.revoke');
  expect(revocations).toHaveLength(1);
});

test('a heartbeat is kept; T-06: servers that are not of its site are dropped from it', async () => {
  const { workspace, siteId, connect, view } = await enrolAgentAtSite();
  const { runtime } = world;
  const server = await makeServer(runtime.db, workspace.tenant.id);
  await runInTenant(runtime.db, workspace.tenant.id, (tx) =>
    tx.serverSite.create({ data: { tenantId: workspace.tenant.id, serverId: server.id, siteId } }),
  );
  const foreign = await makeServer(runtime.db, (await makeWorkspace(runtime)).tenant.id);
  const report = (serverId: string) => ({ serverId, state: 'connected' as const, error: null, at: new Date().toISOString() });
  const { ctx } = await connect(1);
  const servers = [report(server.id), report(foreign.id), report(randomUUID())];
  const clock = new Date(Date.now() + 90_000).toISOString();
  await recordHeartbeat({
    ctx,
    input: makeHeartbeat({ servers, clock, openSessions: 3, bufferedReceipts: 7, stdioEntries: ['files'] }),
  });
  const agent = await view();
  expect(agent).toMatchObject({
    openSessions: 3,
    bufferedReceipts: 7,
    endpointUrl: 'http://127.0.0.1:7300',
    stdioEntries: ['files'],
  });
  expect(agent.serverHealth).toMatchObject([servers[0]!]);
  expect(agent.serverHealth).toHaveLength(1);
  expect(Math.abs((agent.clockSkewMs ?? 0) - 90_000)).toBeLessThan(30_000);
});

test('what the database cannot hold keeps no report of an agent away: it becomes U+FFFD, wherever it stands', async () => {
  const { workspace, siteId, connect, view } = await enrolAgentAtSite();
  const { runtime } = world;
  const { tenant } = workspace;
  const server = await makeServer(runtime.db, tenant.id);
  await runInTenant(runtime.db, tenant.id, (tx) =>
    tx.serverSite.create({ data: { tenantId: tenant.id, serverId: server.id, siteId } }),
  );
  const { ctx } = await connect(1);
  const health = { serverId: server.id, state: 'unreachable' as const, error: 'bad \0 and \uD800', at: new Date().toISOString() };
  await recordHeartbeat({ ctx, input: makeHeartbeat({ servers: [health], stdioEntries: ['fi\0les'] }) });
  expect(await view()).toMatchObject({ stdioEntries: ['fi\uFFFDles'], serverHealth: [{ error: 'bad \uFFFD and \uFFFD' }] });
});

test('T-28: what a server wrote into the error of its health is redacted before it is stored, the host of the server aside', async () => {
  const { workspace, siteId, connect, view } = await enrolAgentAtSite();
  const { tenant } = workspace;
  const transport = { kind: 'http' as const, url: 'https://10.1.2.3/mcp', credential: null };
  const server = await makeServer(world.runtime.db, tenant.id, { transport });
  await runInTenant(world.runtime.db, tenant.id, (tx) =>
    tx.serverSite.create({ data: { tenantId: tenant.id, serverId: server.id, siteId } }),
  );
  const { ctx } = await connect(1);
  const token = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`;
  const error = `10.1.2.3 answered 401: token ${token} of ida.virtanen@example.com is not valid`;
  const health = { serverId: server.id, state: 'unreachable' as const, error, at: new Date().toISOString() };
  await recordHeartbeat({ ctx, input: makeHeartbeat({ servers: [health] }) });
  const shown = (await view()).serverHealth[0]?.error;
  expect(shown).toContain('10.1.2.3 answered 401');
  expect(shown).not.toContain(token);
  expect(shown).not.toContain('ida.virtanen');
});

test('T-55: an endpoint that is no plain URL is taken neither from an agent nor for a site, and one that was stored is not shown', async () => {
  const { admin, agentId, connect, siteId, workspace, view } = await enrolAgentAtSite();
  const { ctx } = await connect(1);
  const hostile = 'http://a.example/$(touch pwned)';
  await expectRefused('invalid', recordHeartbeat({ ctx, input: makeHeartbeat({ endpointUrl: hostile }) }));
  const site = { slug: 'oulu', name: 'Oulu', endpointUrl: hostile };
  await expectRefused('invalid', createSite({ ctx: admin, input: site }));
  const tenantId = workspace.tenant.id;
  const { id: profileId } = await createProfile({ ctx: admin, input: { name: 'Orders', siteIds: [siteId] } });
  await runInTenant(world.runtime.db, tenantId, async (tx) => {
    await tx.agent.update({ where: { tenantId_id: { tenantId, id: agentId } }, data: { endpointUrl: hostile } });
    await tx.site.update({ where: { tenantId_id: { tenantId, id: siteId } }, data: { endpointUrl: hostile } });
  });
  expect(await listEndpoints({ ctx: admin, input: { profileId } })).toMatchObject([{ siteId, url: null }]);
  expect((await view()).endpointUrl).toBeNull();
  expect((await listSites({ ctx: admin })).rows.find(({ id }) => id === siteId)?.endpointUrl).toBeNull();
  await recordHeartbeat({ ctx, input: makeHeartbeat({ endpointUrl: 'https://Agent.example/gw/' }) });
  expect(await listEndpoints({ ctx: admin, input: { profileId } })).toMatchObject([
    { siteId, url: 'https://agent.example/gw/p/orders/mcp' },
  ]);
});

test('a heartbeat signals only what has changed', async () => {
  const { admin, agentId, connect, workspace } = await enrolAgentAtSite();
  const { runtime } = world;
  const { ctx } = await connect(1);
  await recordHeartbeat({ ctx, input: makeHeartbeat() });
  const heard: string[] = [];
  const stop = runtime.signals.subscribe({ tenantId: workspace.tenant.id }, ({ kind, id }) => heard.push(`${kind} ${id}`));
  // Signals are heard in the order of their commits: after this one, none of the set-up can still arrive.
  const { id: laterSite } = await createSite({ ctx: admin, input: { slug: 'oulu', name: 'Oulu' } });
  await expect.poll(() => heard).toContain(`site ${laterSite}`);
  heard.length = 0;
  await recordHeartbeat({ ctx, input: makeHeartbeat() });
  await recordHeartbeat({ ctx, input: makeHeartbeat({ openSessions: 1 }) });
  await expect.poll(() => heard.length).toBeGreaterThan(0);
  await recordHeartbeat({ ctx, input: makeHeartbeat({ openSessions: 2 }) });
  await expect.poll(() => heard.length).toBeGreaterThan(1);
  expect(heard).toEqual([`agent ${agentId}`, `agent ${agentId}`]);
  stop();
});

test('only the end of the newest connection is recorded', async () => {
  const { connect, view } = await enrolAgentAtSite();
  const { ctx } = await connect(1);
  await connect(2);
  await recordDisconnect({ ctx, input: { epoch: 1 } });
  expect((await view()).disconnectedAt).toBeNull();
  await recordDisconnect({ ctx, input: { epoch: 2 } });
  expect((await view()).disconnectedAt).toBeInstanceOf(Date);
});

async function buildStatus(ctx: ServiceContext): Promise<RecordConfigStatus> {
  const desired = await getDesiredConfig({ ctx });
  if (!desired) throw new Error('The site has no snapshot');
  return {
    status: 'applied',
    appliedVersion: desired.version,
    appliedHash: desired.contentHash,
    rejectedVersion: null,
    error: null,
  };
}

test('T-17: what the agent serves and refuses is shown, and a refusal goes when the version is applied', async () => {
  const { connect, view } = await enrolAgentAtSite();
  const { ctx } = await connect(1);
  const applied = await buildStatus(ctx);
  const error = { code: 'guardrail' as const, message: 'host orders.example is not allowed' };
  await recordConfigStatus({
    ctx,
    input: { ...applied, status: 'rejected', appliedVersion: 0, appliedHash: null, rejectedVersion: 1, error },
  });
  expect(await view()).toMatchObject({
    ackedVersion: 0,
    rejectedVersion: 1,
    rejectedCode: 'guardrail',
    rejectedReason: error.message,
  });
  await recordConfigStatus({ ctx, input: applied });
  expect(await view()).toMatchObject({
    ackedVersion: 1,
    ackedHash: applied.appliedHash,
    rejectedVersion: null,
    rejectedCode: null,
  });
});

test('T-06: a version or hash that the site never had is refused', async () => {
  const { connect, view } = await enrolAgentAtSite();
  const { ctx } = await connect(1);
  const applied = await buildStatus(ctx);
  for (const input of [
    { ...applied, appliedVersion: 99 },
    { ...applied, appliedHash: 'f'.repeat(64) },
    { ...applied, status: 'rejected' as const, rejectedVersion: 99, error: { code: 'rollback' as const, message: 'old' } },
  ]) {
    expect((await expectRefused('invalid', recordConfigStatus({ ctx, input }))).reason).toBe('foreign_id');
  }
  expect(await view()).toMatchObject({ ackedVersion: 0, rejectedVersion: null });
});

test('agents: other tenant is not found, wrong role is not permitted, agents cannot read or revoke agents', async () => {
  const { workspace, admin, agentId, connect } = await enrolAgentAtSite();
  const { runtime } = world;
  const stranger = await (await makeWorkspace(runtime)).as('owner');
  await expectRefused('not_found', getAgent({ ctx: stranger, input: { agentId } }));
  await expectRefused('not_found', revokeAgent({ ctx: stranger, input: { agentId } }));
  expect((await listAgents({ ctx: stranger })).rows).toEqual([]);
  const reviewer = await workspace.as('reviewer');
  await expectRefused('not_permitted', revokeAgent({ ctx: reviewer, input: { agentId } }));
  await expectRefused('not_permitted', listAgents({ ctx: await workspace.as('member') }));
  const { ctx } = await connect(1);
  await expectRefused('not_permitted', revokeAgent({ ctx, input: { agentId } }));
  await expectRefused('not_permitted', getAgent({ ctx, input: { agentId } }));
  await expectRefused('not_permitted', recordHeartbeat({ ctx: admin, input: makeHeartbeat() }));
  await expectRefused('not_permitted', getDesiredConfig({ ctx: admin }));
  expect((await listAgents({ ctx: reviewer })).rows.map(({ id, status }) => [id, status])).toEqual([[agentId, 'Connected']]);
});
