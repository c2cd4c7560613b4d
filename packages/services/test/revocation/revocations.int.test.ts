import { createHash, randomUUID } from 'node:crypto';

import pg from 'pg';
import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { computeLogRoot, readIssueTime, Revocation, RevocationHead } from '@gatehouse/policy/documents/revocation';
import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import { TestKey } from '@gatehouse/protocol/testing/test-key';
import { verifyEnvelope } from '@gatehouse/protocol/verify';

import { recordConfigStatus } from '../../src/agent/record-config-status.ts';
import { revokeAgent } from '../../src/agent/revoke-agent.ts';
import { createClientKey } from '../../src/client-key/create-client-key.ts';
import { revokeClientKey } from '../../src/client-key/revoke-client-key.ts';
import { getActorId, type ServiceContext } from '../../src/context.ts';
import { listPublicKeys } from '../../src/keyset/read-keyset.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { revokeAccess } from '../../src/profile/revoke-access.ts';
import { disableProfile, enableProfile } from '../../src/profile/switch-profile.ts';
import { forwardRevocations } from '../../src/revocation/forward-revocations.ts';
import { getNewRevocations } from '../../src/revocation/get-new-revocations.ts';
import { keepRevocations } from '../../src/revocation/keep-revocations.ts';
import { disableServer, enableServer } from '../../src/server/switch-server.ts';
import { resumeTenant, suspendTenant } from '../../src/tenant/suspend-tenant.ts';
import { makeDomain, readNewestSnapshot, type Domain, serveOneTool } from '../support/domain.ts';
import { saveTenant } from '../support/save-tenant.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
const owner = await world.database.connectOwner();
afterAll(() => world.close());

/** A workspace that serves one profile with one tool, and a person with access to it. */
async function makeServed() {
  const domain = await makeDomain(await makeWorkspace(world.runtime));
  const { workspace } = domain;
  const { server, profile, person, membershipId } = await serveOneTool(domain);
  const makeKey = async (name: string) => (await createClientKey({ ctx: person, input: { profileId: profile.id, name } })).id;
  const keep = () => keepRevocations({ ctx: workspace.asSystem('keep-revocations') });
  return { ...domain, server, profile, person, membershipId, makeKey, keep };
}

const fetchNew = (ctx: ServiceContext, after = 0) => getNewRevocations({ ctx, input: { after } });

/** What the log holds, as an agent with the tenant's keys reads it; fails on anything that is not signed, or a head that is not of it. */
async function readLog({ agentCtx }: Pick<Domain, 'agentCtx'>): Promise<Revocation[]> {
  const { tenantId, runtime } = agentCtx;
  const keys = await runInTenant(getFixtureDb(runtime), tenantId, (tx) => listPublicKeys(tx, tenantId));
  const found = await fetchNew(agentCtx);
  if (!found) return [];
  const open = (envelope: SignedEnvelope, type: SignedEnvelope['payloadType']): unknown =>
    JSON.parse(verifyEnvelope(envelope, keys, type).toString('utf8'));
  const head = RevocationHead.parse(open(found.head, 'application/vnd.gatehouse.revocation-head+json'));
  const hashes = found.entries.map(({ payload }) => hashText(payload)).sort();
  expect(head).toMatchObject({ tenantId, count: found.entries.length, root: computeLogRoot(hashes) });
  return found.entries.map((entry) => Revocation.parse(open(entry, 'application/vnd.gatehouse.revocation+json')));
}

const hashText = (base64: string): string => createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex');

