import { randomBytes, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Database } from '@gatehouse/db/client';
import { runInTenant } from '@gatehouse/db/tenant';
import {
  makeAccountToken,
  makeAgent,
  makeJoinToken,
  makeMembership,
  makeProfile,
  makeServer,
  makeSite,
  makeUser,
} from '@gatehouse/db/testing';

import { listAccessRequests } from '../../src/access-request/list-access-requests.ts';
import { listAgents } from '../../src/agent/list-agents.ts';
import { AGENT_STATUSES } from '../../src/agent/status.ts';
import { listClientKeys } from '../../src/client-key/list-client-keys.ts';
import { revokeClientKey } from '../../src/client-key/revoke-client-key.ts';
import { getActorId } from '../../src/context.ts';
import { addMembers } from '../../src/group/add-members.ts';
import { createGroup } from '../../src/group/create-group.ts';
import { grantGroup } from '../../src/group/grant-group.ts';
import { listGroupPeople } from '../../src/group/list-group-people.ts';
import { listGroups } from '../../src/group/list-groups.ts';
import { listJoinTokens } from '../../src/join-token/list-join-tokens.ts';
import type { ListPage } from '../../src/list/find-page.ts';
import { listInvitations } from '../../src/member/list-invitations.ts';
import { listMembers } from '../../src/member/list-members.ts';
import { grantAccess } from '../../src/profile/grant-access.ts';
import { listProfileGroups } from '../../src/profile/list-profile-groups.ts';
import { listProfilePeople } from '../../src/profile/list-profile-people.ts';
import { listProfiles } from '../../src/profile/list-profiles.ts';
import { listPublishRequests } from '../../src/profile/request/list-publish-requests.ts';
import { ingestReceipts } from '../../src/receipt/ingest-receipts.ts';
import { listReceipts } from '../../src/receipt/list-receipts.ts';
import { listReviews } from '../../src/review/list-reviews.ts';
import { listRevocations } from '../../src/revocation/list-revocations.ts';
import { listRevisions } from '../../src/server/list-revisions.ts';
import { listServers } from '../../src/server/list-servers.ts';
import { listSites } from '../../src/site/list-sites.ts';
import { putClientKey } from '../support/catalogue.ts';
import { type Domain, makeDomain } from '../support/domain.ts';
import { Spool } from '../support/receipts.ts';
import { expectRefused, getFixtureDb, makeWorkspace, openWorld } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());

const COUNT = 11;
const PAGE = 3;

interface Place {
  domain: Domain;
  db: Database;
  tenantId: string;
  serverId: string;
  profileId: string;
  groupId: string;
}
let place: Place;

beforeAll(async () => {
  const domain = await makeDomain(await makeWorkspace(world.runtime));
  const [db, { tenantId }] = [getFixtureDb(world.runtime), domain.admin];
  place = {
    domain,
    db,
    tenantId,
    serverId: (await makeServer(db, tenantId)).id,
    profileId: (await makeProfile(db, tenantId)).id,
    groupId: (await createGroup({ ctx: domain.admin, input: { name: 'The desk', description: '' } })).id,
  };
});

interface Asked<Sort> {
  sort: Sort;
  order?: 'asc' | 'desc';
  direction?: 'forward';
  cursor?: string;
  search?: string;
  limit: number;
}

interface List {
  name: string;
  sorts: readonly string[];
  read: (input: Omit<Asked<string>, 'sort'> & { sort?: string | undefined }) => Promise<ListPage<object>>;
  /** one more row, called so; some are of the same time, so that ties are told apart */
  add: (text: string, at: Date) => Promise<unknown>;
  isNamed: boolean;
}

/** The order is one of `sorts`, which is checked when the list is read. */
function makeList<Sort extends string>(
  name: string,
  sorts: readonly Sort[],
  read: (input: Asked<Sort>) => Promise<ListPage<object>>,
  add: List['add'],
  isNamed = true,
): List {
  return {
    name,
    sorts,
    add,
    isNamed,
    read: ({ sort: wanted, ...input }) => {
      const sort = sorts.find((each) => wanted === undefined || each === wanted);
      if (sort === undefined) throw new Error(`There is no order ${wanted}`);
      return read({ ...input, sort });
    },
  };
}

