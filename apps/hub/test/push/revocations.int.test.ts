import { createHash, randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { computeLogRoot, Revocation, RevocationHead } from '@gatehouse/policy/documents/revocation';
import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import { MAX_REVOCATIONS, type RevocationsPush } from '@gatehouse/protocol/revocations';
import { connectFakeAgent, type FakeAgent } from '@gatehouse/protocol/testing/fake-agent';
import { verifyEnvelope } from '@gatehouse/protocol/verify';
import { createActId } from '@gatehouse/services/audit/act-id';
import { mutate } from '@gatehouse/services/audit/mutate';
import { getRevocationReach } from '@gatehouse/services/revocation/get-revocation-reach';
import { keepRevocations } from '@gatehouse/services/revocation/keep-revocations';
import { renewHead, writeRevocations } from '@gatehouse/services/revocation/write-revocations';

import { expectSoon, openHub, type Workspace } from '../support/world.ts';

const { world, hub } = await openHub();

const hash = ({ payload }: SignedEnvelope) => createHash('sha256').update(Buffer.from(payload, 'base64')).digest('hex');

/** An agent that can do revocations, with its own log: it answers each message with what it holds then. */
async function connect(workspace: Workspace, held: SignedEnvelope[] = []) {
  const enrolled = await workspace.enrol(hub);
  const log = new Map(held.map((entry) => [hash(entry), entry]));
  const agent = await connectFakeAgent({ ...enrolled.getIdentity(hub), features: ['revocations'] });
  const report = () => agent.send({ type: 'revocations-status', count: log.size, root: computeLogRoot([...log.keys()].sort()) });
  const take = (push: RevocationsPush) => {
    push.entries.forEach((entry) => log.set(hash(entry), entry));
    report();
  };
  return { agent, log, report, take };
}

/** Ends keys by one act of a person, as the verbs do. */
async function endKeys(workspace: Workspace, ids: readonly string[]): Promise<void> {
  const ctx = await workspace.as('owner');
  await mutate(ctx, async (m) => {
    const auditId = createActId();
    await m.audit({ id: auditId, action: 'client_key.revoke', entityType: 'client_key', entityId: ids[0] ?? '' });
    const entries = ids.map((id) => ({ act: 'end', subject: { kind: 'key', id }, auditId }) as const);
    await writeRevocations(m, ctx, entries);
  });
}

function readSubjects({ rootKeys }: Workspace, { entries }: RevocationsPush): string[] {
  return entries.map((entry) => {
    const bytes = verifyEnvelope(entry, rootKeys, 'application/vnd.gatehouse.revocation+json');
    return Revocation.parse(JSON.parse(bytes.toString('utf8'))).subject.id;
  });
}

function readHead({ rootKeys }: Workspace, { head }: RevocationsPush): RevocationHead {
  const bytes = verifyEnvelope(head, rootKeys, 'application/vnd.gatehouse.revocation-head+json');
  return RevocationHead.parse(JSON.parse(bytes.toString('utf8')));
}

const waitFor = (agent: FakeAgent, accepts: (push: RevocationsPush) => boolean = () => true) =>
  agent.waitForFirst('revocations', accepts);

test('what was revoked comes before any configuration, and what is revoked later at once; another workspace hears nothing', async () => {
  const [workspace, stranger] = [await world.makeWorkspace(), await world.makeWorkspace()];
  await endKeys(stranger, [randomUUID()]);
  const [first, second] = [randomUUID(), randomUUID()];
  await endKeys(workspace, [first]);
  const { agent, report, take } = await connect(workspace);
  report();
  const push = await waitFor(agent);
  expect(readSubjects(workspace, push)).toEqual([first]);
  await agent.waitForFirst('config-push');
  const order = agent.messages.all.map(({ type }) => type).filter((type) => type === 'revocations' || type === 'config-push');
  expect(order).toEqual(['revocations', 'config-push']);
  take(push);

  await endKeys(workspace, [second]);
  const next = await waitFor(agent, (later) => readSubjects(workspace, later)[0] === second);
  expect(readHead(workspace, next)).toMatchObject({ count: 2, tenantId: workspace.tenantId });
  take(next);
  await agent.close();
});

test('no configuration is pushed to an agent that can do revocations until it has said what it holds', async () => {
  const workspace = await world.makeWorkspace();
  const { agent, report } = await connect(workspace);
  agent.send({
    type: 'heartbeat',
    clock: new Date().toISOString(),
    bufferedReceipts: 0,
    openSessions: 0,
    endpointUrl: 'http://127.0.0.1:7300',
    stdioEntries: [],
    servers: [],
  });
  await agent.waitForFirst('heartbeat-ack');
  expect(agent.messages.all.map(({ type }) => type)).not.toContain('config-push');
  report();
  await agent.waitForFirst('config-push');
  await agent.close();
});

test('an agent that has all is sent the head only; one with a root that never was, all of it', async () => {
  const workspace = await world.makeWorkspace();
  await endKeys(workspace, [randomUUID(), randomUUID()]);
  await endKeys(workspace, [randomUUID()]);
  const fresh = await connect(workspace);
  fresh.report();
  const all = await waitFor(fresh.agent);
  expect(all.entries).toHaveLength(3);
  await fresh.agent.close();

  const whole = await connect(workspace, all.entries);
  whole.report();
  expect((await waitFor(whole.agent)).entries).toHaveLength(0);
  await whole.agent.close();

  const odd = await connect(workspace, all.entries.slice(1, 2));
  odd.report();
  expect((await waitFor(odd.agent)).entries).toHaveLength(3);
  await odd.agent.close();
});

test('a long log comes in pages, each after the answer to the one before', async () => {
  const workspace = await world.makeWorkspace();
  await endKeys(
    workspace,
    Array.from({ length: MAX_REVOCATIONS + 1 }, () => randomUUID()),
  );
  const { agent, log, report, take } = await connect(workspace);
  report();
  const first = await waitFor(agent);
  expect(first.entries).toHaveLength(MAX_REVOCATIONS);
  expect(agent.messages.all.map(({ type }) => type)).not.toContain('config-push');
  take(first);
  const second = await waitFor(agent, ({ entries }) => entries.length === 1);
  take(second);
  const head = readHead(workspace, second);
  expect(head).toMatchObject({ count: log.size, root: computeLogRoot([...log.keys()].sort()) });
  const ctx = await workspace.as('owner');
  await expectSoon(async () => (await getRevocationReach({ ctx })).agents[0]?.confirmed).toBe(log.size);
  await agent.waitForFirst('config-push');
  await agent.close();
});

test('what an agent brings back is handed to the worker, which knows its own signature; then everybody has it', async () => {
  const workspace = await world.makeWorkspace();
  const [kept, lost] = [randomUUID(), randomUUID()];
  await endKeys(workspace, [kept]);
  await endKeys(workspace, [lost]);
  const before = await connect(workspace);
  before.report();
  const held = (await waitFor(before.agent)).entries;
  await before.agent.close();
  // as a database that was restored to before the second
  const { tenantId } = workspace;
  await runInTenant(world.runtime.db, tenantId, async (tx) => {
    await tx.revocation.deleteMany({ where: { tenantId, seq: { gt: 1 } } });
    await tx.revocationHead.update({ where: { tenantId }, data: { count: 1 } });
  });
  const system = workspace.makeContext({ kind: 'system', job: 'keep-revocations' });
  await mutate(system, (m) => renewHead(m, system), { audited: false });

  const ahead = await connect(workspace, held);
  const other = await connect(workspace);
  [ahead, other].forEach(({ report }) => report());
  const push = await waitFor(ahead.agent);
  expect(readHead(workspace, push).count).toBe(1);
  ahead.take(push);
  other.take(await waitFor(other.agent));
  ahead.agent.send({ type: 'revocations-back', entries: held });
  await ahead.agent.waitForNext('revocations', ({ entries }) => entries.length === 0);
  ahead.report();
  expect(await keepRevocations({ ctx: system })).toMatchObject({ takenOver: 1 });
  const healed = await waitFor(other.agent, (next) => readHead(workspace, next).count === 2);
  expect(readSubjects(workspace, healed)).toEqual([lost]);
  await expectSoon(() =>
    ahead.agent.messages.all.some((message) => message.type === 'revocations' && readHead(workspace, message).count === 2),
  ).toBe(true);
  await ahead.agent.close();
  await other.agent.close();
});