test('each verb that revokes writes its entry, signed, with its act, before the configuration', async () => {
  const served = await makeServed();
  const { admin, agent, server, profile, membershipId, makeKey } = served;
  const [first, second] = [await makeKey('first'), await makeKey('second')];
  await revokeClientKey({ ctx: admin, input: { keyId: first } });
  await disableServer({ ctx: admin, input: { serverId: server.id } });
  await disableProfile({ ctx: admin, input: { profileId: profile.id } });
  await revokeAccess({ ctx: admin, input: { profileId: profile.id, membershipId } });
  await removeMember({ ctx: admin, input: { membershipId } });
  await revokeAgent({ ctx: admin, input: { agentId: agent.id } });
  const log = await readLog(served);
  expect(log.map(({ act, subject: { kind, id } }) => [act, kind, id])).toEqual([
    ['end', 'key', first],
    ['stop', 'server', server.id],
    ['stop', 'profile', profile.id],
    ['end', 'key', second],
    ['before', 'person', membershipId],
    ['end', 'agent', agent.id],
  ]);
  const { rows } = await owner.query(
    `SELECT a.actor_kind || ' ' || a.action AS act FROM revocation r JOIN admin_audit a ON a.tenant_id = r.tenant_id AND a.id = r.audit_id
     WHERE r.tenant_id = $1 ORDER BY r.seq`,
    [admin.tenantId],
  );
  const verbs = [
    'client_key.revoke',
    'server.disable',
    'profile.disable',
    'profile.revoke_access',
    'member.remove',
    'agent.revoke',
  ];
  expect(rows).toEqual(verbs.map((action) => ({ act: `person ${action}` })));
});

test('what is switched on again is lifted, every open stop of it', async () => {
  const served = await makeServed();
  const { admin, server, profile } = served;
  await disableServer({ ctx: admin, input: { serverId: server.id } });
  await enableServer({ ctx: admin, input: { serverId: server.id } });
  await disableProfile({ ctx: admin, input: { profileId: profile.id } });
  await disableServer({ ctx: admin, input: { serverId: server.id } });
  await enableProfile({ ctx: admin, input: { profileId: profile.id } });
  const log = await readLog(served);
  expect(log.map(({ act, subject }) => `${act} ${subject.kind}`)).toEqual([
    'stop server',
    'lift server',
    'stop profile',
    'stop server',
    'lift profile',
  ]);
  expect([log[1]?.of, log[4]?.of]).toEqual([log[0]?.id, log[2]?.id]);
});

test('a key says in its id when it was issued: one that is made after a `before` is not ended by it', async () => {
  const { makeKey } = await makeServed();
  const start = world.runtime.now().getTime();
  const issued = readIssueTime(await makeKey('mine')) ?? 0;
  expect(issued).toBeGreaterThanOrEqual(start);
  expect(issued).toBeLessThanOrEqual(world.runtime.now().getTime());
});

test('what was revoked before there was a log is added by the worker, once, with its act; a row without an act is not', async () => {
  const served = await makeServed();
  const { admin, agent, profile, membershipId, makeKey, keep } = served;
  const [direct, withAccess, forged] = [await makeKey('direct'), await makeKey('with access'), await makeKey('forged')];
  await owner.query(`UPDATE client_key SET revoked_at = now() WHERE id = $1`, [forged]);
  await revokeClientKey({ ctx: admin, input: { keyId: direct } });
  await revokeAccess({ ctx: admin, input: { profileId: profile.id, membershipId } });
  await revokeAgent({ ctx: admin, input: { agentId: agent.id } });
  await owner.query('DELETE FROM revocation WHERE tenant_id = $1', [admin.tenantId]);
  await owner.query('DELETE FROM revocation_head WHERE tenant_id = $1', [admin.tenantId]);
  expect(await keep()).toMatchObject({ added: 3 });
  expect(await keep()).toMatchObject({ added: 0, renewed: false });
  expect((await readLog(served)).map(({ subject }) => subject.id).sort()).toEqual([direct, withAccess, agent.id].sort());
});

test('the head is signed again when it has aged, over the same log', async () => {
  const served = await makeServed();
  await revokeClientKey({ ctx: served.admin, input: { keyId: await served.makeKey('mine') } });
  const before = await fetchNew(served.agentCtx);
  world.advanceClock(6 * 60_000);
  expect(await served.keep()).toMatchObject({ renewed: true });
  const after = await fetchNew(served.agentCtx);
  expect(after?.root).toBe(before?.root);
  expect(after?.asOf.getTime()).toBeGreaterThan(before?.asOf.getTime() ?? 0);
  await readLog(served);
});

