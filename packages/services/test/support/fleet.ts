import { runInLookup, runInTenant, type TenantTx } from '@gatehouse/db/tenant';
import { recordActs } from '@gatehouse/db/testing';
import { hashContent, computePin } from '@gatehouse/policy/documents/content-hash';
import { PublishedProfile } from '@gatehouse/policy/documents/profile';
import { defineTool } from '@gatehouse/policy/testing/build';
import { identifyUpstream } from '@gatehouse/policy/upstream';

import type { ServiceContext } from '../../src/context.ts';
import { ingestReceipts } from '../../src/receipt/ingest-receipts.ts';
import { type Domain, makeDomain } from './domain.ts';
import { Spool } from './receipts.ts';
import { makeWorkspace } from './world.ts';

export interface FleetSize {
  servers: number;
  /** revisions, discoveries, profile versions of each, snapshots, client keys and sessions; receipts and acts of people by the ten */
  history: number;
}

const SERVERS_OF_PROFILE = 5;
const SERVERS_PER_PROFILE = 10;
const SERVERS_PER_SITE = 30;
/** Makes a definition heavy, so that a list which carries it without showing it is found. */
const LONG_TEXT = 'An order is what a customer has asked for and not yet been sent. '.repeat(40);
const FILL_MS = 60_000;

/**
 * A workspace with servers `server-1`, `server-2`, ..., a profile `profile-1`, ... for every ten of them and a site with an agent for every
 * thirty; the same to see today, whatever the history. Each server offers `stable`, defined alike in every revision, and `changing` and the
 * prompt `ask`, which are not; the newest revision waits, and older approvals stand, have lapsed, or were never given.
 */
export async function makeFleet(runtime: ServiceContext['runtime'], { servers, history }: FleetSize): Promise<Domain> {
  const domain = await makeDomain(await makeWorkspace(runtime));
  const { admin, agentCtx, workspace } = domain;
  const ids = {
    tenantId: workspace.tenant.id,
    siteId: workspace.site.id,
    agentId: domain.agent.id,
    personId: getPersonId(admin),
  };
  await runInTenant(
    runtime.db,
    ids.tenantId,
    async (tx) => {
      await fillServers(tx, ids, servers);
      await fillRevisions(tx, ids, history);
      await fillObservations(tx, ids);
      await gatherStatistics(tx);
      await fillProfiles(tx, ids, { servers, history });
      await fillGroups(tx, ids);
      await fillSites(tx, ids, servers);
      await fillRecords(tx, ids, history);
      await recordActs(tx, ids.tenantId);
      await gatherStatistics(tx);
    },
    { timeoutMs: FILL_MS },
  );
  await fillSessions(runtime, admin, history);
  const spool = new Spool(ids.siteId);
  await ingestReceipts({ ctx: agentCtx, input: { spoolId: spool.spoolId, receipts: spool.makeBatch(history * 10) } });
  return domain;
}

/** A test's database gathers none by itself, and joins of what was just written by the thousand are planned as if it were little. */
async function gatherStatistics(tx: TenantTx): Promise<void> {
  await tx.$executeRaw`analyze server, server_site, server_revision, observation, revision_entry, review, entry_decision, discovery, profile, profile_version`;
}

interface Ids {
  tenantId: string;
  siteId: string;
  agentId: string;
  personId: string;
}

function getPersonId({ actor }: ServiceContext): string {
  if (actor.kind !== 'person') throw new Error('Not a person');
  return actor.membershipId;
}

/** The person's account, whatever the workspace. */
export function getUserId({ actor }: ServiceContext): string {
  if (actor.kind !== 'person') throw new Error('Not a person');
  return actor.userId;
}