const getCtx = () => place.domain.admin;
const toSlug = (text: string): string => `${text.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-${randomBytes(3).toString('hex')}`;

async function addRevision(at: Date): Promise<void> {
  const { db, tenantId, serverId } = place;
  await runInTenant(db, tenantId, async (tx) => {
    const number = (await tx.serverRevision.count({ where: { tenantId, serverId } })) + 1;
    const data = { tenantId, serverId, number, protocolVersion: '2025-11-25', serverInfo: {}, contentHash: 'x', createdAt: at };
    await tx.serverRevision.create({ data });
  });
}

async function addReview(name: string, at: Date): Promise<void> {
  const { db, tenantId } = place;
  const { id: serverId } = await makeServer(db, tenantId, { name });
  await runInTenant(db, tenantId, async (tx) => {
    const revision = await tx.serverRevision.create({
      data: { tenantId, serverId, number: 1, protocolVersion: '2025-11-25', serverInfo: {}, contentHash: 'x' },
    });
    await tx.review.create({ data: { tenantId, serverId, revisionId: revision.id, createdAt: at } });
  });
}

async function addKey(name: string, createdAt: Date): Promise<string> {
  const { db, tenantId, profileId, domain } = place;
  const membership = await makeMembership(db, tenantId);
  const id = await putClientKey(domain.admin, { profileId, membershipId: membership.id });
  await runInTenant(db, tenantId, (tx) =>
    tx.clientKey.update({ where: { tenantId_id: { tenantId, id } }, data: { name, createdAt } }),
  );
  return id;
}

async function addMember(name: string, createdAt: Date): Promise<string> {
  const { id: userId, email } = await makeUser(place.db, { name });
  return (await makeMembership(place.db, place.tenantId, { userId, email, createdAt })).id;
}

async function addAccessRequest(name: string, requestedAt: Date): Promise<void> {
  const { db, tenantId, profileId } = place;
  const membershipId = await addMember(name, requestedAt);
  await runInTenant(db, tenantId, (tx) =>
    tx.accessRequest.create({ data: { tenantId, profileId, membershipId, reason: 'x', requestedAt } }),
  );
}

async function addPublishRequest(name: string, requestedAt: Date): Promise<void> {
  const { db, tenantId, domain } = place;
  const { id: profileId } = await makeProfile(db, tenantId, { name });
  const requestedBy = getActorId(domain.admin.actor);
  await runInTenant(db, tenantId, (tx) =>
    tx.publishRequest.create({ data: { tenantId, profileId, draftRevision: 1, note: '', requestedBy, requestedAt } }),
  );
}

async function addReceipt(name: string): Promise<void> {
  const { domain } = place;
  const spool = new Spool(domain.workspace.site.id);
  const personId = await addMember(name, new Date());
  await ingestReceipts({ ctx: domain.agentCtx, input: { spoolId: spool.spoolId, receipts: [spool.makeNext({ personId })] } });
}