test('an agent is given what follows the root that it has, and everything after a root that was never there', async () => {
  const served = await makeServed();
  const { admin, agentCtx, makeKey } = served;
  const ids = [await makeKey('a'), await makeKey('b'), await makeKey('c')];
  const roots: string[] = [];
  for (const keyId of ids) {
    await revokeClientKey({ ctx: admin, input: { keyId } });
    roots.push((await fetchNew(agentCtx))?.root ?? '');
  }
  const count = async (root = '') => (await getNewRevocations({ ctx: agentCtx, input: { root } }))?.entries.length;
  expect(await count(computeLogRoot([]))).toBe(3);
  expect(await count(roots[0])).toBe(2);
  expect(await count(roots[2])).toBe(0);
  expect(await count('f'.repeat(64))).toBe(3);
});

test('revocations at the same time all get into the log', async () => {
  const served = await makeServed();
  const ids = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((name) => served.makeKey(name)));
  await Promise.all(ids.map((keyId) => revokeClientKey({ ctx: served.admin, input: { keyId } })));
  expect((await readLog(served)).map(({ subject }) => subject.id).sort()).toEqual(ids.toSorted());
});

test('a database that is restored to before eight changes takes its log back from an agent: what was revoked stays so, versions go on above', async () => {
  const served = await makeServed();
  const { admin, agentCtx, server, makeKey, membershipId, keep } = served;
  const [kept, revoked, lateKey] = [await makeKey('kept'), await makeKey('revoked'), await makeKey('late')];
  const other = await served.workspace.as('member');
  const restore = await saveTenant(owner, admin.tenantId);

  await revokeClientKey({ ctx: admin, input: { keyId: revoked } });
  for (let index = 0; index < 3; index += 1) {
    await disableServer({ ctx: admin, input: { serverId: server.id } });
    await enableServer({ ctx: admin, input: { serverId: server.id } });
  }
  await disableServer({ ctx: admin, input: { serverId: server.id } });
  await removeMember({ ctx: admin, input: { membershipId: getActorId(other.actor) } });
  const held = (await fetchNew(agentCtx))?.entries ?? [];
  const ahead = await readNewestSnapshot(served);
  expect(held.length).toBe(9);

  await restore();
  expect(await readLog(served)).toEqual([]);
  const status = {
    status: 'applied',
    appliedVersion: ahead?.version ?? 0,
    appliedHash: ahead?.contentHash ?? '',
    rejectedVersion: null,
    error: null,
  } as const;
  await expectRefused('invalid', recordConfigStatus({ ctx: agentCtx, input: status }));
  expect(await forwardRevocations({ ctx: agentCtx, input: { entries: held } })).toBe(9);
  expect(await forwardRevocations({ ctx: agentCtx, input: { entries: held } })).toBe(0);
  expect(await keep()).toMatchObject({ takenOver: 9, passed: 1 });

  expect((await readLog(served)).length).toBe(9);
  const after = await readNewestSnapshot(served);
  expect(after?.version).toBeGreaterThan(ahead?.version ?? 0);
  expect(after?.content.clientKeys.map(({ keyId }) => keyId).sort()).not.toContain(revoked);
  expect(after?.content.servers).toEqual([]);
  await expectRefused('conflict', revokeClientKey({ ctx: admin, input: { keyId: revoked } }));
  await expectRefused('conflict', disableServer({ ctx: admin, input: { serverId: server.id } }));
  // who was removed is no member any more, and nobody else is one less
  const memberships = await owner.query<{ ended: boolean; own: boolean }>(
    'SELECT ended_at IS NOT NULL AS ended, id = $2 AS own FROM membership WHERE tenant_id = $1 AND id IN ($2, $3) ORDER BY 2',
    [admin.tenantId, getActorId(other.actor), membershipId],
  );
  expect(memberships.rows).toEqual([
    { ended: false, own: false },
    { ended: true, own: true },
  ]);
  expect(await readAudit(admin, admin.tenantId)).toMatchObject([
    { action: 'revocation.take_over', actorKind: 'system', after: { count: 9 } },
  ]);

  // what was not revoked goes on, and can be revoked and switched on
  await revokeClientKey({ ctx: admin, input: { keyId: kept } });
  await enableServer({ ctx: admin, input: { serverId: server.id } });
  const served2 = await readNewestSnapshot(served);
  expect(served2?.content.servers).toHaveLength(1);
  expect(served2?.content.clientKeys.map(({ keyId }) => keyId)).toEqual([lateKey]);
  expect(membershipId).toBe(served2?.content.clientKeys[0]?.personId);
});