async function fillServers(tx: TenantTx, { tenantId, siteId, personId }: Ids, servers: number): Promise<void> {
  const transport = { kind: 'http' as const, url: 'http://127.0.0.1:3030/mcp', credential: null };
  await tx.server.createMany({
    data: Array.from({ length: servers }, (_, index) => ({
      tenantId,
      slug: `server-${index + 1}`,
      name: `Server ${index + 1}`,
      purpose: 'Look up orders',
      transport,
      upstream: identifyUpstream(transport),
      createdBy: personId,
    })),
  });
  await tx.$executeRaw`
    insert into server_site (tenant_id, server_id, site_id)
    select tenant_id, id, ${siteId}::uuid from server where tenant_id = ${tenantId}::uuid`;
}

/** A group that one person is in and that one profile was given to. */
async function fillGroups(tx: TenantTx, { tenantId, personId }: Ids): Promise<void> {
  const { id: groupId } = await tx.personGroup.create({ data: { tenantId, name: 'Support', createdBy: personId } });
  await tx.groupMember.create({ data: { tenantId, groupId, membershipId: personId, addedBy: personId } });
  const profile = await tx.profile.findUniqueOrThrow({ where: { tenantId_slug: { tenantId, slug: 'profile-1' } } });
  await tx.profileGroup.create({ data: { tenantId, profileId: profile.id, groupId, grantedBy: personId } });
}

/** An agent of the site has seen the newest revision of each server. */
async function fillObservations(tx: TenantTx, { tenantId, siteId, agentId }: Ids): Promise<void> {
  await tx.$executeRaw`
    insert into observation (tenant_id, server_id, site_id, revision_id, agent_id, observed_at)
    select distinct on (server_id) tenant_id, server_id, ${siteId}::uuid, id, ${agentId}::uuid, now()
    from server_revision where tenant_id = ${tenantId}::uuid order by server_id, number desc`;
}

/** What each revision of a server holds: a tool that never changes, and a tool and a prompt that always do. */
function listRevisionEntries(history: number) {
  return Array.from({ length: history }, (_, index) => {
    const number = index + 1;
    const define = (kind: 'tool' | 'prompt', name: string, title: string) => {
      const definition = { ...defineTool(name, { description: LONG_TEXT }), title };
      return { number, kind, name, pin: computePin(definition), definition };
    };
    return [
      define('tool', 'stable', 'Stable'),
      define('tool', 'changing', `Revision ${number}`),
      define('prompt', 'ask', `Revision ${number}`),
    ];
  }).flat();
}

/** One revision, review and discovery of each server for every hour of the history. The two reviews before the open one are approved. */
async function fillRevisions(tx: TenantTx, { tenantId, siteId, agentId, personId }: Ids, history: number): Promise<void> {
  await tx.$executeRaw`
    insert into server_revision (tenant_id, id, server_id, number, protocol_version, server_info, content_hash, created_at)
    select tenant_id, gen_random_uuid(), id, n, '2025-11-25', '{}', 'hash', now() - (${history}::int - n) * interval '1 hour'
    from server cross join generate_series(1, ${history}::int) n where tenant_id = ${tenantId}::uuid`;
  await tx.$executeRaw`
    insert into discovery (tenant_id, id, server_id, site_id, agent_id, requested_by, status, payload, signature, key_id, created_at,
      expires_at, finished_at, revision_id)
    select tenant_id, gen_random_uuid(), server_id, ${siteId}::uuid, ${agentId}::uuid, ${personId}::uuid, 'succeeded', '', '',
      gen_random_uuid(), created_at, created_at, created_at, id
    from server_revision where tenant_id = ${tenantId}::uuid`;
  await tx.$executeRaw`
    insert into revision_entry (tenant_id, revision_id, kind, pin, name, definition)
    select r.tenant_id, r.id, entry.kind::entry_kind, entry.pin, entry.name, entry.definition
    from server_revision r
    join jsonb_to_recordset(${JSON.stringify(listRevisionEntries(history))}::jsonb)
      entry (number int, kind text, name text, pin text, definition jsonb) using (number)
    where r.tenant_id = ${tenantId}::uuid`;
  await tx.$executeRaw`
    insert into review (tenant_id, id, server_id, revision_id, state, requested_by, created_at, decided_at, valid_until)
    select r.tenant_id, gen_random_uuid(), r.server_id, r.id, now.state::review_state, ${personId}::uuid, r.created_at,
      case when now.state in ('decided', 'expired') then r.created_at end,
      case now.state when 'decided' then now() + interval '90 days' when 'expired' then now() end
    from server_revision r
    cross join lateral (
      select case when r.number = ${history}::int then 'open' when r.number >= ${history}::int - 2 then 'decided'
        else (array['superseded', 'expired', 'decided'])[r.number % 3 + 1] end as state
    ) now
    where r.tenant_id = ${tenantId}::uuid`;
  await gatherStatistics(tx);
  await tx.$executeRaw`
    insert into entry_decision (tenant_id, review_id, server_id, kind, pin, name, verdict, risk, decided_by, decided_at)
    select v.tenant_id, v.id, v.server_id, e.kind, e.pin, e.name,
      (case when v.decided_at is null then 'pending' else 'approved' end)::verdict, case when e.kind = 'tool' then 'read'::risk end,
      ${personId}::uuid, v.decided_at
    from review v join revision_entry e on e.tenant_id = v.tenant_id and e.revision_id = v.revision_id
    where v.tenant_id = ${tenantId}::uuid`;
}

