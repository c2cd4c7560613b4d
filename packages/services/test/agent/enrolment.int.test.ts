import { randomBytes } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { decodeJoinToken, encodeJoinToken } from '@gatehouse/protocol/enrolment';

import { enrolAgent } from '../../src/agent/enrol-agent.ts';
import { enrolRoot } from '../../src/agent/enrol-root.ts';
import { createJoinToken } from '../../src/join-token/create-join-token.ts';
import { hashJoinToken } from '../../src/join-token/create-join-token.ts';
import { getJoinToken } from '../../src/join-token/get-join-token.ts';
import { revokeJoinToken } from '../../src/join-token/revoke-join-token.ts';
import { hashPublicKey } from '../../src/signing/keys.ts';
import { enrolRequest, makeAgentKeys, readSecret } from '../support/enrolment.ts';
import { readAudit, makeWorkspace, openWorld, expectRefused, type Workspace } from '../support/world.ts';

const HOUR_MS = 3_600_000;
const world = await openWorld();
afterAll(() => world.close());

async function issue(workspace: Workspace, agentName: string) {
  const admin = await workspace.as('admin');
  const made = await createJoinToken({ ctx: admin, input: { siteId: workspace.site.id, agentName } });
  return { admin, ...made };
}

test('T-02: the token carries the hash of the root that the hub names, and the agent gets an identity', async () => {
  const { runtime } = world;
  const workspace = await makeWorkspace(runtime);
  const { admin, id, token } = await issue(workspace, 'helsinki-01');
  const content = decodeJoinToken(token);
  expect(content?.hub).toBe('ws://127.0.0.1:3001');

  const root = await enrolRoot({ runtime, input: { tokenHash: hashJoinToken(readSecret(token)), ip: '127.0.0.1' } });
  expect(hashPublicKey(Buffer.from(root.rootPublicKey, 'base64'))).toBe(content?.rootHash);
  expect(root.tenantId).toBe(workspace.tenant.id);
  expect((await getJoinToken({ ctx: admin, input: { id } })).presentedAt).toBeInstanceOf(Date);

  const enrolled = await enrolAgent({ runtime, input: enrolRequest(token) });
  expect(enrolled).toMatchObject({ tenantSlug: workspace.tenant.slug, siteSlug: workspace.site.slug, agentName: 'helsinki-01' });
  const progress = await getJoinToken({ ctx: admin, input: { id } });
  expect(progress).toMatchObject({ agentId: enrolled.agentId, connectedAt: null, failureCode: null });
  expect((await readAudit(admin, enrolled.agentId)).map(({ action, actorKind }) => [action, actorKind])).toEqual([
    ['agent.enrol', 'agent'],
  ]);
});

test('T-01: one of 100 requests at the same time gets the token, 99 get one answer', async () => {
  const { runtime } = world;
  const workspace = await makeWorkspace(runtime);
  const { admin, id, token } = await issue(workspace, 'race');
  const outcomes = await Promise.allSettled(
    Array.from({ length: 100 }, () => enrolAgent({ runtime, input: enrolRequest(token) })),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [String(outcome.reason)] : []));
  expect(refusals).toHaveLength(99);
  expect(new Set(refusals).size).toBe(1);
  const agents = await runInTenant(runtime.db, workspace.tenant.id, (tx) =>
    tx.agent.count({ where: { tenantId: workspace.tenant.id } }),
  );
  expect(agents).toBe(1);
  expect((await getJoinToken({ ctx: admin, input: { id } })).failureCode).toBe('token_used');
});

test('T-01: unknown, expired, used and revoked tokens get the same answer; only their owner is told which', async () => {
  const { runtime } = world;
  const workspace = await makeWorkspace(runtime);
  const used = await issue(workspace, 'used');
  await enrolAgent({ runtime, input: enrolRequest(used.token) });
  const revoked = await issue(workspace, 'revoked');
  await revokeJoinToken({ ctx: revoked.admin, input: { id: revoked.id } });
  const expired = await issue(workspace, 'expired');
  const expireAt = { where: { tenantId: workspace.tenant.id, id: expired.id }, data: { expiresAt: new Date(Date.now() - 1) } };
  await runInTenant(runtime.db, workspace.tenant.id, (tx) => tx.joinToken.updateMany(expireAt));

  const refusals = [];
  for (const { token } of [used, revoked, expired]) {
    const error = await expectRefused('not_permitted', enrolAgent({ runtime, input: enrolRequest(token) }));
    refusals.push({ message: error.message, reason: error.reason });
    const root = { tokenHash: hashJoinToken(readSecret(token)), ip: '127.0.0.1' };
    const rootError = await expectRefused('not_permitted', enrolRoot({ runtime, input: root }));
    refusals.push({ message: rootError.message, reason: rootError.reason });
  }
  const secret = randomBytes(32).toString('base64url');
  const unknown = encodeJoinToken({ hub: 'ws://127.0.0.1:3001', rootHash: '0'.repeat(64), secret });
  for (const attempt of [
    () => enrolAgent({ runtime, input: enrolRequest(unknown) }),
    () => enrolRoot({ runtime, input: { tokenHash: hashJoinToken(secret), ip: '127.0.0.1' } }),
  ]) {
    const error = await expectRefused('not_permitted', attempt());
    refusals.push({ message: error.message, reason: error.reason });
  }
  expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size).toBe(1);
  expect(refusals[0]?.reason).toBe('token_invalid');

  const codes = await Promise.all(
    [used, revoked, expired].map(async ({ admin, id }) => (await getJoinToken({ ctx: admin, input: { id } })).failureCode),
  );
  expect(codes).toEqual(['token_used', 'token_revoked', 'token_expired']);
});