const LISTS: List[] = [
  makeList(
    'servers',
    ['name', 'changed', 'made'],
    (input) => listServers({ ctx: getCtx(), input }),
    (name, createdAt) => makeServer(place.db, place.tenantId, { name, createdAt }),
  ),
  makeList(
    'profiles',
    ['name', 'published', 'made'],
    (input) => listProfiles({ ctx: getCtx(), input }),
    (name, createdAt) => makeProfile(place.db, place.tenantId, { name, createdAt }),
  ),
  makeList(
    'sites',
    ['name', 'slug', 'made'],
    (input) => listSites({ ctx: getCtx(), input }),
    (name, createdAt) => makeSite(place.db, place.tenantId, { name, createdAt, slug: toSlug(name) }),
  ),
  makeList(
    'agents',
    ['status', 'name', 'site', 'seen', 'version'],
    (input) => listAgents({ ctx: getCtx(), input }),
    (name, lastSeenAt) =>
      makeAgent(place.db, place.tenantId, { name: toSlug(name), lastSeenAt, siteId: place.domain.workspace.site.id }),
  ),
  makeList('members', ['name', 'email', 'role', 'seen', 'since'], (input) => listMembers({ ctx: getCtx(), input }), addMember),
  makeList(
    'groups',
    ['name', 'people', 'made'],
    (input) => listGroups({ ctx: getCtx(), input }),
    (name) => createGroup({ ctx: getCtx(), input: { name: `${name} ${randomBytes(3).toString('hex')}`, description: '' } }),
  ),
  makeList(
    'people of a group',
    ['name', 'email', 'since'],
    (input) => listGroupPeople({ ctx: getCtx(), input: { ...input, groupId: place.groupId } }),
    async (name, at) => {
      const membershipIds = [await addMember(name, at)];
      await addMembers({ ctx: getCtx(), input: { groupId: place.groupId, membershipIds } });
    },
  ),
  makeList(
    'people of a profile',
    ['name', 'since', 'until'],
    (input) => listProfilePeople({ ctx: getCtx(), input: { ...input, profileId: place.profileId } }),
    async (name, at) => {
      const membershipId = await addMember(name, at);
      await grantAccess({ ctx: getCtx(), input: { profileId: place.profileId, membershipId } });
    },
  ),
  makeList(
    'groups of a profile',
    ['name', 'people', 'since'],
    (input) => listProfileGroups({ ctx: getCtx(), input: { ...input, profileId: place.profileId } }),
    async (name) => {
      const { id: groupId } = await createGroup({
        ctx: getCtx(),
        input: { name: `${name} ${randomBytes(3).toString('hex')}`, description: '' },
      });
      await grantGroup({ ctx: getCtx(), input: { profileId: place.profileId, groupId } });
    },
  ),
  makeList(
    'access requests',
    ['asked', 'person', 'profile'],
    (input) => listAccessRequests({ ctx: getCtx(), input }),
    addAccessRequest,
  ),
  makeList('publish requests', ['asked', 'profile'], (input) => listPublishRequests({ ctx: getCtx(), input }), addPublishRequest),
  makeList('receipts', ['time'], (input) => listReceipts({ ctx: getCtx(), input }), addReceipt),
  makeList(
    'invitations',
    ['made', 'email'],
    (input) => listInvitations({ ctx: getCtx(), input }),
    (name, createdAt) => makeAccountToken(place.db, place.tenantId, { createdAt, email: `${toSlug(name)}@example.com` }),
  ),
  makeList(
    'client keys',
    ['made', 'name', 'person', 'profile', 'used', 'expires'],
    (input) => listClientKeys({ ctx: getCtx(), input }),
    addKey,
  ),
  makeList(
    'join tokens',
    ['made', 'agent', 'expires'],
    (input) => listJoinTokens({ ctx: getCtx(), input }),
    (name, createdAt) =>
      makeJoinToken(place.db, place.tenantId, { agentName: toSlug(name), createdAt, siteId: place.domain.workspace.site.id }),
  ),
  makeList('reviews', ['opened', 'decided', 'server', 'valid'], (input) => listReviews({ ctx: getCtx(), input }), addReview),
  makeList(
    'revisions',
    ['number'],
    (input) => listRevisions({ ctx: getCtx(), input: { ...input, serverId: place.serverId } }),
    (_, at) => addRevision(at),
    false,
  ),
  makeList(
    'revocations',
    ['signed'],
    (input) => listRevocations({ ctx: getCtx(), input }),
    async (name, at) => revokeClientKey({ ctx: getCtx(), input: { keyId: await addKey(name, at) } }),
  ),
];

/** What tells the rows of one list apart. */
function toKey(row: object): string {
  if ('membershipId' in row) return String(row.membershipId);
  return 'id' in row ? String(row.id) : 'seq' in row ? String(row.seq) : '';
}