const byName = (a: { advertisedName: string }, b: { advertisedName: string }) => (a.advertisedName < b.advertisedName ? -1 : 1);

/** Profiles that select `stable` of the first servers, published as often as the history is long. */
async function fillProfiles(tx: TenantTx, { tenantId, siteId, personId }: Ids, { servers, history }: FleetSize): Promise<void> {
  const chosen = await tx.revisionEntry.findMany({
    where: { tenantId, name: 'stable', revision: { number: 1 } },
    select: { kind: true, name: true, pin: true, revision: { select: { serverId: true } } },
    orderBy: { revision: { server: { slug: 'asc' } } },
    take: SERVERS_OF_PROFILE,
  });
  const entries = chosen.map(({ kind, name, pin, revision: { serverId } }) => ({
    kind,
    name,
    pin,
    serverId,
    advertisedName: `${name}-${serverId.slice(-12)}`,
  }));
  const draft = {
    entries: entries.map(({ kind, name, serverId, advertisedName }) => ({ kind, name, serverId, rename: advertisedName })),
  };
  await tx.profile.createMany({
    data: Array.from({ length: servers / SERVERS_PER_PROFILE }, (_, index) => ({
      tenantId,
      slug: `profile-${index + 1}`,
      name: 'Profile',
      draft,
      publishedVersion: history,
      createdBy: personId,
    })),
  });
  const document = PublishedProfile.parse({
    name: 'Profile',
    description: '',
    audit: 'durable',
    entries: entries.toSorted(byName),
  });
  await tx.$executeRaw`
    insert into profile_version (tenant_id, profile_id, number, document, content_hash, published_by)
    select tenant_id, id, n, ${JSON.stringify(document)}::jsonb, ${hashContent(document)}, ${personId}::uuid
    from profile cross join generate_series(1, ${history}::int) n where tenant_id = ${tenantId}::uuid`;
  await tx.$executeRaw`
    insert into profile_site (tenant_id, profile_id, site_id)
    select tenant_id, id, ${siteId}::uuid from profile where tenant_id = ${tenantId}::uuid`;
}

