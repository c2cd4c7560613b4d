import pg from 'pg';
import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { computeLogRoot, Revocation, RevocationHead } from '@gatehouse/policy/documents/revocation';
import { verifyEnvelope } from '@gatehouse/protocol/verify';

import { createClientKey } from '../../src/client-key/create-client-key.ts';
import { endClientSessions } from '../../src/client-key/end-client-sessions.ts';
import { revokeClientKey } from '../../src/client-key/revoke-client-key.ts';
import { getActorId } from '../../src/context.ts';
import { listPublicKeys } from '../../src/keyset/read-keyset.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { signOutMember } from '../../src/member/sign-out-member.ts';
import { hashPayload } from '../../src/revocation/envelope-row.ts';
import { forwardRevocations } from '../../src/revocation/forward-revocations.ts';
import { getNewRevocations, type GetNewRevocations } from '../../src/revocation/get-new-revocations.ts';
import { getRevocationReach } from '../../src/revocation/get-revocation-reach.ts';
import { keepRevocations } from '../../src/revocation/keep-revocations.ts';
import { recordRevocationsStatus } from '../../src/revocation/record-revocations-status.ts';
import { disableServer } from '../../src/server/switch-server.ts';
import type { LimitName } from '../../src/throttle/throttle.ts';
import { makeDomain, serveOneTool } from '../support/domain.ts';
import { saveTenant } from '../support/save-tenant.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const DAY_MS = 24 * 3_600_000;
const ALL = ['revocations', 'pruned-sessions'];
const world = await openWorld();
const owner = await world.database.connectOwner();
// the database's own clock has to be past what is pruned
world.advanceClock(-80 * DAY_MS);
afterAll(() => world.close());

/** A workspace whose one agent keeps a log, and a person who can make keys. */
async function makeServed() {
  const domain = await makeDomain(await makeWorkspace(world.runtime));
  const { admin, agent, agentCtx, workspace } = domain;
  const { tenantId } = admin;
  const { server, profile, person, membershipId } = await serveOneTool(domain);
  const makeKey = async (expiresInDays: number) => {
    const input = { profileId: profile.id, name: 'laptop', expiresInDays };
    return (await createClientKey({ ctx: person, input })).id;
  };
  const revokeKey = async (expiresInDays: number) => {
    const id = await makeKey(expiresInDays);
    await revokeClientKey({ ctx: person, input: { keyId: id } });
    return id;
  };
  const setAgent = (features: string[], lastSeenAt: Date) =>
    owner.query(`UPDATE agent SET features = $2, last_seen_at = $3 WHERE id = $1`, [agent.id, features, lastSeenAt]);
  await setAgent(ALL, world.runtime.now());
  const keep = () => keepRevocations({ ctx: workspace.asSystem('keep-revocations') });
  const keys = await runInTenant(getFixtureDb(world.runtime), tenantId, (tx) => listPublicKeys(tx, tenantId));
  /** What an agent is sent that names this log; the head is that of exactly the whole log. */
  const fetchLog = async (from: GetNewRevocations = { after: 0 }) => {
    const sent = await getNewRevocations({ ctx: agentCtx, input: from });
    const whole = await getNewRevocations({ ctx: agentCtx, input: { after: 0 } });
    if (!sent || !whole) throw new Error('No head was signed');
    const bytes = verifyEnvelope(sent.head, keys, 'application/vnd.gatehouse.revocation-head+json');
    const head = RevocationHead.parse(JSON.parse(bytes.toString('utf8')));
    const hashes = whole.entries.map(({ payload }) => hashPayload(Buffer.from(payload, 'base64')));
    expect(head).toMatchObject({ count: hashes.length, root: computeLogRoot(hashes.sort()) });
    expect(sent.hasMore).toBe(false);
    return { ...sent, head };
  };
  const readSubjects = async () => {
    const { rows } = await owner.query<{ id: string }>(
      'SELECT subject_id AS id FROM revocation WHERE tenant_id = $1 ORDER BY seq',
      [tenantId],
    );
    return rows.map(({ id }) => id);
  };
  /** Uses up so many of a member's attempts. */
  const attempt = async (limit: LimitName, times: number, member: string) => {
    for (let made = 0; made < times; made += 1) await world.runtime.throttle.consume(limit, [tenantId, member]);
  };
  return { ...domain, attempt, server, person, membershipId, makeKey, revokeKey, setAgent, keep, fetchLog, readSubjects };
}