describe.each(LISTS)('the list of $name', ({ sorts, read, add, isNamed }) => {
  beforeAll(async () => {
    for (let index = 0; index < COUNT; index += 1) {
      await add(`Quokka ${index}%_`, new Date(Date.UTC(2026, 5, 1) + Math.floor(index / 3) * 60_000));
    }
  });

  /** Every page, with one more row between the pages. */
  async function readAll(sort: string, order: 'asc' | 'desc', between: (page: number) => Promise<unknown>): Promise<string[]> {
    const met: string[] = [];
    let cursor: string | null | undefined;
    for (let page = 0; cursor !== null && page < 50; page += 1) {
      const found: ListPage<object> = await read({
        sort,
        order,
        direction: 'forward',
        limit: PAGE,
        ...(cursor !== undefined && { cursor }),
      });
      met.push(...found.rows.map(toKey));
      cursor = found.nextCursor;
      if (page < 3) await between(page);
    }
    expect(cursor).toBeNull();
    return met;
  }

  test.each(sorts.flatMap((sort) => [[sort, 'asc'] as const, [sort, 'desc'] as const]))(
    'by %s, %s, its pages have every row once, though rows come meanwhile',
    async (sort, direction) => {
      const before = (await read({ sort, limit: 200 })).rows.map(toKey);
      expect(before.length).toBeGreaterThan(PAGE * 2);
      const met = await readAll(sort, direction, (page) => add(`Wombat ${page}`, new Date(Date.UTC(2026, 5, 1, 12))));
      expect(new Set(met).size).toBe(met.length);
      expect(before.filter((key) => !met.includes(key))).toEqual([]);
      const whole = await read({ sort, order: direction, limit: 200 });
      expect(whole.total).toBe(whole.rows.length);
      expect(whole.rows.map(toKey).filter((key) => met.includes(key))).toEqual(met);
    },
  );

  test('a word finds what is called so and nothing else, and a wild card is a letter', async () => {
    if (!isNamed) return expect((await read({ search: 'quokka', limit: 200 })).total).toBe(0);
    const found = await read({ search: 'QUOKKA', limit: PAGE });
    expect(found).toMatchObject({ total: COUNT, nextCursor: expect.any(String) });
    expect(found.rows).toHaveLength(PAGE);
    const all = (await read({ limit: 200 })).total;
    expect((await read({ search: '%', limit: 200 })).total).toBeLessThan(all);
    expect((await read({ search: 'quokka wallaby', limit: 200 })).total).toBe(0);
  });

  test('a cursor of another order, and one that is none, is refused', async () => {
    const { nextCursor } = await read({ sort: sorts[0], order: 'asc', limit: PAGE });
    if (nextCursor === null) throw new Error('There is one page');
    await expectRefused('invalid', read({ sort: sorts[0], order: 'desc', limit: PAGE, cursor: nextCursor }));
    await expectRefused('invalid', read({ sort: sorts[0], limit: PAGE, cursor: 'x' }));
    const forged = Buffer.from(JSON.stringify([sorts[0], 'asc', 'no time', randomUUID(), "'"])).toString('base64url');
    await expectRefused('invalid', read({ sort: sorts[0], order: 'asc', limit: PAGE, cursor: forged }));
  });
});

test('agents are found by the status that they are shown with', async () => {
  const { domain, db, tenantId } = place;
  const now = world.runtime.now();
  const of = (seconds: number) => new Date(now.getTime() - seconds * 1_000);
  const siteId = domain.workspace.site.id;
  for (const facts of [
    { lastSeenAt: of(29) },
    { lastSeenAt: of(31) },
    { lastSeenAt: of(61) },
    { lastSeenAt: null },
    { lastSeenAt: of(1), revokedAt: now },
    { lastSeenAt: of(1), quarantinedAt: now },
  ])
    await makeAgent(db, tenantId, { siteId, ...facts });
  const ctx = { ...domain.admin, runtime: { ...domain.admin.runtime, now: () => now } };
  const all = (await listAgents({ ctx, input: { limit: 200 } })).rows;
  for (const status of AGENT_STATUSES) {
    const { rows, total } = await listAgents({ ctx, input: { status, limit: 200 } });
    expect(rows.map(({ id }) => id)).toEqual(all.filter((agent) => agent.status === status).map(({ id }) => id));
    expect(total).toBeGreaterThan(0);
  }
  const places = all.map(({ status }) => AGENT_STATUSES.indexOf(status));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});
