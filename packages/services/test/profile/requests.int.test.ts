import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { defineTool } from '@gatehouse/policy/testing/build';

import { getActorId } from '../../src/context.ts';
import { saveDraft } from '../../src/profile/draft/save-draft.ts';
import { archiveProfile } from '../../src/profile/end/archive-profile.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { sendBackRequest, withdrawRequest } from '../../src/profile/request/decide-request.ts';
import { listPublishRequests } from '../../src/profile/request/list-publish-requests.ts';
import { requestPublish } from '../../src/profile/request/request-publish.ts';
import { addApprovedServer, createDraftedProfile, discover, makeDomain } from '../support/domain.ts';
import { expectRefused, makeWorkspace, openWorld, readAudit } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));
const { admin, workspace } = domain;
const builder = await workspace.as('builder');
let server: { id: string };

beforeAll(async () => {
  server = await addApprovedServer(domain, [defineTool('get_order'), defineTool('refund')]);
});

const makeDraft = (tools = ['get_order']) =>
  createDraftedProfile(
    domain,
    tools.map((name) => ({ serverId: server.id, name })),
  );
const ask = (profileId: string, ctx = builder) => requestPublish({ ctx, input: { profileId, note: 'For the desk' } });
const list = async (profileId: string, ctx = admin) => (await listPublishRequests({ ctx, input: { profileId } })).rows;

test('a builder asks, those who may publish see it, and publishing answers it', async () => {
  const { id } = await makeDraft();
  const request = await ask(id);
  expect(await list(id)).toMatchObject([
    {
      id: request.id,
      state: 'open',
      note: 'For the desk',
      requestedBy: { id: getActorId(builder.actor) },
      isDraftNewer: false,
      decidedBy: null,
    },
  ]);
  expect((await readAudit(admin, id)).at(-1)).toMatchObject({
    action: 'profile.request_publish',
    after: { note: 'For the desk' },
  });
  const entries = [{ kind: 'tool' as const, serverId: server.id, name: 'refund' }];
  await saveDraft({ ctx: builder, input: { profileId: id, draft: { entries } } });
  expect(await list(id)).toMatchObject([{ isDraftNewer: true }]);
  await publishProfile({ ctx: admin, input: { profileId: id } });
  expect(await list(id, builder)).toMatchObject([
    { state: 'published', version: 1, decidedBy: { id: getActorId(admin.actor) }, decidedAt: expect.any(Date) },
  ]);
  await expectRefused('conflict', sendBackRequest({ ctx: admin, input: { requestId: request.id, reason: 'late' } }));
});

test('it is sent back with a reason, which who asked is shown, and asked for again', async () => {
  const { id } = await makeDraft();
  const { id: requestId } = await ask(id);
  await expectRefused('invalid', sendBackRequest({ ctx: admin, input: { requestId, reason: ' ' } }));
  await sendBackRequest({ ctx: admin, input: { requestId, reason: 'Leave refund out.' } });
  expect(await list(id, builder)).toMatchObject([{ state: 'sent_back', reason: 'Leave refund out.' }]);
  expect((await readAudit(admin, id)).at(-1)).toMatchObject({
    action: 'profile.send_back',
    after: { reason: 'Leave refund out.' },
  });
  await ask(id);
  expect((await list(id)).map(({ state }) => state)).toEqual(['open', 'sent_back']);
});

test('one is open at a time, whoever asks at the same moment', async () => {
  const { id } = await makeDraft();
  const people = await Promise.all([1, 2, 3].map(() => workspace.as('builder')));
  const outcomes = await Promise.allSettled(people.map((ctx) => ask(id, ctx)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await expectRefused('conflict', ask(id))).message).toContain('has asked for it already');
});

test('who asked takes it back, nobody else does', async () => {
  const { id } = await makeDraft();
  const { id: requestId } = await ask(id);
  await expectRefused('not_permitted', withdrawRequest({ ctx: await workspace.as('builder'), input: { requestId } }));
  expect((await expectRefused('not_permitted', withdrawRequest({ ctx: admin, input: { requestId } }))).message).toContain(
    'Send it back',
  );
  await withdrawRequest({ ctx: builder, input: { requestId } });
  expect(await list(id)).toMatchObject([{ state: 'withdrawn' }]);
  await expectRefused('conflict', withdrawRequest({ ctx: builder, input: { requestId } }));
});

test('what could not be published is not asked for', async () => {
  await expectRefused('precondition', ask((await makeDraft([])).id));
  const moving = await addApprovedServer(domain, [defineTool('moves')]);
  const held = await createDraftedProfile(domain, [{ serverId: moving.id, name: 'moves' }]);
  await discover(domain, moving.id, [defineTool('moves', { description: 'Other now' })]);
  expect((await expectRefused('precondition', ask(held.id))).message).toContain('waits for review');
  const { id } = await makeDraft();
  await publishProfile({ ctx: admin, input: { profileId: id } });
  await expectRefused('conflict', ask(id));
});

test('the list of all leaves out archived profiles, and goes on in pages', async () => {
  const [first, second, third] = [await makeDraft(), await makeDraft(), await makeDraft()];
  for (const { id } of [first, second, third]) await ask(id);
  await archiveProfile({ ctx: admin, input: { profileId: third.id } });
  const page = await listPublishRequests({ ctx: admin, input: { state: 'open', limit: 1 } });
  expect(page.rows.map(({ profile }) => profile.id)).toEqual([second.id]);
  const next = await listPublishRequests({ ctx: admin, input: { state: 'open', limit: 1, cursor: page.nextCursor ?? '' } });
  expect(next.rows.map(({ profile }) => profile.id)).toEqual([first.id]);
  const decided = await listPublishRequests({ ctx: admin, input: { state: 'decided' } });
  expect(decided.rows.every(({ state }) => state !== 'open')).toBe(true);
});

test('roles, other tenants and bad input', async () => {
  const { id } = await makeDraft();
  for (const role of ['reviewer', 'auditor', 'member'] as const)
    await expectRefused('not_permitted', ask(id, await workspace.as(role)));
  const { id: requestId } = await ask(id);
  await expectRefused('not_permitted', sendBackRequest({ ctx: builder, input: { requestId, reason: 'x' } }));
  await expectRefused('not_permitted', listPublishRequests({ ctx: await workspace.as('member') }));
  const other = await makeDomain(await makeWorkspace(world.runtime));
  await expectRefused('not_found', ask(id, other.admin));
  await expectRefused('not_found', sendBackRequest({ ctx: other.admin, input: { requestId, reason: 'x' } }));
  await expectRefused('not_found', withdrawRequest({ ctx: other.admin, input: { requestId } }));
  expect(await list(id, other.admin)).toEqual([]);
  await expectRefused('not_found', sendBackRequest({ ctx: admin, input: { requestId: randomUUID(), reason: 'x' } }));
  await expectRefused('invalid', requestPublish({ ctx: builder, input: { profileId: id, note: 'x'.repeat(1001) } }));
});