test('a workspace that was stopped after the backup is suspended after a restore, and the operator can let it go on', async () => {
  const served = await makeServed();
  const { admin, agentCtx, keep } = served;
  const restore = await saveTenant(owner, admin.tenantId);
  const { runtime } = world;
  const input = { tenantSlug: admin.tenantSlug };
  await suspendTenant({ runtime, input });
  const held = (await fetchNew(agentCtx))?.entries ?? [];
  await restore();
  await owner.query('UPDATE tenant SET suspended_at = NULL WHERE id = $1', [admin.tenantId]);
  await forwardRevocations({ ctx: agentCtx, input: { entries: held } });
  expect(await keep()).toMatchObject({ takenOver: 1 });
  await expectRefused('conflict', suspendTenant({ runtime, input }));
  await resumeTenant({ runtime, input });
  expect((await readLog(served)).map(({ act, subject }) => `${act} ${subject.kind}`)).toEqual(['stop tenant', 'lift tenant']);
});

test('what a hub hands over without the signature of the tenant changes nothing, also when it is put into the table itself', async () => {
  const served = await makeServed();
  const stranger = await makeServed();
  const { admin, agentCtx, keep, server } = served;
  await disableServer({ ctx: stranger.admin, input: { serverId: stranger.server.id } });
  const foreign = (await fetchNew(stranger.agentCtx))?.entries ?? [];
  const thief = new TestKey();
  const { tenantId } = admin;
  const build = (act: string, subject: object, of?: string) => {
    const at = new Date().toISOString();
    return { format: 1, id: randomUUID(), tenantId, at, act, subject, of };
  };
  await disableServer({ ctx: admin, input: { serverId: server.id } });
  const [stop] = await readLog(served);
  const forged = [
    thief.sign('application/vnd.gatehouse.revocation+json', build('end', { kind: 'agent', id: served.agent.id })),
    thief.sign('application/vnd.gatehouse.revocation+json', build('lift', { kind: 'server', id: server.id }, stop?.id)),
    ...foreign,
  ];
  expect(await forwardRevocations({ ctx: agentCtx, input: { entries: forged } })).toBe(0);

  const hub = new pg.Client({ connectionString: world.database.urls.hub });
  await hub.connect();
  await hub.query(`SELECT set_config('app.tenant_id', $1, false)`, [admin.tenantId]);
  for (const { payload, signature, keyId } of forged) {
    await hub.query(
      `INSERT INTO revocation_handover (tenant_id, hash, payload, signature, key_id, agent_id) VALUES ($1, gen_random_uuid()::text, decode($2, 'base64'), decode($3, 'base64'), $4, $5)`,
      [admin.tenantId, payload, signature, keyId, served.agent.id],
    );
  }
  for (const sql of [
    `INSERT INTO revocation SELECT * FROM revocation`,
    `UPDATE revocation SET act = 'lift'`,
    `DELETE FROM revocation`,
    `UPDATE revocation_head SET count = 0`,
    `SELECT count FROM revocation_head FOR UPDATE`,
  ]) {
    await expect(hub.query(sql)).rejects.toMatchObject({ code: '42501' });
  }
  await hub.end();
  expect(await keep()).toMatchObject({ takenOver: 0 });
  expect((await readLog(served)).map(({ act }) => act)).toEqual(['stop']);
  expect((await owner.query('SELECT FROM revocation_handover WHERE tenant_id = $1', [admin.tenantId])).rowCount).toBe(0);
});

test('an agent that claims a version far above moves its site by a step, not to the end of numbers', async () => {
  const served = await makeServed();
  const before = await readNewestSnapshot(served);
  const input = {
    status: 'applied',
    appliedVersion: Number.MAX_SAFE_INTEGER,
    appliedHash: 'a'.repeat(64),
    rejectedVersion: null,
    error: null,
  } as const;
  await expectRefused('invalid', recordConfigStatus({ ctx: served.agentCtx, input }));
  await served.keep();
  expect((await readNewestSnapshot(served))?.version).toBe((before?.version ?? 0) + 1_000_001);
});