/** The agent of the workspace reports every server, the one of each further site thirty of them. All stay connected, however long a test takes. */
async function fillSites(tx: TenantTx, { tenantId, agentId }: Ids, servers: number): Promise<void> {
  await tx.$executeRaw`
    insert into site (tenant_id, id, slug, name)
    select ${tenantId}::uuid, gen_random_uuid(), 'site-' || n, 'Further site'
    from generate_series(2, ${servers / SERVERS_PER_SITE}::int) n`;
  await tx.$executeRaw`
    insert into agent (tenant_id, id, site_id, name, public_key, last_seen_at)
    select tenant_id, gen_random_uuid(), id, slug, '', now() from site where tenant_id = ${tenantId}::uuid and name = 'Further site'`;
  await tx.$executeRaw`
    update agent set last_seen_at = now() + interval '1 hour', server_health = (
      select jsonb_agg(jsonb_build_object('serverId', s.id, 'state', 'connected', 'error', null, 'at', null))
      from server s
      where s.tenant_id = ${tenantId}::uuid
        and (agent.id = ${agentId}::uuid
          or agent.name = 'site-' || (substr(s.slug, length('server-') + 1)::int - 1) / ${SERVERS_PER_SITE}::int + 1)
    )
    where tenant_id = ${tenantId}::uuid`;
}

/** Snapshots of the site, keys that were revoked, what people did; and one discovery that waits for the agent. */
async function fillRecords(tx: TenantTx, { tenantId, siteId, agentId, personId }: Ids, history: number): Promise<void> {
  await tx.$executeRaw`
    insert into snapshot (tenant_id, id, site_id, version, content_hash, payload, signature, key_id, not_after, reason)
    select ${tenantId}::uuid, gen_random_uuid(), ${siteId}::uuid, n, 'hash', '{}', '', gen_random_uuid(), now(), 'lease'
    from generate_series(1, ${history}::int) n`;
  await tx.$executeRaw`update site set snapshot_version = ${history}::int where tenant_id = ${tenantId}::uuid and id = ${siteId}::uuid`;
  await tx.$executeRaw`
    insert into client_key (tenant_id, id, membership_id, profile_id, name, key_hash, expires_at, revoked_at)
    select tenant_id, gen_random_uuid(), ${personId}::uuid, id, 'Laptop', id || ' ' || n, now(), now()
    from profile cross join generate_series(1, ${history}::int) n where tenant_id = ${tenantId}::uuid and slug = 'profile-1'`;
  await tx.$executeRaw`
    insert into admin_audit (tenant_id, id, actor_kind, actor_id, action, entity_type, entity_id)
    select ${tenantId}::uuid, gen_random_uuid(), 'person', ${personId}, 'site.create', 'site', ${siteId}
    from generate_series(1, ${history}::int * 10) n`;
  await tx.$executeRaw`
    insert into admin_audit (tenant_id, id, actor_kind, actor_id, action, entity_type, entity_id)
    select tenant_id, gen_random_uuid(), 'person', ${personId}, action, 'server', id::text
    from server cross join unnest(array['discovery.start', 'server.disable', 'server.enable']) action
    cross join generate_series(1, ${history}::int * 10)
    where tenant_id = ${tenantId}::uuid and slug = 'server-1'`;
  await tx.$executeRaw`
    insert into discovery (tenant_id, id, server_id, site_id, agent_id, requested_by, payload, signature, key_id, created_at, expires_at)
    select tenant_id, gen_random_uuid(), id, ${siteId}::uuid, ${agentId}::uuid, ${personId}::uuid, '', '', gen_random_uuid(),
      now() - interval '1 day', now() + interval '1 day'
    from server where tenant_id = ${tenantId}::uuid and slug = 'server-2'`;
}

/** One live session of the person, and those that have ended. */
function fillSessions(runtime: ServiceContext['runtime'], person: ServiceContext, history: number): Promise<unknown> {
  const userId = getUserId(person);
  const now = runtime.now().getTime();
  return runInLookup(runtime.db, { userId }, (tx) =>
    tx.consoleSession.createMany({
      data: Array.from({ length: history }, (_, index) => ({
        userId,
        expiresAt: new Date(now + (index === 0 ? 1 : -1) * FILL_MS),
      })),
    }),
  );
}
