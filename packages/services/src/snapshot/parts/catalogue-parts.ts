import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { ProfilePart, ServerEntry, ServerPart } from '@gatehouse/policy/documents/manifest';
import { isPinned } from '@gatehouse/policy/documents/pinned-entry';
import { MOST_ALIKE, PublishedProfile } from '@gatehouse/policy/documents/profile';
import { ServerFeatures } from '@gatehouse/policy/documents/snapshot';
import { getRoundedPin } from '@gatehouse/policy/documents/steady-pin';

import { buildActCondition } from '../acts.ts';
import { listOtherTexts, loadAlike } from '../alike-texts.ts';
import { type DecidingAct, listDecidedReviews } from '../decided-reviews.ts';
import { buildSeenQuery, listStandingApprovals, toPinnedKey, type PinnedRef, type StandingApproval } from '../offered-entries.ts';
import { chooseWordings, replaceTexts, type Wordings } from '../other-words.ts';
import { toIgnoring } from '../snapshot-entries.ts';
import type { SiteRef } from './site-ref.ts';

/** Leaves that are built when they are needed. */
export interface LeafSource<Part> {
  /** by id; the same state always gives the same part */
  states: ReadonlyMap<string, unknown>;
  /** Reads and builds these, without those of which there is nothing to serve. */
  build: (ids: readonly string[]) => Promise<ReadonlyMap<string, Part>>;
}

/**
 * The published profiles of a site and what they use of its servers. What decides a part is read without documents and definitions, which
 * never change under their version and revision: these are read when a part is built.
 */
export async function listCatalogueLeaves(
  tx: TenantTx,
  site: SiteRef,
): Promise<{ profiles: LeafSource<ProfilePart>; servers: LeafSource<ServerPart> }> {
  const { tenantId } = site;
  const published = await listPublishedProfiles(tx, site);
  const used = await listUsedEntries(tx, tenantId, published);
  const reachable = await listReachableServers(tx, site, [...new Set(used.map(({ serverId }) => serverId))]);
  const { decided, replaced } = await listDecidedApprovals(tx, site, used, [...reachable.keys()]);
  const approvals = Map.groupBy(decided, ({ serverId }) => serverId);
  const profiles = new Map(published.map((profile) => [profile.id, { ...profile, replaced: [...replaced] }]));
  const servers = new Map(
    [...reachable].map(([id, server]): [string, ServedServer] => [id, { server, approvals: approvals.get(id) ?? [] }]),
  );
  return {
    profiles: { states: profiles, build: (ids) => buildProfileParts(tx, tenantId, pick(profiles, ids)) },
    servers: { states: servers, build: (ids) => buildServerParts(tx, tenantId, pick(servers, ids)) },
  };
}

function pick<Value>(map: ReadonlyMap<string, Value>, ids: readonly string[]): Value[] {
  return ids.flatMap((id) => map.get(id) ?? []);
}

interface Published {
  id: string;
  slug: string;
  version: number;
  contentHash: string;
}

/** `replaced`: texts in whose place the site serves others, as `replaceTexts` takes them */
interface ServedProfile extends Published {
  replaced: [string, string][];
}

/** A published version counts when a person published it with this content and, where the act asks the owner of the profile, another act agrees to it. */
function listPublishedProfiles(tx: TenantTx, { tenantId, siteId }: SiteRef): Promise<Published[]> {
  const act = { action: 'profile.publish', entityId: Prisma.sql`v.profile_id` } as const;
  const isThis = (of: Prisma.Sql) =>
    Prisma.sql`${of}.after ->> 'version' = v.number::text and ${of}.after ->> 'contentHash' = v.content_hash`;
  const isAgreed = Prisma.sql`exists (
    select from admin_audit yes
    where yes.tenant_id = v.tenant_id and yes.actor_kind = 'person' and yes.action = 'profile.consent' and yes.entity_id = v.profile_id::text
      and ${isThis(Prisma.sql`yes`)})`;
  const says = Prisma.sql`${isThis(Prisma.sql`act`)} and (act.after -> 'asksOwner' is null or ${isAgreed})`;
  return tx.$queryRaw<Published[]>`
    select p.id, p.slug, v.number as version, v.content_hash as "contentHash"
    from profile p
    join profile_site at on at.tenant_id = p.tenant_id and at.profile_id = p.id and at.site_id = ${siteId}::uuid
    join profile_version v on v.tenant_id = p.tenant_id and v.profile_id = p.id and v.number = p.published_version
    where p.tenant_id = ${tenantId}::uuid and p.disabled_at is null and ${buildActCondition(Prisma.sql`v`, { ...act, says })}
    order by p.id`;
}

