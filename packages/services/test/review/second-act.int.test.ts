import { randomUUID } from 'node:crypto';

import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { resetPassword } from '../../src/auth/reset-password.ts';
import { getActorId, type ServiceContext } from '../../src/context.ts';
import { createResetLink } from '../../src/member/create-reset-link.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { refreshSnapshots } from '../../src/snapshot/refresh-snapshots.ts';
import { changeRole, join, makeIp } from '../support/accounts.ts';
import {
  addApprovedServer,
  createDraftedProfile,
  defineDestructive,
  type Domain,
  listServed,
  makeDomain,
  readNewestSnapshot,
} from '../support/domain.ts';
import { makeWorkspace, openWorld } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

let domain: Domain;
let reviewId: string;
/** the first person's act, and the second one's that was given */
let acts: { decision: string; confirmation: string };
/** a reviewer who joined by a link of the author, before the decision */
let invited: string;

/** Runs SQL with nothing but the URL of a role: the tenant is a setting that anybody may make. */
async function runAs<Row extends pg.QueryResultRow>(url: string, sql: string, values: unknown[]): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`SELECT set_config('app.tenant_id', $1, false)`, [domain.admin.tenantId]);
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** What the worker would sign now. */
async function signAgain() {
  await refreshSnapshots({ ctx: domain.workspace.asSystem('refresh-snapshots') });
  return listServed(await readNewestSnapshot(domain)).map(({ name }) => name);
}

beforeAll(async () => {
  domain = await makeDomain(await makeWorkspace(world.runtime));
  invited = (await join(domain.admin, 'invited@acme.example', 'reviewer')).membershipId;
  const server = await addApprovedServer(domain, [defineDestructive('drop_all')]);
  ({ reviewId } = server);
  const profile = await createDraftedProfile(domain, [{ serverId: server.id, name: 'drop_all' }]);
  await publishProfile({ ctx: domain.admin, input: { profileId: profile.id } });
  const [row] = await runAs<typeof acts>(
    world.database.ownerUrl,
    'SELECT audit_id AS decision, confirm_audit_id AS confirmation FROM review WHERE id = $1',
    [reviewId],
  );
  if (!row) throw new Error('There is no review');
  acts = row;
  expect(await signAgain()).toEqual(['drop_all']);
});

interface Forged {
  url: string;
  kind: string;
  actor: string;
  action?: string;
  decision?: string;
}

async function insertAct({ url, kind, actor, action = 'review.confirm', decision = acts.decision }: Forged): Promise<string> {
  const id = randomUUID();
  await runAs(
    url,
    `INSERT INTO admin_audit (tenant_id, id, actor_kind, actor_id, action, entity_type, entity_id, after)
     VALUES (app.tenant(), $1, $2, $3, $4, 'review', $5, $6)`,
    [id, kind, actor, action, reviewId, JSON.stringify({ decision })],
  );
  return id;
}

const getId = ({ actor }: ServiceContext): string => getActorId(actor);
const { urls, fixtureUrl } = world.database;

test.each([
  ['hub', 'person'],
  ['worker', 'person'],
] as const)('T-10: the role of the %s writes no act of a %s', async (name, kind) => {
  const forged = { url: urls[name], kind, actor: getId(domain.second) };
  await expect(insertAct(forged)).rejects.toMatchObject({ code: '42501' });
});

test.each<[string, () => Promise<string | null>]>([
  ['no act', async () => null],
  ['an act of the hub', () => insertAct({ url: urls.hub, kind: 'agent', actor: domain.agent.id })],
  ['an act of the worker', () => insertAct({ url: urls.worker, kind: 'system', actor: 'refresh-snapshots' })],
  // as if a right were granted by mistake: a role that may write acts of persons
  ['an act of the first person', () => insertAct({ url: fixtureUrl, kind: 'person', actor: getId(domain.reviewer) })],
  ['an act of the author', () => insertAct({ url: fixtureUrl, kind: 'person', actor: getId(domain.admin) })],
  ['an act of whom the author invited', () => insertAct({ url: fixtureUrl, kind: 'person', actor: invited })],
  ['an act of nobody', () => insertAct({ url: fixtureUrl, kind: 'person', actor: randomUUID() })],
  ['an act of what is no id', () => insertAct({ url: fixtureUrl, kind: 'person', actor: 'somebody' })],
  [
    'an act of somebody who may not decide',
    async () => insertAct({ url: fixtureUrl, kind: 'person', actor: getId(await domain.workspace.as('auditor')) }),
  ],
  [
    'an act on another decision',
    () => insertAct({ url: fixtureUrl, kind: 'person', actor: getId(domain.second), decision: randomUUID() }),
  ],
  [
    'another act than a confirmation',
    () => insertAct({ url: fixtureUrl, kind: 'person', actor: getId(domain.second), action: 'review.decide' }),
  ],
])('T-10: the second act alone, forged: with %s the worker signs nothing of the decision', async (_, forge) => {
  const change = 'UPDATE review SET confirm_audit_id = $1 WHERE id = $2';
  await runAs(fixtureUrl, change, [await forge(), reviewId]);
  expect(await signAgain()).toEqual([]);
  await runAs(fixtureUrl, change, [acts.confirmation, reviewId]);
  expect(await signAgain()).toEqual(['drop_all']);
});

test('T-10: the first act alone, forged: one of whom the author invited stands for nothing', async () => {
  const [auditId, before] = [randomUUID(), acts.decision];
  const change = 'UPDATE review SET audit_id = $1 WHERE id = $2';
  const decisions = 'UPDATE entry_decision SET audit_id = $1 WHERE review_id = $2';
  await runAs(
    fixtureUrl,
    `INSERT INTO admin_audit (tenant_id, id, actor_kind, actor_id, action, entity_type, entity_id, after)
     SELECT tenant_id, $1, actor_kind, $2, action, entity_type, entity_id, after || '{"takesTwo": false}' FROM admin_audit WHERE id = $3`,
    [auditId, invited, before],
  );
  for (const sql of [change, decisions]) await runAs(fixtureUrl, sql, [auditId, reviewId]);
  expect(await signAgain()).toEqual([]);
  for (const sql of [change, decisions]) await runAs(fixtureUrl, sql, [before, reviewId]);
  expect(await signAgain()).toEqual(['drop_all']);
});

test('what was decided stays decided when the author has a link of those who decided in hand, or their role changes, later', async () => {
  const owner = await domain.workspace.as('owner');
  for (const { actor } of [domain.reviewer, domain.second]) {
    const input = { membershipId: getActorId(actor) };
    const { token } = await createResetLink({ ctx: domain.admin, input });
    await resetPassword({ runtime: owner.runtime, input: { token, ip: makeIp(), newPassword: 'another good password' } });
    await changeRole({ ctx: owner, input: { ...input, role: 'auditor' } });
  }
  expect(await signAgain()).toEqual(['drop_all']);
});
