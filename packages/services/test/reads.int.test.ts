import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { runInTenant, type TenantTx } from '@gatehouse/db/tenant';
import { countReads, type ReadCost } from '@gatehouse/db/testing';

import { listAccessRequests } from '../src/access-request/list-access-requests.ts';
import { listAskable } from '../src/access-request/list-askable.ts';
import { getAdminAuditFilters } from '../src/admin-audit/get-admin-audit-filters.ts';
import { listAdminAudit } from '../src/admin-audit/list-admin-audit.ts';
import { checkStanding } from '../src/agent/check-standing.ts';
import { getAgentStops } from '../src/agent/get-agent-stops.ts';
import { getAgent } from '../src/agent/get-agent.ts';
import { listAgents } from '../src/agent/list-agents.ts';
import { checkSession } from '../src/auth/check-session.ts';
import { getAuthenticator } from '../src/auth/code/get-authenticator.ts';
import { listTenants } from '../src/auth/list-tenants.ts';
import { openContext } from '../src/auth/open-context.ts';
import { listPasskeys } from '../src/auth/passkey/list-passkeys.ts';
import { listSessions } from '../src/auth/session/list-sessions.ts';
import { loadPeople } from '../src/authors.ts';
import { getKeyStops } from '../src/client-key/get-key-stops.ts';
import { listClientKeys } from '../src/client-key/list-client-keys.ts';
import { getActorId, type ServiceContext } from '../src/context.ts';
import { getDiscovery } from '../src/discovery/get-discovery.ts';
import { listPendingDiscoveries } from '../src/discovery/list-pending-discoveries.ts';
import { getGroupStops } from '../src/group/get-group-stops.ts';
import { getGroup } from '../src/group/get-group.ts';
import { listGroupPeople } from '../src/group/list-group-people.ts';
import { listGroups } from '../src/group/list-groups.ts';
import { openJobContext } from '../src/jobs/open-job-context.ts';
import { createJoinToken } from '../src/join-token/create-join-token.ts';
import { getJoinToken } from '../src/join-token/get-join-token.ts';
import { listJoinTokens } from '../src/join-token/list-join-tokens.ts';
import { getNewestKeyset } from '../src/keyset/get-newest-keyset.ts';
import { getSigningKeys } from '../src/keyset/get-signing-keys.ts';
import { getMemberStops } from '../src/member/get-member-stops.ts';
import { listInvitations } from '../src/member/list-invitations.ts';
import { listMembers } from '../src/member/list-members.ts';
import { getOverview } from '../src/overview/get-overview.ts';
import { listNeeds } from '../src/overview/list-needs.ts';
import { listOwned } from '../src/owner/list-owned.ts';
import { getChoice, listChoices } from '../src/profile/draft/list-choices.ts';
import { listOffers } from '../src/profile/draft/list-offers.ts';
import { getProfileEnd } from '../src/profile/end/get-profile-end.ts';
import { getProfileStops } from '../src/profile/end/get-profile-stops.ts';
import { getProfile } from '../src/profile/get-profile.ts';
import { getVersion } from '../src/profile/history/get-version.ts';
import { listVersions } from '../src/profile/history/list-versions.ts';
import { previewRollBack } from '../src/profile/history/preview-roll-back.ts';
import { listEndpoints } from '../src/profile/list-endpoints.ts';
import { listProfileGroups } from '../src/profile/list-profile-groups.ts';
import { listProfilePeople } from '../src/profile/list-profile-people.ts';
import { listProfiles } from '../src/profile/list-profiles.ts';
import { getRollout } from '../src/profile/publish/get-rollout.ts';
import { previewProfile } from '../src/profile/publish/preview-profile.ts';
import { getPublishRequest } from '../src/profile/request/get-publish-request.ts';
import { listPublishRequests } from '../src/profile/request/list-publish-requests.ts';
import { requestPublish } from '../src/profile/request/request-publish.ts';
import { updateProfile } from '../src/profile/update-profile.ts';
import { getReceiptFilters } from '../src/receipt/get-receipt-filters.ts';
import { getReceipt } from '../src/receipt/get-receipt.ts';
import { listReceipts } from '../src/receipt/list-receipts.ts';
import { getReview } from '../src/review/get-review.ts';
import { listReviews } from '../src/review/list-reviews.ts';
import { getRevocationReach } from '../src/revocation/get-revocation-reach.ts';
import { listRevocations } from '../src/revocation/list-revocations.ts';
import { findObjects } from '../src/search/find-objects.ts';
import { getServerStops } from '../src/server/end/get-server-stops.ts';
import { getServerUse } from '../src/server/end/server-use.ts';
import { getServerHealth } from '../src/server/get-server-health.ts';
import { getServer } from '../src/server/get-server.ts';
import { listRevisions } from '../src/server/list-revisions.ts';
import { listServers } from '../src/server/list-servers.ts';
import { getProvenance } from '../src/server/provenance/get-provenance.ts';
import { getSiteStops } from '../src/site/get-site-stops.ts';
import { getSite } from '../src/site/get-site.ts';
import { listSites } from '../src/site/list-sites.ts';
import { getDesiredConfig, getDesiredManifest } from '../src/snapshot/get-desired-config.ts';
import { getApprovedEntries } from '../src/snapshot/offered-entries.ts';
import { listCatalogueLeaves } from '../src/snapshot/parts/catalogue-parts.ts';
import { getWorkspace } from '../src/tenant/get-workspace.ts';
import { addCrowd } from './support/crowd.ts';
import type { Domain } from './support/domain.ts';
import { makeFleet, getUserId } from './support/fleet.ts';
import { openWorld } from './support/world.ts';