/** What these versions select, each entry once. */
function listUsedEntries(tx: TenantTx, tenantId: string, published: readonly Published[]): Promise<PinnedRef[]> {
  return tx.$queryRaw<PinnedRef[]>`
    select distinct entry ->> 'serverId' as "serverId", entry ->> 'kind' as kind, entry ->> 'name' as name, entry ->> 'pin' as pin
    from unnest(${published.map(({ id }) => id)}::uuid[], ${published.map(({ version }) => version)}::int[]) chosen (id, number)
    join profile_version v on v.tenant_id = ${tenantId}::uuid and v.profile_id = chosen.id and v.number = chosen.number
    cross join lateral jsonb_array_elements(v.document -> 'entries') entry`;
}

interface ReachableServer {
  id: string;
  slug: string;
  name: string;
  transport: unknown;
  features: ServerFeatures;
  /** as a person set them; absent: nobody did */
  limits?: unknown;
  /** an agent of the site has seen what it offers there */
  isObserved: boolean;
}

/** Those of these servers that are enabled and that a person made reachable at the site by this transport. */
async function listReachableServers(
  tx: TenantTx,
  { tenantId, siteId }: SiteRef,
  serverIds: readonly string[],
): Promise<Map<string, ReachableServer>> {
  const reach = {
    entityId: Prisma.sql`s.id`,
    says: Prisma.sql`act.after -> 'transport' = s.transport and act.after -> 'siteIds' ? ${siteId}`,
  };
  const isReachable = Prisma.sql`(${buildActCondition(Prisma.sql`s`, { ...reach, action: 'server.create' })}
    or ${buildActCondition(Prisma.sql`s`, { ...reach, action: 'server.change_connection' })})`;
  const limits = {
    entityId: Prisma.sql`s.id`,
    says: Prisma.sql`act.after -> 'limits' = s.limits`,
    column: Prisma.sql`limits_audit_id`,
  };
  const isSet = Prisma.sql`${buildActCondition(Prisma.sql`s`, { ...limits, action: 'server.set_limits' })}
    or ${buildActCondition(Prisma.sql`s`, { ...limits, action: 'server.update' })}
    or ${buildActCondition(Prisma.sql`s`, { ...limits, action: 'server.create' })}`;
  const rows = await tx.$queryRaw<(Omit<ReachableServer, 'features'> & { features: unknown })[]>`
    select s.id, s.slug, s.name, s.transport, coalesce(r.features, '{}') as features, case when ${isSet} then s.limits end as limits,
      exists (select from observation where tenant_id = s.tenant_id and server_id = s.id and site_id = ${siteId}::uuid) as "isObserved"
    from server s
    cross join lateral (${buildSeenQuery(siteId)}) seen
    left join server_revision r on r.tenant_id = s.tenant_id and r.id = seen.revision_id
    where s.tenant_id = ${tenantId}::uuid and s.disabled_at is null and s.id = any(${serverIds}::uuid[])
      and ${isReachable}`;
  return new Map(
    rows.map(({ features, limits: set, ...row }) => {
      // a hub's role may write anything there, and what one server offers beside its lists stops no configuration
      const { data } = ServerFeatures.safeParse(features);
      return [row.id, { ...row, features: data ?? ServerFeatures.parse({}), ...(set !== null && { limits: set }) }];
    }),
  );
}

/** The approvals of what is used that people gave, by kind and name: each carries the act that decided its review. And which texts stand in the place of others. */
async function listDecidedApprovals(
  tx: TenantTx,
  { tenantId, siteId, now }: SiteRef,
  used: readonly PinnedRef[],
  serverIds: readonly string[],
): Promise<{ decided: ServedApproval[] } & Pick<Wordings, 'replaced'>> {
  const wanted = new Set(used.map(toPinnedKey));
  const pins = [...new Set(used.map(({ pin }) => pin))];
  const standing = await listStandingApprovals(tx, { tenantId, siteId, now, serverIds, pins });
  const acts = await listDecidedReviews(tx, tenantId, [...new Set(standing.map(({ reviewId }) => reviewId))]);
  const current = standing.flatMap((entry) => {
    const act = wanted.has(toPinnedKey(entry)) ? acts.get(entry.reviewId) : undefined;
    return act && act.auditId === entry.auditId ? [{ ...entry, endsAt: act.endsAt }] : [];
  });
  const { worded, replaced } = await chooseWordings(tx, { tenantId, siteId, now }, used, new Set(current.map(toPinnedKey)));
  const approvals: Omit<ServedApproval, 'others'>[] = [...current, ...worded];
  const others = await listOtherTexts(tx, { tenantId, now }, approvals);
  const decided = approvals
    .map((entry) => ({ ...entry, others: others.get(toPinnedKey(entry)) ?? [] }))
    .toSorted((a, b) => (toServerEntryKey(a) < toServerEntryKey(b) ? -1 : 1));
  return { decided, replaced };
}