test('the end of a key leaves the log a week after the key ran out, with an act; everything else stays', async () => {
  const served = await makeServed();
  const { admin, agent, agentCtx, server, membershipId, revokeKey, keep, fetchLog, readSubjects } = served;
  await revokeKey(1);
  const long = await revokeKey(30);
  await disableServer({ ctx: admin, input: { serverId: server.id } });
  await removeMember({ ctx: admin, input: { membershipId } });
  expect(await keep()).toMatchObject({ pruned: 0 });
  const before = await fetchLog();
  expect(before.entries).toHaveLength(4);
  await recordRevocationsStatus({ ctx: agentCtx, input: { count: 4, root: before.root } });

  world.advanceClock(7 * DAY_MS);
  expect(await keep()).toMatchObject({ pruned: 0 });
  world.advanceClock(2 * DAY_MS);
  await served.setAgent(ALL, world.runtime.now());
  expect(await keep()).toMatchObject({ pruned: 1 });
  expect(await keep()).toMatchObject({ pruned: 0 });
  expect(await readSubjects()).toEqual([long, server.id, membershipId]);
  expect(await readAudit(admin, admin.tenantId)).toMatchObject([{ action: 'revocation.prune', after: { count: 1 } }]);

  // an agent that had all of it lacks nothing, and one that names the log as it is now has it, too
  const after = await fetchLog({ root: before.root });
  expect(after.entries).toEqual([]);
  expect(Date.parse(after.head.prunedUntil ?? '')).toBeLessThanOrEqual(world.runtime.now().getTime() - 7 * DAY_MS);
  const isWhole = async () => {
    const { lastSeq, agents } = await getRevocationReach({ ctx: admin });
    return agents.find(({ id }) => id === agent.id)?.confirmed === lastSeq;
  };
  expect(await isWhole()).toBe(true);
  await recordRevocationsStatus({ ctx: agentCtx, input: { count: 3, root: after.root } });
  expect(await isWhole()).toBe(true);

  // the next entry takes a place of its own, and is all that either lacks
  await served.workspace.as('admin').then((ctx) => removeMember({ ctx: admin, input: { membershipId: getActorId(ctx.actor) } }));
  for (const { root } of [before, after]) expect((await fetchLog({ root })).entries).toHaveLength(1);
  expect((await fetchLog({ root: 'f'.repeat(64) })).entries).toHaveLength(4);
});

test('what ended sessions leaves the log a week after the last key that they could be of ran out', async () => {
  const { admin, person, membershipId, makeKey, keep, readSubjects, setAgent, fetchLog } = await makeServed();
  const key = await makeKey(1);
  await endClientSessions({ ctx: person, input: { keyId: key } });
  await signOutMember({ ctx: admin, input: { membershipId } });
  world.advanceClock(9 * DAY_MS);
  await setAgent(ALL, world.runtime.now());
  expect(await keep()).toMatchObject({ pruned: 1 });
  expect(await readSubjects()).toEqual([membershipId]);
  const { entries } = await fetchLog();
  const [session] = entries.map(({ payload }) => Revocation.parse(JSON.parse(Buffer.from(payload, 'base64').toString('utf8'))));
  expect(Date.parse(session?.until ?? '') - Date.parse(session?.at ?? '')).toBe(365 * DAY_MS);
});

test('a member who ends sessions in a loop is told to wait; another one is not, and a key is revoked all the same', async () => {
  const { attempt, person, admin, membershipId, makeKey, readSubjects } = await makeServed();
  const keyId = await makeKey(30);
  const end = () => endClientSessions({ ctx: person, input: { keyId } });
  await end();
  await attempt('session_end', 59, membershipId);
  await expectRefused('rate_limited', end());
  expect(await readSubjects()).toEqual([keyId]);
  await signOutMember({ ctx: admin, input: { membershipId } });
  await revokeClientKey({ ctx: person, input: { keyId } });
  expect(await readSubjects()).toEqual([keyId, membershipId, keyId]);
});

