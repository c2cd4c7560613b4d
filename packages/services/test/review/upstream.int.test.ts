import { randomUUID } from 'node:crypto';

import { afterAll, beforeEach, describe, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeSite } from '@gatehouse/db/testing';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import { defineTool } from '@gatehouse/policy/testing/build';

import { decideReview } from '../../src/review/decide-review.ts';
import { getReview } from '../../src/review/get-review.ts';
import type { CreateServer } from '../../src/server/create-server.ts';
import { disableServer } from '../../src/server/switch-server.ts';
import {
  addServer,
  approveReview,
  type ChoiceChange,
  confirm,
  discover,
  type Domain,
  listChoices,
  makeDomain,
} from '../support/domain.ts';
import { getFixtureDb, makeWorkspace, openWorld } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

let domain: Domain;
beforeEach(async () => {
  domain = await makeDomain(await makeWorkspace(world.runtime));
});

type Transport = CreateServer['transport'];
const HERE: Transport = { kind: 'http', url: 'https://orders.example/mcp' };
const AGAIN: Transport = { kind: 'http', url: 'https://Orders.example:443/x/../MCP/?team=a' };
const tool = defineTool('get_order');
const REJECTED = { get_order: { verdict: 'rejected' } } as const;
const GRAVE = { get_order: { risk: 'destructive' } } as const;
const READS = { get_order: { risk: 'read' } } as const;

/** Adds a server and looks at it. */
async function look(transport: Transport, tools: ToolDefinition[] = [tool], name = 'Second') {
  const { id: serverId } = await addServer(domain, { transport, name, slug: `s-${randomUUID()}` });
  const { openReviewId } = await discover(domain, serverId, tools);
  return { serverId, reviewId: openReviewId ?? '' };
}

async function decide(reviewId: string, changes: Record<string, ChoiceChange> = {}) {
  const ctx = domain.reviewer;
  const decisions = await listChoices(ctx, reviewId, changes);
  return decideReview({ ctx, input: { reviewId, decisions, reason: 'It only reads' } });
}

async function readEntry(reviewId: string) {
  const { entries } = await getReview({ ctx: domain.reviewer, input: { reviewId } });
  return entries.find(({ name }) => name === 'get_order');
}

describe('T-42: the same upstream under another name remembers what was decided', () => {
  test.each<[string, Transport, Transport]>([
    ['URL', HERE, AGAIN],
    ['entry', { kind: 'stdio', entry: 'orders' }, { kind: 'stdio', entry: 'orders', processes: 'per_session' }],
  ])('a rejection, by its %s: approving takes two, and the review says where it was rejected', async (_by, first, again) => {
    const { reviewId } = await look(first, [tool], 'First');
    await decide(reviewId, REJECTED);
    const second = await look(again);
    expect(await readEntry(second.reviewId)).toMatchObject({
      change: 'new',
      wasRejected: true,
      elsewhere: [{ serverName: 'First', reviewId, verdict: 'rejected', isSame: true, waits: false }],
    });
    expect((await decide(second.reviewId)).waiting).toEqual(['get_order']);
  });

  test('a risk, whatever the definition by now: less takes two', async () => {
    const first = await look(HERE);
    await approveReview(domain, first.reviewId, GRAVE);
    const { reviewId } = await look(AGAIN, [defineTool('get_order', { description: 'Another text' })]);
    expect(await readEntry(reviewId)).toMatchObject({
      weighedRisk: 'destructive',
      opinions: { declared: 'read', named: 'read', decided: 'destructive' },
    });
    expect((await decide(reviewId, READS)).waiting).toEqual(['get_order']);
  });

  test('what waits for a second person, its rejections too', async () => {
    const first = await look(HERE, [tool, defineTool('list_orders')]);
    await decide(first.reviewId, { ...REJECTED, list_orders: { risk: 'destructive' } });
    const { reviewId } = await look(AGAIN, [tool, defineTool('list_orders')]);
    expect(await readEntry(reviewId)).toMatchObject({ wasRejected: true, elsewhere: [{ verdict: 'rejected', waits: true }] });
    expect((await decide(reviewId, { list_orders: { risk: 'read' } })).waiting).toEqual(['get_order', 'list_orders']);
  });

  test('also what waited when its own server offered something else', async () => {
    const { serverId, reviewId } = await look(HERE);
    await decide(reviewId, GRAVE);
    const { openReviewId } = await discover(domain, serverId, [defineTool('get_order', { description: 'Another text' })]);
    expect(await readEntry(openReviewId ?? '')).toMatchObject({ weighedRisk: 'destructive', elsewhere: [{ waits: true }] });
  });

  test('at another site, and after the first was switched off', async () => {
    const { serverId, reviewId } = await look(HERE);
    await decide(reviewId, REJECTED);
    await disableServer({ ctx: domain.admin, input: { serverId } });
    const { tenantId, runtime } = domain.admin;
    const site = await makeSite(getFixtureDb(runtime), tenantId);
    const { id } = await addServer(domain, { transport: AGAIN, name: 'There', siteIds: [site.id, domain.workspace.site.id] });
    const { openReviewId } = await discover(domain, id, [tool]);
    expect(await readEntry(openReviewId ?? '')).toMatchObject({ wasRejected: true });
  });

  test('a lower risk under one name, decided or waiting, does not hide the graver one under another', async () => {
    await approveReview(domain, (await look(HERE)).reviewId, GRAVE);
    const second = await look(AGAIN);
    await decide(second.reviewId, READS);
    expect(await readEntry((await look(AGAIN)).reviewId)).toMatchObject({ weighedRisk: 'destructive' });
    await confirm(domain, second.reviewId);
    expect(await readEntry((await look(HERE)).reviewId)).toMatchObject({ weighedRisk: 'destructive' });
  });

  test('where the database does not say which upstream a server is, it may be any', async () => {
    const { serverId, reviewId } = await look({ kind: 'http', url: 'https://other.example' });
    await decide(reviewId, REJECTED);
    const { tenantId, runtime } = domain.admin;
    await runInTenant(getFixtureDb(runtime), tenantId, (tx) =>
      tx.server.update({ where: { tenantId_id: { tenantId, id: serverId } }, data: { upstream: null } }),
    );
    expect(await readEntry((await look(HERE)).reviewId)).toMatchObject({ wasRejected: true });
  });

  test('an approval approves nothing elsewhere, and another upstream or workspace has no say', async () => {
    await approveReview(domain, (await look(HERE)).reviewId);
    expect(await readEntry((await look(AGAIN)).reviewId)).toMatchObject({ wasRejected: false, decision: { verdict: 'pending' } });
    await decide((await look({ kind: 'http', url: 'https://other.example/mcp' })).reviewId, REJECTED);
    const other = await look({ kind: 'http', url: 'https://third.example/mcp' });
    expect(await readEntry(other.reviewId)).toMatchObject({ wasRejected: false, elsewhere: [] });
    domain = await makeDomain(await makeWorkspace(world.runtime));
    expect(await readEntry((await look({ kind: 'http', url: 'https://other.example/mcp' })).reviewId)).toMatchObject({
      elsewhere: [],
    });
  });
});
