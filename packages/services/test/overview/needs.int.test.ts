import { randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import type { Prisma, Role } from '@gatehouse/db/client';
import { runInTenant, type TenantTx } from '@gatehouse/db/tenant';
import { makeAgent, makeJoinToken, makeServer } from '@gatehouse/db/testing';
import { defineTool } from '@gatehouse/policy/testing/build';

import { recordHeartbeat } from '../../src/agent/record-heartbeat.ts';
import { revokeAgent } from '../../src/agent/revoke-agent.ts';
import { HEARTBEAT_MS } from '../../src/agent/status.ts';
import { createClientKey } from '../../src/client-key/create-client-key.ts';
import { revokeClientKey } from '../../src/client-key/revoke-client-key.ts';
import { getActorId, type ServiceContext } from '../../src/context.ts';
import { recordObservation } from '../../src/discovery/record-observation.ts';
import { addMembers } from '../../src/group/add-members.ts';
import { createGroup } from '../../src/group/create-group.ts';
import { recordJob } from '../../src/jobs/record-job.ts';
import { removeMember } from '../../src/member/remove-member.ts';
import { renewInvitation } from '../../src/member/renew-invitation.ts';
import { resendInvitation } from '../../src/member/resend-invitation.ts';
import { sendInvitation } from '../../src/member/send-invitation.ts';
import { withdrawInvitation } from '../../src/member/withdraw-invitation.ts';
import { listNeeds } from '../../src/overview/list-needs.ts';
import { MOST_OF_KIND, type NeedKind } from '../../src/overview/needs.ts';
import { setProfileOwner, setServerOwner } from '../../src/owner/set-owner.ts';
import { grantAccess } from '../../src/profile/grant-access.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { requestPublish } from '../../src/profile/request/request-publish.ts';
import { decideReview } from '../../src/review/decide-review.ts';
import { archiveServer } from '../../src/server/end/archive-server.ts';
import { disableServer } from '../../src/server/switch-server.ts';
import {
  addApprovedServer,
  addServer,
  approveReview,
  createDraftedProfile,
  defineDestructive,
  discover,
  type Domain,
  listChoices,
  makeDomain,
  makeFound,
  serveOneTool,
} from '../support/domain.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

const openDomain = async (): Promise<Domain> => makeDomain(await makeWorkspace(world.runtime));

/** Needs of one kind as this person is told. */
async function listOfKind(ctx: ServiceContext, kind: NeedKind) {
  return (await listNeeds({ ctx })).items.filter((need) => need.kind === kind);
}

/** Who of one person for each role is told of a kind. */
async function listTold({ workspace }: Domain, kind: NeedKind): Promise<Role[]> {
  const roles = ['owner', 'admin', 'reviewer', 'auditor', 'builder'] as const;
  const told: Role[] = [];
  for (const role of roles) if ((await listOfKind(await workspace.as(role), kind)).length > 0) told.push(role);
  return told;
}

function write<T>({ admin: { tenantId, runtime } }: Domain, work: (tx: TenantTx) => Promise<T>): Promise<T> {
  return runInTenant(getFixtureDb(runtime), tenantId, work);
}

/** Changes what is known of the domain's agent. */
function setAgent(domain: Domain, data: Prisma.AgentUpdateInput): Promise<unknown> {
  const { admin, agent } = domain;
  return write(domain, (tx) => tx.agent.update({ where: { tenantId_id: { tenantId: admin.tenantId, id: agent.id } }, data }));
}

const getPast = (ms: number): Date => new Date(world.runtime.now().getTime() - ms);
const getFuture = (ms: number): Date => getPast(-ms);
const ORDERS: unknown = expect.stringMatching(/^Orders /);
const SUPPORT: unknown = expect.stringMatching(/^Support /);
const DAY_MS = 24 * 3_600_000;
const MANAGERS = ['owner', 'admin'];
const DECIDERS = ['owner', 'admin', 'reviewer'];

test('where all is well nothing waits for anybody, and the clock says when that may change', async () => {
  const domain = await openDomain();
  await serveOneTool(domain);
  await setAgent(domain, { ackedVersion: 1_000 });
  const { items, counts, total, others, sections, changesInMs } = await listNeeds({ ctx: domain.admin });
  expect({ items, counts, total, others }).toEqual({ items: [], counts: {}, total: 0, others: 0 });
  expect(Object.values(sections).every((count) => count === 0)).toBe(true);
  expect(changesInMs).toBeGreaterThan(HEARTBEAT_MS);
  expect(changesInMs).toBeLessThanOrEqual(2 * HEARTBEAT_MS + 1);
});

test('an agent is told of by its status, on the clock of its heartbeats, to those who manage agents', async () => {
  const domain = await openDomain();
  const read = async () => (await listNeeds({ ctx: domain.admin })).items.map(({ kind, since }) => ({ kind, since }));
  const late = getPast(2 * HEARTBEAT_MS + 5_000);
  await setAgent(domain, { lastSeenAt: late });
  expect(await read()).toEqual([{ kind: 'agent_late', since: late }]);
  expect((await listNeeds({ ctx: domain.admin })).changesInMs).toBeLessThanOrEqual(2 * HEARTBEAT_MS);
  const gone = getPast(4 * HEARTBEAT_MS + 5_000);
  await setAgent(domain, { lastSeenAt: gone });
  expect(await read()).toEqual([{ kind: 'agent_offline', since: gone }]);
  expect(await listTold(domain, 'agent_offline')).toEqual(MANAGERS);
  // what is wrong with a section is counted for whoever sees it, and waits for others
  const auditor = await listNeeds({ ctx: await domain.workspace.as('auditor') });
  expect(auditor).toMatchObject({ items: [], total: 0, others: 1, sections: { agents: 1, reviews: 0 } });
  await setAgent(domain, { quarantinedAt: gone });
  expect(await read()).toEqual([{ kind: 'agent_quarantined', since: gone }]);
  await setAgent(domain, { quarantinedAt: null, lastSeenAt: null, enrolledAt: getPast(1_000) });
  expect(await read()).toEqual([]);
  await setAgent(domain, { enrolledAt: getPast(DAY_MS) });
  expect((await read()).map(({ kind }) => kind)).toEqual(['agent_never_connected']);
  await setAgent(domain, { lastSeenAt: getPast(0), leftBehindAt: getPast(1_000) });
  expect((await read()).map(({ kind }) => kind)).toEqual(['agent_left_behind']);
});

test('a refused configuration, one that is not taken, and what is left out of it', async () => {
  const domain = await openDomain();
  await serveOneTool(domain);
  const { admin } = domain;
  const site = await write(domain, (tx) => tx.site.findFirstOrThrow({ where: { tenantId: admin.tenantId } }));
  const version = Number(site.snapshotVersion);
  await setAgent(domain, {
    rejectedVersion: version,
    rejectedCode: 'guardrail',
    rejectedReason: 'host not allowed',
    rejectedAt: getPast(5),
  });
  expect(await listOfKind(admin, 'agent_refused')).toMatchObject([
    {
      subject: domain.agent.name,
      code: 'guardrail',
      reason: 'host not allowed',
      many: version,
      path: `/agents/${domain.agent.id}`,
    },
  ]);
  await setAgent(domain, { rejectedVersion: null });
  // it takes a moment
  expect(await listOfKind(admin, 'agent_behind')).toEqual([]);
  world.advanceClock(120_000);
  await setAgent(domain, { lastSeenAt: getPast(0) });
  expect(await listOfKind(admin, 'agent_behind')).toMatchObject([{ code: '0', many: version }]);
  await setAgent(domain, {
    ackedVersion: version,
    withheld: [{ kind: 'server', id: randomUUID(), code: 'guardrail', message: 'not allowed here' }],
  });
  expect(await listOfKind(admin, 'agent_withholding')).toMatchObject([{ many: 1, code: String(version), names: ['1 server'] }]);
});

test('revoking the only agent names the profile that is not served, and where', async () => {
  const domain = await openDomain();
  const { profile } = await serveOneTool(domain);
  expect(await listOfKind(domain.admin, 'profile_unserved')).toEqual([]);
  await revokeAgent({ ctx: domain.admin, input: { agentId: domain.agent.id } });
  const [need] = await listOfKind(domain.admin, 'profile_unserved');
  expect(need).toMatchObject({
    id: profile.id,
    place: domain.workspace.site.name,
    code: null,
    path: `/profiles/${profile.slug}`,
  });
  expect(need?.since).toBeInstanceOf(Date);
  expect((await listNeeds({ ctx: domain.admin })).sections.profiles).toBe(1);
  expect(await listTold(domain, 'profile_unserved')).toEqual(MANAGERS);
  // one that is offline may serve it: nobody knows
  const db = world.runtime.db;
  await makeAgent(db, domain.admin.tenantId, { siteId: domain.workspace.site.id, lastSeenAt: getPast(86_400_000) });
  expect(await listOfKind(domain.admin, 'profile_unserved')).toMatchObject([{ code: 'silent' }]);
  // another agent that is only late still serves it
  await makeAgent(world.runtime.db, domain.admin.tenantId, {
    siteId: domain.workspace.site.id,
    lastSeenAt: getPast(3 * HEARTBEAT_MS),
  });
  expect(await listOfKind(domain.admin, 'profile_unserved')).toEqual([]);
});

test('a definition that changed at the server is a change held and a tool that is off, each one click from the difference', async () => {
  const domain = await openDomain();
  const { server, profile } = await serveOneTool(domain);
  const { status: _status, ...offer } = makeFound([
    defineTool('get_order', { description: 'Otherwise' }),
    defineTool('new_one'),
  ]) as Extract<ReturnType<typeof makeFound>, { status: 'succeeded' }>;
  await recordObservation({ ctx: domain.agentCtx, input: { serverId: server.id, offer } });
  const [held] = await listOfKind(domain.reviewer, 'change_held');
  expect(held).toMatchObject({ subject: ORDERS, names: ['get_order'], many: 1 });
  const [off] = await listOfKind(domain.admin, 'tool_off');
  expect(off).toMatchObject({
    subject: SUPPORT,
    place: ORDERS,
    code: 'changed',
    names: ['get_order'],
    many: 1,
    path: held?.path,
  });
  expect(await listTold(domain, 'change_held')).toEqual(DECIDERS);
  expect(await listTold(domain, 'tool_off')).toEqual(['owner', 'admin', 'builder']);
  // who added the server does not approve it: the review is somebody else's
  expect(await listOfKind(domain.admin, 'change_held')).toEqual([]);
  expect((await listNeeds({ ctx: domain.admin })).others).toBe(1);
  await approveReview(domain, held?.id ?? '');
  // approved is not published
  expect(await listOfKind(domain.admin, 'tool_off')).toMatchObject([{ code: 'changed', path: `/profiles/${profile.slug}` }]);
  await publishProfile({ ctx: domain.admin, input: { profileId: profile.id } });
  expect(await listOfKind(domain.admin, 'tool_off')).toEqual([]);
});

test('a published tool is off with its reason: gone, rejected, lapsed, switched off', async () => {
  const domain = await openDomain();
  const { admin } = domain;
  const server = await addApprovedServer(domain, [defineTool('a'), defineTool('b')]);
  const profile = await createDraftedProfile(domain, [
    { serverId: server.id, name: 'a' },
    { serverId: server.id, name: 'b', rule: 'deny' },
  ]);
  await publishProfile({ ctx: admin, input: { profileId: profile.id } });
  const readCodes = async () => (await listOfKind(admin, 'tool_off')).map(({ code, names }) => ({ code, names }));
  expect(await readCodes()).toEqual([]);
  await write(domain, (tx) =>
    tx.review.updateMany({ where: { tenantId: admin.tenantId, id: server.reviewId }, data: { validUntil: getPast(1) } }),
  );
  // what is denied in the profile is off because somebody wants it so
  expect(await readCodes()).toEqual([{ code: 'lapsed', names: ['a'] }]);
  const again = await discover(domain, server.id, [defineTool('a'), defineTool('b')]);
  const decisions = await listChoices(domain.reviewer, again.openReviewId ?? '', { a: { verdict: 'rejected', note: 'no' } });
  await decideReview({ ctx: domain.reviewer, input: { reviewId: again.openReviewId ?? '', decisions } });
  expect(await readCodes()).toEqual([{ code: 'rejected', names: ['a'] }]);
  await discover(domain, server.id, [defineTool('b')]);
  expect(await readCodes()).toEqual([{ code: 'gone', names: ['a'] }]);
  await disableServer({ ctx: admin, input: { serverId: server.id } });
  expect(await readCodes()).toEqual([{ code: 'disabled', names: ['a'] }]);
});

test('reviews wait for who may decide them, and what waits for a second person for another one than the first', async () => {
  const domain = await openDomain();
  const server = await addServer(domain);
  const { openReviewId } = await discover(domain, server.id, [defineDestructive('drop')]);
  expect(await listOfKind(domain.reviewer, 'review_open')).toMatchObject([
    { id: openReviewId, path: `/reviews/${openReviewId}` },
  ]);
  expect((await listNeeds({ ctx: domain.reviewer })).sections.reviews).toBe(1);
  expect(await listOfKind(domain.admin, 'review_open')).toEqual([]);
  const decisions = await listChoices(domain.reviewer, openReviewId ?? '');
  await decideReview({ ctx: domain.reviewer, input: { reviewId: openReviewId ?? '', decisions } });
  expect(await listNeeds({ ctx: domain.reviewer })).toMatchObject({ total: 0, others: 1 });
  expect(await listOfKind(domain.second, 'second_person')).toMatchObject([{ id: openReviewId, place: 'Ada Example' }]);
});

test('an approval is told of two weeks before it ends, or in the last third of what lasts shorter, and when it has ended, until it is decided anew', async () => {
  const domain = await openDomain();
  const server = await addApprovedServer(domain, [defineTool('a')]);
  const setTimes = (decidedAt: Date, validUntil: Date) =>
    write(domain, (tx) =>
      tx.review.updateMany({ where: { tenantId: domain.admin.tenantId, id: server.reviewId }, data: { decidedAt, validUntil } }),
    );
  const long = getPast(80 * DAY_MS);
  await setTimes(long, getFuture(15 * DAY_MS));
  expect(await listOfKind(domain.reviewer, 'approval_ending')).toEqual([]);
  const week = getPast(4 * DAY_MS);
  await setTimes(week, getFuture(3 * DAY_MS));
  expect(await listOfKind(domain.reviewer, 'approval_ending')).toEqual([]);
  await setTimes(week, getFuture(1.9 * DAY_MS));
  expect(await listOfKind(domain.reviewer, 'approval_ending')).toHaveLength(1);
  const soon = getFuture(13 * DAY_MS);
  await setTimes(long, soon);
  expect(await listOfKind(domain.reviewer, 'approval_ending')).toMatchObject([{ subject: ORDERS, until: soon, many: 1 }]);
  expect(await listTold(domain, 'approval_ending')).toEqual(DECIDERS);
  await setTimes(long, getPast(DAY_MS));
  expect(await listOfKind(domain.reviewer, 'approval_ending')).toHaveLength(1);
  const { openReviewId } = await discover(domain, server.id, [defineTool('a')]);
  expect((await listNeeds({ ctx: domain.reviewer })).counts).toMatchObject({ review_open: 1 });
  await approveReview(domain, openReviewId ?? '');
  expect(await listOfKind(domain.reviewer, 'approval_ending')).toEqual([]);
});

test('a key that ends is told of to its owner alone, unless another one of theirs lasts longer', async () => {
  const domain = await openDomain();
  const { profile } = await serveOneTool(domain);
  const builder = await domain.workspace.as('builder');
  const membershipId = builder.actor.kind === 'person' ? builder.actor.membershipId : '';
  await grantAccess({ ctx: domain.admin, input: { profileId: profile.id, membershipId } });
  const key = await createClientKey({ ctx: builder, input: { profileId: profile.id, name: 'Laptop', expiresInDays: 6 } });
  expect(await listOfKind(builder, 'client_key_ending')).toEqual([]);
  await write(domain, (tx) =>
    tx.clientKey.updateMany({
      where: { tenantId: domain.admin.tenantId, id: key.id },
      data: { createdAt: getPast(60 * DAY_MS) },
    }),
  );
  expect(await listOfKind(builder, 'client_key_ending')).toMatchObject([
    { id: key.id, subject: 'Laptop', place: SUPPORT, path: `/profiles/${profile.slug}/connect` },
  ]);
  expect(await listOfKind(domain.admin, 'client_key_ending')).toEqual([]);
  const longer = await createClientKey({ ctx: builder, input: { profileId: profile.id, name: 'Desk', expiresInDays: 60 } });
  expect(await listOfKind(builder, 'client_key_ending')).toEqual([]);
  await revokeClientKey({ ctx: builder, input: { keyId: longer.id } });
  expect(await listOfKind(builder, 'client_key_ending')).toHaveLength(1);
  await revokeClientKey({ ctx: builder, input: { keyId: key.id } });
  expect(await listOfKind(builder, 'client_key_ending')).toEqual([]);
});

test('what a person owned who has left is told of until another is named, and so is what a group owns that is empty', async () => {
  const domain = await openDomain();
  const [server, { profile }] = [await addServer(domain), await serveOneTool(domain)];
  const leaving = await domain.workspace.as('member');
  const membershipId = getActorId(leaving.actor);
  const { id: groupId } = await createGroup({ ctx: domain.admin, input: { name: 'Finance' } });
  const list = async () => (await listOfKind(domain.admin, 'owner_gone')).toSorted((a, b) => a.path.localeCompare(b.path));
  const [ownProfile, ownServer] = [{ profileId: profile.id, isAskable: false }, { serverId: server.id }];
  await setServerOwner({ ctx: domain.admin, input: { ...ownServer, owner: { kind: 'person', id: membershipId }, revision: 1 } });
  await setProfileOwner({ ctx: domain.admin, input: { ...ownProfile, owner: { kind: 'group', id: groupId }, revision: 1 } });
  await addMembers({ ctx: domain.admin, input: { groupId, membershipIds: [membershipId] } });
  expect(await list()).toEqual([]);
  await removeMember({ ctx: domain.admin, input: { membershipId } });
  expect(await list()).toMatchObject([
    {
      id: profile.id,
      code: 'profile',
      subject: SUPPORT,
      place: 'Finance, where nobody is left',
      path: `/profiles/${profile.slug}?tab=access`,
    },
    { id: server.id, code: 'server', place: expect.stringMatching(/ \(left\)$/), path: `/servers/${server.slug}?tab=people` },
  ]);
  expect(await listTold(domain, 'owner_gone')).toEqual(MANAGERS);
  // what nobody owns because somebody said so is told of no more
  await setServerOwner({ ctx: domain.admin, input: { ...ownServer, owner: null, revision: 2 } });
  const other = getActorId((await domain.workspace.as('member')).actor);
  await addMembers({ ctx: domain.admin, input: { groupId, membershipIds: [other] } });
  expect(await list()).toEqual([]);
});

test('a server that an agent cannot reach is told with the reason of the agent, and one that was never reached', async () => {
  const domain = await openDomain();
  const { server } = await serveOneTool(domain);
  const at = getPast(5_000);
  await setAgent(domain, {
    serverHealth: [{ serverId: server.id, state: 'unreachable', error: 'connect ECONNREFUSED', at: at.toISOString() }],
  });
  expect(await listOfKind(domain.admin, 'server_failing')).toMatchObject([
    { subject: ORDERS, reason: 'connect ECONNREFUSED', place: domain.agent.name, since: at, path: `/servers/${server.slug}` },
  ]);
  expect(await listTold(domain, 'server_failing')).toEqual(MANAGERS);
  // what an agent said before it went away is no news, and what it was told to leave out is told of as that
  await setAgent(domain, { withheld: [{ kind: 'server', id: server.id, code: 'guardrail', message: 'no' }] });
  expect(await listOfKind(domain.admin, 'server_failing')).toEqual([]);
  await setAgent(domain, { withheld: [], lastSeenAt: getPast(DAY_MS) });
  expect(await listOfKind(domain.admin, 'server_failing')).toEqual([]);

  const unseen = await makeServer(world.runtime.db, domain.admin.tenantId, { name: 'Unseen' });
  await write(domain, (tx) =>
    tx.discovery.create({
      data: {
        tenantId: domain.admin.tenantId,
        serverId: unseen.id,
        siteId: domain.workspace.site.id,
        agentId: domain.agent.id,
        requestedBy: randomUUID(),
        status: 'failed',
        errorCode: 'unauthorized',
        errorText: 'HTTP 401',
        payload: Buffer.alloc(0),
        signature: Buffer.alloc(0),
        keyId: randomUUID(),
        expiresAt: at,
        finishedAt: at,
      },
    }),
  );
  expect(await listOfKind(domain.admin, 'discovery_failed')).toMatchObject([
    { subject: 'Unseen', reason: 'HTTP 401', since: at },
  ]);
  expect(await listTold(domain, 'discovery_failed')).toEqual(['owner', 'admin', 'builder']);
});

test('what an agent says of its certificate and its receipts is told of, in a heartbeat of before nothing is', async () => {
  const domain = await openDomain();
  const beat = {
    clock: world.runtime.now().toISOString(),
    bufferedReceipts: 3,
    openSessions: 0,
    endpointUrl: 'https://127.0.0.1:7300',
    stdioEntries: [],
    servers: [],
  };
  await setAgent(domain, { enrolledAt: getPast(DAY_MS) });
  const ends = getFuture(13 * DAY_MS);
  const upkeep = { certificateEndsAt: ends.toISOString(), lostReceipts: 2, refusedReceipts: 1 };
  await recordHeartbeat({ ctx: domain.agentCtx, input: { ...beat, upkeep } });
  const read = async () => (await listNeeds({ ctx: domain.admin })).items.map(({ kind, many, until }) => ({ kind, many, until }));
  expect(await read()).toEqual([
    { kind: 'receipts_lost', many: 3, until: null },
    { kind: 'receipts_waiting', many: 3, until: null },
    { kind: 'certificate_ending', many: 0, until: ends },
  ]);
  // its receipts arrive
  const { tenantId } = domain.admin;
  const stream = {
    tenantId,
    agentId: domain.agent.id,
    spoolId: randomUUID(),
    headHash: '0'.repeat(64),
    updatedAt: getPast(1_000),
  };
  await write(domain, (tx) => tx.agentStream.create({ data: stream }));
  expect((await read()).map(({ kind }) => kind)).not.toContain('receipts_waiting');
  // and stop arriving
  await write(domain, (tx) => tx.agentStream.updateMany({ where: { tenantId }, data: { updatedAt: getPast(120_000) } }));
  expect((await read()).map(({ kind }) => kind)).toContain('receipts_waiting');
  await recordHeartbeat({ ctx: domain.agentCtx, input: { ...beat, bufferedReceipts: 0 } });
  expect(await read()).toEqual([]);
});

test('a join token that ends unused is told of, until its agent has come or another one was made for it', async () => {
  const domain = await openDomain();
  const { tenantId } = domain.admin;
  const siteId = domain.workspace.site.id;
  const token = await makeJoinToken(world.runtime.db, tenantId, { siteId, agentName: 'hel-02', expiresAt: getFuture(3_600_000) });
  expect(await listOfKind(domain.admin, 'join_token_ending')).toEqual([]);
  const until = getPast(60_000);
  await write(domain, (tx) => tx.joinToken.updateMany({ where: { tenantId }, data: { expiresAt: until } }));
  expect(await listOfKind(domain.admin, 'join_token_ending')).toMatchObject([{ id: token.id, subject: 'hel-02', until }]);
  expect(await listTold(domain, 'join_token_ending')).toEqual(MANAGERS);
  await makeAgent(world.runtime.db, tenantId, { siteId, name: 'hel-02', lastSeenAt: getPast(0) });
  expect(await listOfKind(domain.admin, 'join_token_ending')).toEqual([]);
});

test('a mail that no mail server took is told of, until it is sent again, or its link is used, handed over or withdrawn', async () => {
  const domain = await openDomain();
  const { tenantId } = domain.admin;
  const sends = {
    ...domain.admin,
    runtime: { ...domain.admin.runtime, settings: { ...domain.admin.runtime.settings, sendsMail: true } },
  };
  const email = 'nobody+takes@example.com';
  const { id } = await sendInvitation({ ctx: sends, input: { email, role: 'member' } });
  expect(await listOfKind(domain.admin, 'mail_failed')).toEqual([]);
  const since = getPast(60_000);
  const giveUp = () =>
    write(domain, (tx) => tx.mail.updateMany({ where: { tenantId }, data: { attempts: 6, givenUpAt: since } }));
  await giveUp();
  expect(await listOfKind(domain.admin, 'mail_failed')).toMatchObject([
    { subject: email, code: 'invitation', since, path: '/members?q=nobody%2Btakes%40example.com' },
  ]);
  expect(await listTold(domain, 'mail_failed')).toEqual(MANAGERS);
  await resendInvitation({ ctx: sends, input: { invitationId: id } });
  expect(await listOfKind(domain.admin, 'mail_failed')).toEqual([]);
  await giveUp();
  await renewInvitation({ ctx: domain.admin, input: { invitationId: id } });
  expect(await listOfKind(domain.admin, 'mail_failed')).toEqual([]);
  await resendInvitation({ ctx: sends, input: { invitationId: id } });
  await giveUp();
  await withdrawInvitation({ ctx: domain.admin, input: { invitationId: id } });
  expect(await listOfKind(domain.admin, 'mail_failed')).toEqual([]);
});

test('a job of the control plane that keeps failing is told of, and no more once it did its work', async () => {
  const domain = await openDomain();
  const worker = domain.workspace.asSystem('keep-keyset');
  const report = (failure: string | null) => recordJob({ ctx: worker, input: { job: 'keep-keyset', failure } });
  await report('unavailable');
  expect(await listOfKind(domain.admin, 'job_failing')).toEqual([]);
  await report('internal');
  expect(await listOfKind(domain.admin, 'job_failing')).toMatchObject([{ subject: 'keep-keyset', many: 2, code: 'internal' }]);
  expect(await listTold(domain, 'job_failing')).toEqual(MANAGERS);
  await report(null);
  expect(await listOfKind(domain.admin, 'job_failing')).toEqual([]);
  await expectRefused('not_permitted', recordJob({ ctx: domain.admin, input: { job: 'keep-keyset', failure: null } }));
});

test('a server that is archived asks nothing of anybody but of what still publishes it', async () => {
  const domain = await openDomain();
  const server = await addServer(domain);
  await discover(domain, server.id, [defineTool('a')]);
  expect(await listOfKind(domain.reviewer, 'review_open')).toHaveLength(1);
  await archiveServer({ ctx: domain.admin, input: { serverId: server.id } });
  expect(await listNeeds({ ctx: domain.reviewer })).toMatchObject({ total: 0, others: 0 });

  const { server: used } = await serveOneTool(domain);
  await archiveServer({ ctx: domain.admin, input: { serverId: used.id } });
  expect(await listOfKind(domain.admin, 'tool_off')).toMatchObject([{ code: 'archived', names: ['get_order'] }]);
});

test('what a builder asks to have published waits for those who publish', async () => {
  const domain = await openDomain();
  const server = await addApprovedServer(domain, [defineTool('a')]);
  const profile = await createDraftedProfile(domain, [{ serverId: server.id, name: 'a' }]);
  const builder = await domain.workspace.as('builder');
  const { id } = await requestPublish({ ctx: builder, input: { profileId: profile.id, note: 'For Monday' } });
  expect(await listOfKind(domain.admin, 'publish_requested')).toMatchObject([
    { id, subject: SUPPORT, place: 'Ada Example', reason: 'For Monday', path: `/profiles/${profile.slug}` },
  ]);
  expect(await listTold(domain, 'publish_requested')).toEqual(MANAGERS);
  await publishProfile({ ctx: domain.admin, input: { profileId: profile.id } });
  expect(await listOfKind(domain.admin, 'publish_requested')).toEqual([]);
});

test('of each kind so many are told and all are counted', async () => {
  const domain = await openDomain();
  const { tenantId } = domain.admin;
  const gone = { siteId: domain.workspace.site.id, lastSeenAt: getPast(DAY_MS) };
  for (let index = 0; index < MOST_OF_KIND + 5; index += 1) await makeAgent(world.runtime.db, tenantId, gone);
  const { items, counts, sections } = await listNeeds({ ctx: domain.admin });
  expect(items).toHaveLength(MOST_OF_KIND);
  expect(counts).toEqual({ agent_offline: MOST_OF_KIND + 5 });
  expect(sections.agents).toBe(MOST_OF_KIND + 5);
});

test('T-35: nothing of another tenant, and members have no overview', async () => {
  const busy = await openDomain();
  await setAgent(busy, { lastSeenAt: getPast(DAY_MS) });
  const quiet = await makeWorkspace(world.runtime);
  expect(await listNeeds({ ctx: await quiet.as('owner') })).toMatchObject({ items: [], total: 0, others: 0 });
  await expectRefused('not_permitted', listNeeds({ ctx: await quiet.as('member') }));
});