test('so is one who makes keys and revokes them', async () => {
  const { attempt, membershipId, revokeKey } = await makeServed();
  await revokeKey(1);
  await attempt('client_key', 99, membershipId);
  await expectRefused('rate_limited', revokeKey(1));
});

test('nothing goes while an agent that cannot prune was there lately; what keeps no log waits for nobody', async () => {
  const { revokeKey, setAgent, keep, readSubjects } = await makeServed();
  const key = await revokeKey(1);
  world.advanceClock(9 * DAY_MS);
  await setAgent(['parts', 'revocations', 'pruned-revocations'], world.runtime.now());
  expect(await keep()).toMatchObject({ pruned: 0 });
  expect(await readSubjects()).toEqual([key]);
  await setAgent([], world.runtime.now());
  expect(await keep()).toMatchObject({ pruned: 1 });
});

test('an agent that cannot prune and comes later is given a log that is whole to it', async () => {
  const { revokeKey, setAgent, keep, fetchLog } = await makeServed();
  await revokeKey(1);
  await revokeKey(20);
  world.advanceClock(9 * DAY_MS);
  expect(await keep()).toMatchObject({ pruned: 1 });
  await setAgent(['revocations'], world.runtime.now());
  const { entries, head } = await fetchLog();
  expect(entries).toHaveLength(1);
  // it reads of the head what it knows: count and root of what it was sent
  expect(head).toMatchObject({
    count: 1,
    root: computeLogRoot(entries.map(({ payload }) => hashPayload(Buffer.from(payload, 'base64')))),
  });
});

test('what was pruned is not taken back from an agent; what a wrong clock pruned too early is', async () => {
  const { agentCtx, revokeKey, keep, fetchLog, readSubjects } = await makeServed();
  await revokeKey(1);
  const long = await revokeKey(20);
  const { entries: held } = await fetchLog();
  world.advanceClock(9 * DAY_MS);
  expect(await keep()).toMatchObject({ pruned: 1 });
  expect(await forwardRevocations({ ctx: agentCtx, input: { entries: held } })).toBe(0);

  world.advanceClock(30 * DAY_MS);
  expect(await keep()).toMatchObject({ pruned: 1 });
  expect(await readSubjects()).toEqual([]);
  world.advanceClock(-30 * DAY_MS);
  await keep();
  expect(await forwardRevocations({ ctx: agentCtx, input: { entries: held } })).toBe(1);
  // and this control plane knows by itself which of its keys are revoked
  expect(await keep()).toMatchObject({ added: 1, takenOver: 1, pruned: 0 });
  expect(await readSubjects()).toEqual([long, long]);
  await fetchLog();
});

test('a database that is restored to before keys were revoked and pruned revokes what still counts, and prunes the rest again', async () => {
  const { admin, agentCtx, revokeKey, keep, fetchLog, readSubjects } = await makeServed();
  const restore = await saveTenant(owner, admin.tenantId);
  await revokeKey(1);
  const long = await revokeKey(20);
  const { entries: held } = await fetchLog();
  world.advanceClock(9 * DAY_MS);
  expect(await keep()).toMatchObject({ pruned: 1 });
  await restore();
  expect(await forwardRevocations({ ctx: agentCtx, input: { entries: held } })).toBe(2);
  expect(await keep()).toMatchObject({ takenOver: 2, pruned: 1 });
  expect(await readSubjects()).toEqual([long]);
  await fetchLog();
});

test('the role of the worker removes from the log only what has run out, and no other removes anything', async () => {
  const { admin, revokeKey, readSubjects } = await makeServed();
  const key = await revokeKey(300);
  for (const [name, code] of [
    ['worker', null],
    ['console', '42501'],
    ['hub', '42501'],
  ] as const) {
    const client = new pg.Client({ connectionString: world.database.urls[name] });
    await client.connect();
    await client.query(`SELECT set_config('app.tenant_id', $1, false)`, [admin.tenantId]);
    const removed = client.query('DELETE FROM revocation');
    if (code) await expect(removed).rejects.toMatchObject({ code });
    else expect((await removed).rowCount).toBe(0);
    await client.end();
  }
  expect(await readSubjects()).toEqual([key]);
});