/** Rows that one thing on a page may take: that it is on the page, itself, what it is joined with, its counts, who brought it in, and who decided on it. */
const ROWS_PER_ITEM = 12;
/** Bytes that may be read for one byte of the answer as JSON. */
const BYTES_PER_BYTE = 3;
/** What a process calls: an exported function that is given a context, or a runtime where there is no tenant yet. */
const VERB = /^export (?:async )?function (\w+)\(\{\s*(?:ctx|runtime)\b/gm;
/** What a verb that changes something calls, itself or through what it shares with its neighbours. */
const CHANGES = /\b(?:mutate|setDisabled)\(/;
/** Numbers and times take a digit more or less; in a short answer a few of them are more than that share. */
const DIGITS = 1.02;
const DIGITS_BYTES = 16;

/** The longest page that a list gives; what is longer than it has a bound of its own. */
const LONGEST_PAGE = 200;

const world = await openWorld();
afterAll(() => world.close(), 240_000);
let few: Fleet;
let many: Fleet;
let old: Fleet;
let crowded: Fleet;

beforeAll(async () => {
  few = await openFleet({ servers: 30, history: 3 });
  many = await openFleet({ servers: 300, history: 3 });
  old = await openFleet({ servers: 300, history: 20 });
  crowded = await openFleet({ servers: 300, history: 3 }, async (domain) =>
    addCrowd(domain, await world.database.connectOwner()),
  );
}, 240_000);

interface Fleet extends Pick<Domain, 'admin' | 'agentCtx' | 'workspace'> {
  agentId: string;
  userId: string;
  sessionId: string;
  profileId: string;
  groupId: string;
  serverId: string;
  reviewId: string;
  discoveryId: string;
  receiptId: string;
  joinTokenId: string;
  requestId: string;
}

async function openFleet(
  size: Parameters<typeof makeFleet>[1],
  add: (domain: Domain) => Promise<void> = async () => {},
): Promise<Fleet> {
  const domain = await makeFleet(world.runtime, size);
  const request = await askToPublish(domain.admin);
  await add(domain);
  const { agent, workspace, ...made } = domain;
  // reads are counted on one pool, whoever reads, and at one time: what a clock makes of a fleet, like a join token that soon ends, is no part of its size
  const madeAt = world.runtime.now();
  const runtime = { ...world.runtime, now: () => madeAt };
  const [admin, agentCtx] = [
    { ...made.admin, runtime },
    { ...made.agentCtx, runtime },
  ] as const;
  const userId = getUserId(admin);
  const { profile } = await getProfile({ ctx: admin, input: { slug: 'profile-1' } });
  const { id: serverId, openReviewId } = await getServer({ ctx: admin, input: { slug: 'server-1' } });
  const [session] = await listSessions({ runtime: world.runtime, input: { userId } });
  const [discovery] = await listPendingDiscoveries({ ctx: agentCtx });
  const [receipt] = (await listReceipts({ ctx: admin, input: { limit: 1 } })).rows;
  if (openReviewId === null || !session || !discovery || !receipt) throw new Error('The fleet lacks something');
  // the first reading of values is written down, and is no reading alone
  await getReceipt({ ctx: admin, input: { id: receipt.id } });
  const [group] = (await listGroups({ ctx: admin })).rows;
  if (!group) throw new Error('The fleet has no group');
  const token = await createJoinToken({ ctx: admin, input: { siteId: workspace.site.id, agentName: 'next' } });
  return {
    admin,
    agentCtx,
    workspace,
    agentId: agent.id,
    userId,
    sessionId: session.id,
    profileId: profile.id,
    groupId: group.id,
    serverId,
    reviewId: openReviewId,
    discoveryId: discovery.discoveryId,
    receiptId: receipt.id,
    joinTokenId: token.id,
    requestId: request.id,
  };
}

/** A request to publish that could be published, until the workspace has more sites than its servers. */
async function askToPublish(ctx: ServiceContext): Promise<{ id: string }> {
  const { profile, sites } = await getProfile({ ctx, input: { slug: 'profile-1' } });
  const { id: profileId, name, revision } = profile;
  const siteIds = sites.map(({ id }) => id);
  await updateProfile({ ctx, input: { profileId, name, description: 'Asked for', siteIds, revision } });
  return requestPublish({ ctx, input: { profileId } });
}

const STARTED = new Date();

/** Every verb that reads, under its name; what follows a comma is the variant. */
const READS: [name: string, read: (fleet: Fleet) => Promise<unknown>][] = [
  ['listServers', ({ admin: ctx }) => listServers({ ctx, input: { limit: 200 } })],
  ['listServers, archived', ({ admin: ctx }) => listServers({ ctx, input: { archived: true, limit: 200 } })],
  ['getServerUse', ({ admin: ctx, serverId }) => getServerUse({ ctx, input: { serverId } })],
  ['getServerHealth', ({ admin: ctx, serverId }) => getServerHealth({ ctx, input: { serverId } })],
  ['getServer', ({ admin: ctx }) => getServer({ ctx, input: { slug: 'server-1' } })],
  ['getProvenance, server', ({ admin: ctx, serverId }) => getProvenance({ ctx, input: { serverId } })],
  ['getProvenance, review', ({ admin: ctx, reviewId }) => getProvenance({ ctx, input: { reviewId } })],
  ['listReviews, open', ({ admin: ctx }) => listReviews({ ctx, input: { limit: 200 } })],
  ['listReviews, decided', ({ admin: ctx }) => listReviews({ ctx, input: { state: 'decided', limit: 200 } })],
  ['listRevisions', ({ admin: ctx, serverId }) => listRevisions({ ctx, input: { serverId, limit: 2 } })],
  ['listJoinTokens', ({ admin: ctx }) => listJoinTokens({ ctx, input: { limit: 200 } })],
  ['getReview', ({ admin: ctx, reviewId }) => getReview({ ctx, input: { reviewId } })],
  ['listProfiles', ({ admin: ctx }) => listProfiles({ ctx, input: { limit: 200 } })],
  ['getProfile', ({ admin: ctx, profileId }) => getProfile({ ctx, input: { profileId } })],
  ['listProfilePeople', ({ admin: ctx, profileId }) => listProfilePeople({ ctx, input: { profileId, limit: 200 } })],
  ['listProfileGroups', ({ admin: ctx, profileId }) => listProfileGroups({ ctx, input: { profileId, limit: 200 } })],
  ['listEndpoints', ({ admin: ctx, profileId }) => listEndpoints({ ctx, input: { profileId } })],
  ['listOffers', ({ admin: ctx, profileId }) => listOffers({ ctx, input: { profileId, kinds: ['tool'], limit: 20 } })],
  [
    'listChoices',
    ({ admin: ctx, profileId, serverId }) => listChoices({ ctx, input: { profileId, serverId, kinds: ['tool', 'resource'] } }),
  ],
  [
    'getChoice',
    ({ admin: ctx, profileId, serverId }) => getChoice({ ctx, input: { profileId, serverId, kind: 'tool', name: 'stable' } }),
  ],
  ['previewProfile, draft', ({ admin: ctx, profileId }) => previewProfile({ ctx, input: { profileId, of: 'draft' } })],
  ['previewProfile, published', ({ admin: ctx, profileId }) => previewProfile({ ctx, input: { profileId, of: 'published' } })],
  ['listVersions', ({ admin: ctx, profileId }) => listVersions({ ctx, input: { profileId } })],
  ['getVersion', ({ admin: ctx, profileId }) => getVersion({ ctx, input: { profileId, version: 2 } })],
  ['previewRollBack', ({ admin: ctx, profileId }) => previewRollBack({ ctx, input: { profileId, version: 1 } })],
  ['listPublishRequests', ({ admin: ctx }) => listPublishRequests({ ctx })],
  ['getPublishRequest', ({ admin: ctx, requestId }) => getPublishRequest({ ctx, input: { requestId } })],
  ['getProfileEnd', ({ admin: ctx, profileId }) => getProfileEnd({ ctx, input: { profileId } })],
  ['getOverview', ({ admin: ctx }) => getOverview({ ctx })],
  ['listNeeds', ({ admin: ctx }) => listNeeds({ ctx })],
  ['listAgents', ({ admin: ctx }) => listAgents({ ctx, input: { limit: 200 } })],
  ['getAgent', ({ admin: ctx, agentId }) => getAgent({ ctx, input: { agentId } })],
  ['checkStanding', ({ agentCtx: ctx }) => checkStanding({ ctx })],
  ['getRollout', ({ admin: ctx, profileId }) => getRollout({ ctx, input: { profileId } })],
  ['listReceipts', ({ admin: ctx }) => listReceipts({ ctx, input: { limit: 20 } })],
  ['getReceipt', ({ admin: ctx, receiptId }) => getReceipt({ ctx, input: { id: receiptId } })],
  ['getReceiptFilters', ({ admin: ctx }) => getReceiptFilters({ ctx })],
  ['listRevocations', ({ admin: ctx }) => listRevocations({ ctx, input: { limit: 20 } })],
  ['getRevocationReach', ({ admin: ctx }) => getRevocationReach({ ctx })],
  ['findObjects', ({ admin: ctx }) => findObjects({ ctx, input: { text: 'server-1' } })],
  ['getAdminAuditFilters', ({ admin: ctx }) => getAdminAuditFilters({ ctx })],
  [
    'listAdminAudit',
    async ({ admin: ctx }) => {
      // of one kind: what an entry names is read, and others name more or less
      const page = await listAdminAudit({ ctx, input: { action: 'site.create', limit: 20 } });
      return { ...page, named: page.rows.flatMap(({ named }) => Object.values(named)) };
    },
  ],
  ['listClientKeys', ({ admin: ctx, profileId }) => listClientKeys({ ctx, input: { profileId, limit: 20 } })],
  ['listInvitations', ({ admin: ctx }) => listInvitations({ ctx, input: { limit: 200 } })],
  ['listMembers', ({ admin: ctx }) => listMembers({ ctx, input: { limit: 200 } })],
  ['getServerStops', ({ admin: ctx, serverId }) => getServerStops({ ctx, input: { ids: [serverId] } })],
  ['getProfileStops', ({ admin: ctx, profileId }) => getProfileStops({ ctx, input: { ids: [profileId] } })],
  ['getAgentStops', ({ admin: ctx, agentId }) => getAgentStops({ ctx, input: { ids: [agentId] } })],
  ['getKeyStops', ({ admin: ctx }) => getKeyStops({ ctx, input: { membershipId: getActorId(ctx.actor) } })],
  ['getSiteStops', ({ admin: ctx, workspace }) => getSiteStops({ ctx, input: { ids: [workspace.site.id] } })],
  ['getGroupStops', ({ admin: ctx, groupId }) => getGroupStops({ ctx, input: { ids: [groupId] } })],
  ['getMemberStops', ({ admin: ctx }) => getMemberStops({ ctx, input: { ids: [getActorId(ctx.actor)] } })],
  ['listAskable', ({ admin: ctx }) => listAskable({ ctx })],
  ['listAccessRequests', ({ admin: ctx }) => listAccessRequests({ ctx })],
  ['listOwned', ({ admin: ctx }) => listOwned({ ctx })],
  ['listGroups', ({ admin: ctx }) => listGroups({ ctx })],
  ['getGroup', ({ admin: ctx, groupId }) => getGroup({ ctx, input: { groupId } })],
  ['listGroupPeople', ({ admin: ctx, groupId }) => listGroupPeople({ ctx, input: { groupId } })],
  ['listSites', ({ admin: ctx }) => listSites({ ctx, input: { limit: 200 } })],
  ['getSite', ({ admin: ctx, workspace }) => getSite({ ctx, input: { slug: workspace.site.slug } })],
  ['getWorkspace', ({ admin: ctx }) => getWorkspace({ ctx })],
  ['getJoinToken', ({ admin: ctx, joinTokenId }) => getJoinToken({ ctx, input: { id: joinTokenId } })],
  ['getDiscovery', ({ admin: ctx, discoveryId }) => getDiscovery({ ctx, input: { discoveryId } })],
  ['listPendingDiscoveries', ({ agentCtx: ctx }) => listPendingDiscoveries({ ctx })],
  ['getDesiredConfig', ({ agentCtx: ctx }) => getDesiredConfig({ ctx })],
  ['getDesiredManifest', ({ agentCtx: ctx }) => getDesiredManifest({ ctx })],
  ['getNewestKeyset', ({ agentCtx: ctx }) => getNewestKeyset({ ctx })],
  ['getSigningKeys', ({ admin: ctx }) => getSigningKeys({ ctx })],
  ['listSessions', ({ admin: { runtime }, userId }) => listSessions({ runtime, input: { userId } })],
  ['listPasskeys', ({ admin: { runtime }, userId }) => listPasskeys({ runtime, input: { userId } })],
  ['getAuthenticator', ({ admin: { runtime }, userId }) => getAuthenticator({ runtime, input: { userId } })],
  ['listTenants', ({ admin: { runtime }, userId }) => listTenants({ runtime, input: { userId } })],
  [
    'checkSession',
    // by a clock that stands: a minute after the session was made, it would also keep that
    ({ admin: { runtime }, sessionId, userId }) =>
      checkSession({ runtime: { db: runtime.db, now: () => STARTED }, input: { sessionId, userId } }),
  ],
  [
    'openContext',
    async ({ admin: { runtime, tenantSlug }, userId }) =>
      (await openContext({ runtime, input: { userId, tenantSlug, requestId: 'one' } })).actor,
  ],
  [
    'openJobContext',
    async ({ admin: { runtime, tenantId } }) =>
      (await openJobContext({ runtime, input: { job: 'expire-records', tenantId } })).actor,
  ],
  [
    'listCatalogueLeaves',
    (fleet) =>
      runInFleet(fleet, async (tx, which) => {
        const { profiles, servers } = await listCatalogueLeaves(tx, { ...which, siteId: fleet.workspace.site.id });
        return [...profiles.states.values(), ...servers.states.values()];
      }),
  ],
  ['getApprovedEntries', (fleet) => runInFleet(fleet, async (tx, which) => [...(await getApprovedEntries(tx, which)).values()])],
];

/** Verbs that do not go through `mutate` and yet are no reads of a page. */
const NOT_MEASURED: Record<string, string> = {
  addLabels: 'changes each',
  addPasskey: 'makes one row',
  beginAuthenticator: 'makes one row',
  beginPasskey: 'makes one row',
  beginPasskeySignIn: 'makes one row',
  changePassword: 'changes one row',
  chooseTimeZone: 'changes one row',
  confirmAuthenticator: 'changes one row and makes ten',
  getNewRevocations: 'reads no more than fits into a message',
  grantRequests: 'decides on each',
  previewOpenapi: 'asks the database nothing',
  pruneCounters: 'removes',
  readLink: 'reads one row by its hash',
  readParts: 'reads no more than fits into a message',
  refuseRequests: 'decides on each',
  removeAuthenticator: 'removes the rows of one account',
  removePasskey: 'removes one row',
  renamePasskey: 'changes one row',
  renewRecoveryCodes: 'makes ten rows',
  revokeSession: 'changes one row',
  signIn: 'makes one row',
  signInWithPasskey: 'makes one row',
  signOut: 'changes one row',
  signOutEverywhere: 'changes the sessions of one account',
  sweepTenants: 'a job that goes through all tenants, a page at a time',
};

const OFFERED = 'what one server offers, which a look at it bounds';
/** Lists that are longer than a page, each with what bounds it. */
const BOUNDED: Record<string, Record<string, string>> = {
  getAgent: { serverHealth: 'what one agent reports, which a heartbeat bounds' },
  getApprovedEntries: { '': 'what is signed for agents, of which nothing may be left out' },
  getReview: { entries: OFFERED },
  getServer: { entries: OFFERED },
  listChoices: { '': OFFERED },
  listPendingDiscoveries: { '': 'orders to one agent, which end within minutes' },
};

test('every verb that reads is measured here', async () => {
  const folder = join(import.meta.dirname, '../src');
  const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
  const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
  const reading = texts.filter((text) => !CHANGES.test(text));
  const verbs = reading.flatMap((text) => [...text.matchAll(VERB)].map(([, name]) => name ?? ''));
  const measured = new Set(READS.map(([name]) => name.split(',')[0]));
  expect(verbs.filter((name) => !measured.has(name)).toSorted()).toEqual(Object.keys(NOT_MEASURED));
});

function runInFleet<T>(
  { admin: { tenantId, runtime } }: Fleet,
  read: (tx: TenantTx, which: { tenantId: string; now: Date }) => Promise<T>,
): Promise<T> {
  return runInTenant(runtime.db, tenantId, (tx) => read(tx, { tenantId, now: runtime.now() }));
}

describe.each(READS)('%s', (name, read) => {
  /** Fails when the second asks other queries, or reads more rows or bytes than it returns more. */
  async function compare(first: Fleet, second: Fleet): Promise<void> {
    const [before, after] = [await measureCost(read, first), await measureCost(read, second)];
    expect(after.queries).toBe(before.queries);
    expect(after.rows - before.rows).toBeLessThanOrEqual(ROWS_PER_ITEM * (after.items - before.items));
    const digits = Math.max(DIGITS_BYTES, (DIGITS - 1) * before.bytes);
    expect(after.bytes).toBeLessThanOrEqual(before.bytes + digits + BYTES_PER_BYTE * Math.max(0, after.weight - before.weight));
  }

  test('asks no query for each of 300 servers', () => compare(few, many));

  test('reads no history', () => compare(many, old));

  test('gives no more of anything than a page of a list', async () => {
    const lists = findLists(await read(crowded)).filter(({ length }) => length > LONGEST_PAGE);
    const bounded = BOUNDED[name.split(',')[0] ?? ''] ?? {};
    expect(lists.filter(({ path }) => !Object.hasOwn(bounded, path))).toEqual([]);
  });
});

interface FoundList {
  /** names of members, lists left out: `rows.agents` */
  path: string;
  length: number;
}

/** The lists in an answer, at any depth. */
function findLists(value: unknown, path: readonly string[] = []): FoundList[] {
  if (typeof value !== 'object' || value === null || value instanceof Date || value instanceof Uint8Array) return [];
  if (Array.isArray(value))
    return [{ path: path.join('.'), length: value.length }, ...value.flatMap((part) => findLists(part, path))];
  return Object.entries(value).flatMap(([name, part]) => findLists(part, [...path, name]));
}

test('who authored what is found without going through every act', async () => {
  const countActs = (fleet: Fleet) =>
    runInFleet(fleet, async (tx, { tenantId }) => {
      const [server, ...servers] = await tx.server.findMany({ where: { tenantId }, select: { id: true } });
      if (!server) throw new Error('The fleet has no server');
      const ids = [server, ...servers].map(({ id }) => id);
      const before = await getActReads(tx);
      const peopleOf = await loadPeople(tx, tenantId, { entityType: 'server', ids, permission: 'review.decide' });
      expect(peopleOf(server.id).authors.size).toBeGreaterThan(0);
      return (await getActReads(tx)) - before;
    });
  const read = await countActs(many);
  expect(read).toBeGreaterThan(0);
  expect(await countActs(old)).toBe(read);
});

/** Acts that the database has gone through on this connection. */
async function getActReads(tx: TenantTx): Promise<number> {
  const [read] = await tx.$queryRaw<{ acts: number }[]>`
    select (seq_tup_read + idx_tup_fetch)::int as acts from pg_stat_xact_user_tables where relname = 'admin_audit'`;
  return read?.acts ?? 0;
}

interface Cost extends ReadCost {
  items: number;
  /** bytes of the answer as JSON */
  weight: number;
}

async function measureCost(read: (fleet: Fleet) => Promise<unknown>, fleet: Fleet): Promise<Cost> {
  const { result, ...cost } = await countReads(world.runtime.db, () => read(fleet));
  expect(cost.queries).toBeGreaterThan(0);
  return { ...cost, items: countItems(result), weight: Buffer.byteLength(JSON.stringify(result)) };
}

/** Objects that stand in lists, at any depth: what a page has rows or cards for. */
function countItems(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  const parts: unknown[] = Object.values(value);
  const own = Array.isArray(value) ? parts.filter((part) => typeof part === 'object').length : 0;
  return own + parts.reduce<number>((sum, part) => sum + countItems(part), 0);
}