async function buildProfileParts(
  tx: TenantTx,
  tenantId: string,
  published: readonly ServedProfile[],
): Promise<Map<string, ProfilePart>> {
  const versions = published.map(({ id, version }) => ({ profileId: id, number: version }));
  const rows = await tx.profileVersion.findMany({
    where: { tenantId, OR: versions },
    select: { profileId: true, document: true },
  });
  const documents = new Map(rows.map(({ profileId, document }) => [profileId, document]));
  return new Map(
    published.map(({ id, slug, version, replaced }) => {
      const document = PublishedProfile.parse(documents.get(id));
      const entries = replaceTexts(document.entries, new Map(replaced));
      return [id, ProfilePart.parse({ id, slug, version, ...document, entries })];
    }),
  );
}

/** `others`: pins of its other approved texts; `there`: of the one that the site has, where that is another one */
interface ServedApproval extends StandingApproval, Pick<DecidingAct, 'endsAt'> {
  others: string[];
  there?: string;
}

/** A server with what may be used of it. */
interface ServedServer {
  server: ReachableServer;
  approvals: readonly ServedApproval[];
}

async function buildServerParts(
  tx: TenantTx,
  tenantId: string,
  servers: readonly ServedServer[],
): Promise<Map<string, ServerPart>> {
  const approvals = servers.flatMap((served) => served.approvals);
  const rows = await tx.revisionEntry.findMany({
    where: {
      tenantId,
      revisionId: { in: [...new Set(approvals.map(({ revisionId }) => revisionId))] },
      pin: { in: [...new Set(approvals.map(({ pin }) => pin))] },
    },
  });
  const definitions = new Map(rows.map((row) => [toPinnedKey({ serverId: row.revisionId, ...row }), row.definition]));
  const findAlike = await loadAlike(
    tx,
    tenantId,
    approvals.flatMap(({ others }) => others),
  );
  const parts = servers.map(({ server, approvals: own }) => {
    const entries = own.flatMap((approval) => {
      const entry = buildServerEntry(approval, definitions);
      if (!entry) return [];
      // an agent of before lists doubles
      const rounded = getRoundedPin(entry);
      const alike = [...(rounded === null ? [] : [rounded]), ...findAlike(entry, approval.others, approval.there ?? null)].slice(
        0,
        MOST_ALIKE,
      );
      return alike.length === 0 ? entry : { ...entry, alike };
    });
    return ServerPart.parse({ server, entries });
  });
  // one that has nothing to serve just now stays where it is watched, so that it comes back when it is again what was approved
  const watched = new Set(servers.flatMap(({ server: { id, isObserved } }) => (isObserved ? [id] : [])));
  return new Map(
    parts.filter(({ server: { id }, entries }) => entries.length > 0 || watched.has(id)).map((part) => [part.server.id, part]),
  );
}

/** `definitions` by `toPinnedKey` within their revision. */
function buildServerEntry(
  approval: Omit<ServedApproval, 'others'>,
  definitions: ReadonlyMap<string, unknown>,
): ServerEntry | null {
  const { revisionId, kind, name, pin, risk, logArguments, logResults, ignored, endsAt } = approval;
  const definition = definitions.get(toPinnedKey({ serverId: revisionId, kind, name, pin }));
  const marks = { risk, logArguments: logArguments.toSorted(), logResults: logResults.toSorted() };
  const ending = endsAt && { endsAt: endsAt.toISOString() };
  const entry = ServerEntry.parse({
    kind,
    name,
    pin,
    definition,
    ...(kind === 'tool' && marks),
    ...toIgnoring(ignored),
    ...ending,
  });
  // the approval is of the pin: another definition under it is not what was approved
  return isPinned(entry) ? entry : null;
}
