import { randomUUID } from 'node:crypto';

import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { getActorId, type ServiceContext } from '../../src/context.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { refreshSnapshots } from '../../src/snapshot/refresh-snapshots.ts';
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