test('T-01: the token is nowhere in the database', async () => {
  const { runtime } = world;
  const workspace = await makeWorkspace(runtime);
  const { token } = await issue(workspace, 'secretive');
  const secret = readSecret(token);
  const rows = await runInTenant(runtime.db, workspace.tenant.id, async (tx) => [
    await tx.joinToken.findMany({ where: { tenantId: workspace.tenant.id } }),
    await tx.adminAudit.findMany({ where: { tenantId: workspace.tenant.id } }),
  ]);
  const text = JSON.stringify(rows);
  expect(text).toContain(hashJoinToken(secret));
  expect(text).not.toContain(secret);
});

test('T-57: a network whose addresses present tokens is stopped whatever address comes next, at both steps, and its neighbours enrol', async () => {
  const { runtime } = world;
  const { token } = await issue(await makeWorkspace(runtime), 'helsinki-01');
  const tokenHash = hashJoinToken(readSecret(token));
  const fill = Array.from({ length: 1_000 }, () => runtime.throttle.consume('enrol_network', ['2001:db8:50::/48']));
  await Promise.all(fill);
  await expectRefused('rate_limited', enrolRoot({ runtime, input: { tokenHash, ip: '2001:db8:50:ffff::1' } }));
  const late = enrolAgent({ runtime, input: { ...enrolRequest(token), ip: '2001:db8:50:1::1' } });
  await expectRefused('rate_limited', late);
  await enrolAgent({ runtime, input: { ...enrolRequest(token), ip: '2001:db8:51::1' } });
});

test('a clock that is off is refused with the minutes, and the token can be used afterwards', async () => {
  const { runtime } = world;
  const workspace = await makeWorkspace(runtime);
  const { admin, id, token } = await issue(workspace, 'clock');
  const ahead = enrolRequest(token, makeAgentKeys(), { clock: new Date(Date.now() + 7 * 60_000).toISOString() });
  const error = await expectRefused('precondition', enrolAgent({ runtime, input: ahead }));
  expect(error.message).toContain('7 min ahead');
  expect(error.reason).toBe('clock_skew');
  expect((await getJoinToken({ ctx: admin, input: { id } })).failureCode).toBe('clock_skew');
  await expect(enrolAgent({ runtime, input: enrolRequest(token) })).resolves.toMatchObject({ agentName: 'clock' });
});

test('T-03: a public key without proof of its private half is refused', async () => {
  const { runtime } = world;
  const workspace = await makeWorkspace(runtime);
  const { token } = await issue(workspace, 'proof');
  const stolen = enrolRequest(token, makeAgentKeys(), { publicKey: makeAgentKeys().publicKey });
  const error = await expectRefused('invalid', enrolAgent({ runtime, input: stolen }));
  expect(error.reason).toBe('malformed');
});

test('join tokens: other tenant is not found, wrong role is not permitted, audit rows are written', async () => {
  const { runtime } = world;
  const workspace = await makeWorkspace(runtime);
  const { admin, id } = await issue(workspace, 'audited');
  const stranger = await (await makeWorkspace(runtime)).as('owner');
  await expectRefused('not_found', getJoinToken({ ctx: stranger, input: { id } }));
  await expectRefused('not_found', revokeJoinToken({ ctx: stranger, input: { id } }));
  await expectRefused('not_found', createJoinToken({ ctx: stranger, input: { siteId: workspace.site.id, agentName: 'x' } }));
  const builder = await workspace.as('builder');
  await expectRefused('not_permitted', createJoinToken({ ctx: builder, input: { siteId: workspace.site.id, agentName: 'x' } }));
  await expectRefused('not_permitted', revokeJoinToken({ ctx: builder, input: { id } }));
  await expectRefused('not_permitted', getJoinToken({ ctx: builder, input: { id } }));
  await expectRefused('conflict', createJoinToken({ ctx: admin, input: { siteId: workspace.site.id, agentName: 'audited' } }));
  await revokeJoinToken({ ctx: admin, input: { id } });
  expect((await readAudit(admin, id)).map(({ action }) => action)).toEqual(['join_token.create', 'join_token.revoke']);
});

test('the token lives an hour unless told otherwise, and a day at most', async () => {
  const { runtime } = world;
  const workspace = await makeWorkspace(runtime);
  const { admin, expiresAt } = await issue(workspace, 'default');
  expect(Math.abs(expiresAt.getTime() - Date.now() - HOUR_MS)).toBeLessThan(60_000);
  const tooLong = { siteId: workspace.site.id, agentName: 'long', expiresInMinutes: 24 * 60 + 1 };
  await expectRefused('invalid', createJoinToken({ ctx: admin, input: tooLong }));
});
