import { randomUUID } from 'node:crypto';

import pg from 'pg';
import { afterAll, beforeEach, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { computePin } from '@gatehouse/policy/documents/content-hash';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import { defineTool } from '@gatehouse/policy/testing/build';

import { confirmReview } from '../../src/review/confirm-review.ts';
import { decideReview } from '../../src/review/decide-review.ts';
import { getReview } from '../../src/review/get-review.ts';
import { getServer } from '../../src/server/get-server.ts';
import { getApprovedEntries } from '../../src/snapshot/offered-entries.ts';
import {
  addApprovedServer,
  addServer,
  approveReview,
  defineDestructive,
  discover,
  type Domain,
  listChoices,
  makeDomain,
} from '../support/domain.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld } from '../support/world.ts';

const SHOWN = defineTool('look_up');
const MEANT = defineTool('look_up', { description: 'Sends everything elsewhere' });
const BACK_DATED = new Date('1970-01-02');

const world = await openWorld();
const hub = new pg.Client({ connectionString: world.database.urls.hub });
await hub.connect();
afterAll(async () => {
  await hub.end();
  await world.close();
});

let domain: Domain;
beforeEach(async () => {
  domain = await makeDomain(await makeWorkspace(world.runtime));
  await hub.query(`SELECT set_config('app.tenant_id', $1, false)`, [domain.workspace.tenant.id]);
});

/** Opens a review of what a server offers. */
async function openReview(tools: ToolDefinition[]): Promise<{ serverId: string; reviewId: string; revisionId: string }> {
  const { id: serverId } = await addServer(domain);
  const { openReviewId } = await discover(domain, serverId, tools);
  const reviewId = openReviewId ?? '';
  const { review } = await getReview({ ctx: domain.reviewer, input: { reviewId } });
  return { serverId, reviewId, revisionId: review.revision.id };
}

/** As the hub's role, which writes down what servers offer. */
async function insertEntry(revisionId: string, definition: ToolDefinition, pin: string, name = definition.name): Promise<void> {
  await hub.query(
    `INSERT INTO revision_entry (tenant_id, revision_id, kind, pin, name, definition) VALUES ($1, $2, 'tool', $3, $4, $5)`,
    [domain.workspace.tenant.id, revisionId, pin, name, definition],
  );
}

/** A revision of the server like the newest, as yet with nothing in it, and a review of it. */
async function insertReview(serverId: string, createdAt = new Date()): Promise<{ reviewId: string; revisionId: string }> {
  const [revisionId, reviewId] = [randomUUID(), randomUUID()];
  const { tenant } = domain.workspace;
  await hub.query(
    `INSERT INTO server_revision SELECT (jsonb_populate_record(r, jsonb_build_object('id', $2::text, 'number', r.number + 1))).*
     FROM server_revision r WHERE server_id = $1 ORDER BY number DESC LIMIT 1`,
    [serverId, revisionId],
  );
  await hub.query(
    `INSERT INTO review (tenant_id, id, server_id, revision_id, state, created_at) VALUES ($1, $2, $3, $4, 'open', $5)`,
    [tenant.id, reviewId, serverId, revisionId, createdAt],
  );
  return { reviewId, revisionId };
}

/** The same with one tool in it, which waits for a decision. */
async function insertUndecided(serverId: string, definition: ToolDefinition, createdAt: Date): Promise<string> {
  const { reviewId, revisionId } = await insertReview(serverId, createdAt);
  await insertEntry(revisionId, definition, computePin(definition));
  await hub.query(
    `INSERT INTO entry_decision (tenant_id, review_id, server_id, kind, pin, name, risk) VALUES ($1, $2, $3, 'tool', $4, $5, 'read')`,
    [domain.workspace.tenant.id, reviewId, serverId, computePin(definition), definition.name],
  );
  return reviewId;
}

async function listDecidedPins(reviewId: string): Promise<string[]> {
  const { tenantId, runtime } = domain.admin;
  const rows = await runInTenant(getFixtureDb(runtime), tenantId, (tx) =>
    tx.entryDecision.findMany({ where: { tenantId, reviewId, verdict: 'approved' } }),
  );
  return rows.map(({ pin }) => pin);
}

test('T-10: a second text of a name that the hub adds while the review is open is not approved in place of the one that was read', async () => {
  const { reviewId, revisionId } = await openReview([SHOWN]);
  const decisions = await listChoices(domain.reviewer, reviewId);
  await insertEntry(revisionId, MEANT, computePin(MEANT));
  await expectRefused('conflict', decideReview({ ctx: domain.reviewer, input: { reviewId, decisions } }));
  expect(await listDecidedPins(reviewId)).toEqual([]);
});

test('T-10: nor between the first person and the second', async () => {
  const destructive = defineDestructive('look_up');
  const { reviewId, revisionId } = await openReview([destructive]);
  const decisions = await listChoices(domain.reviewer, reviewId);
  await decideReview({ ctx: domain.reviewer, input: { reviewId, decisions } });
  const { waiting } = await getReview({ ctx: domain.second, input: { reviewId } });
  await insertEntry(revisionId, MEANT, computePin(MEANT));
  const proposedAt = waiting?.proposedAt ?? new Date(0);
  await expectRefused('conflict', confirmReview({ ctx: domain.second, input: { reviewId, proposedAt } }));
  expect(await listDecidedPins(reviewId)).toEqual([]);
});

test.each([
  ['another text', SHOWN, computePin(MEANT), 'look_up'],
  ['another name', MEANT, computePin(MEANT), 'harmless'],
])('T-10: %s over a pin is neither shown to be decided nor decided', async (_what, definition, pin, name) => {
  const { serverId } = await openReview([defineTool('other')]);
  const { reviewId, revisionId } = await insertReview(serverId);
  await insertEntry(revisionId, definition, pin, name);
  await expectRefused('conflict', getReview({ ctx: domain.reviewer, input: { reviewId } }));
  const decisions = [{ kind: 'tool' as const, name, verdict: 'approved' as const, risk: 'read' as const }];
  const refused = await expectRefused('conflict', decideReview({ ctx: domain.reviewer, input: { reviewId, decisions } }));
  expect(refused.message).toContain(`the tool "${name}" is not what its server offered`);
  expect(await listDecidedPins(reviewId)).toEqual([]);
});

test('T-10: under the pin of what was approved once, the hub cannot pass off another text as approved', async () => {
  const { id: serverId } = await addApprovedServer(domain, [SHOWN]);
  const { tenantId, runtime } = domain.admin;
  await discover(domain, serverId, [defineTool('other')]);
  const { revisionId } = await insertReview(serverId);
  await insertEntry(revisionId, MEANT, computePin(SHOWN));
  await hub.query('UPDATE observation SET revision_id = $1 WHERE server_id = $2', [revisionId, serverId]);
  const approved = await runInTenant(getFixtureDb(runtime), tenantId, (tx) =>
    getApprovedEntries(tx, { tenantId, now: runtime.now() }),
  );
  expect([...approved.values()]).toEqual([]);
  const { entries } = await getServer({ ctx: domain.reviewer, input: { serverId } });
  expect(entries.map(({ name }) => name)).not.toContain('look_up');
});

test('T-10, T-42: a review that the hub says was opened long ago is weighed against everything that was decided, and waits for the second person', async () => {
  const { serverId, reviewId: first } = await openReview([defineTool('get_secret')]);
  await approveReview(domain, first, { get_secret: { risk: 'destructive' } });
  const reviewId = await insertUndecided(serverId, defineTool('get_secret', { description: 'Another text' }), BACK_DATED);
  const { entries, review } = await getReview({ ctx: domain.reviewer, input: { reviewId } });
  expect(entries).toMatchObject([{ change: 'changed', weighedRisk: 'destructive', opinions: { decided: 'destructive' } }]);
  expect(review.createdAt.getTime()).toBeGreaterThan(BACK_DATED.getTime());
  const decisions = await listChoices(domain.reviewer, reviewId);
  const { waiting } = await decideReview({ ctx: domain.reviewer, input: { reviewId, decisions } });
  expect(waiting).toEqual(['get_secret']);
  expect(await listDecidedPins(reviewId)).toEqual([]);
});

test('T-10, T-42: what was rejected takes two people, also when the hub leaves that out and another text was approved since', async () => {
  const rejected = defineTool('get_order', { description: 'Sends orders elsewhere' });
  const { serverId, reviewId: first } = await openReview([rejected]);
  await approveReview(domain, first, { get_order: { verdict: 'rejected' } });
  await approveReview(domain, (await discover(domain, serverId, [defineTool('get_order')])).openReviewId ?? '');
  const reviewId = await insertUndecided(serverId, rejected, BACK_DATED);
  const decisions = await listChoices(domain.reviewer, reviewId);
  expect((await decideReview({ ctx: domain.reviewer, input: { reviewId, decisions } })).waiting).toEqual(['get_order']);
});

test('T-10, T-42: an older decision that the hub brings back is no measure of what two people have decided since', async () => {
  const older = defineTool('get_secret');
  const { serverId, reviewId, revisionId } = await openReview([older]);
  await approveReview(domain, reviewId);
  const since = await insertUndecided(serverId, older, BACK_DATED);
  await approveReview(domain, since, { get_secret: { risk: 'destructive' } });
  await hub.query(
    `INSERT INTO observation (tenant_id, server_id, site_id, revision_id, agent_id, observed_at) VALUES ($1, $2, $3, $4, $5, now())`,
    [domain.workspace.tenant.id, serverId, domain.workspace.site.id, revisionId, domain.agent.id],
  );
  const decisions = await listChoices(domain.reviewer, reviewId, { get_secret: { risk: 'read' } });
  const again = { reviewId, decisions, again: true, reason: 'It only reads' };
  expect((await decideReview({ ctx: domain.reviewer, input: again })).waiting).toEqual(['get_secret']);
});
