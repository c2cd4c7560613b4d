import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { computePin } from '@gatehouse/policy/documents/canonical';
import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { ProfilePart, ServerEntry, ServerPart } from '@gatehouse/policy/documents/manifest';
import { PublishedProfile } from '@gatehouse/policy/documents/profile';
import { ServerFeatures } from '@gatehouse/policy/documents/snapshot';

import { buildActCondition } from '../acts.ts';
import { listDecidedReviews } from '../decided-reviews.ts';
import { listStandingApprovals, toPinnedKey, type PinnedRef, type StandingApproval } from '../offered-entries.ts';
import type { SiteRef } from './site-ref.ts';

/** A leaf that can be built when it is needed. The same `state` always gives the same part. */
export interface Leaf<Part> {
  id: string;
  state: unknown;
  /** null: there is nothing to serve of it */
  build: () => Promise<Part | null>;
}

/**
 * The published profiles of a site and what they use of its servers. What decides a part is read without documents and definitions, which
 * never change under their version and revision: these are read when a part is built.
 */
export async function listCatalogueLeaves(
  tx: TenantTx,
  site: SiteRef,
): Promise<{ profiles: Leaf<ProfilePart>[]; servers: Leaf<ServerPart>[] }> {
  const published = await listPublishedProfiles(tx, site);
  const used = await listUsedEntries(tx, site.tenantId, published);
  const servers = await listReachableServers(tx, site, [...new Set(used.map(({ serverId }) => serverId))]);
  const approvals = await listDecidedApprovals(tx, site, used, [...servers.keys()]);
  return {
    profiles: published.map((profile) => {
      return { id: profile.id, state: profile, build: () => buildProfilePart(tx, site.tenantId, profile) };
    }),
    servers: [...Map.groupBy(approvals, ({ serverId }) => serverId)].flatMap(([id, entries]) => {
      const server = servers.get(id);
      return server ? { id, state: { server, entries }, build: () => buildServerPart(tx, site.tenantId, server, entries) } : [];
    }),
  };
}

interface Published {
  id: string;
  slug: string;
  version: number;
  contentHash: string;
}

/** A published version counts when a person published it with this content. */
function listPublishedProfiles(tx: TenantTx, { tenantId, siteId }: SiteRef): Promise<Published[]> {
  const act = { action: 'profile.publish', entityId: Prisma.sql`v.profile_id` } as const;
  const says = Prisma.sql`act.after ->> 'version' = v.number::text and act.after ->> 'contentHash' = v.content_hash`;
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
}

/** Those of these servers that are enabled and that a person made reachable at the site by this transport. */
async function listReachableServers(
  tx: TenantTx,
  { tenantId, siteId }: SiteRef,
  serverIds: readonly string[],
): Promise<Map<string, ReachableServer>> {
  const act = { action: 'server.create', entityId: Prisma.sql`s.id` } as const;
  const says = Prisma.sql`act.after -> 'transport' = s.transport and act.after -> 'siteIds' ? ${siteId}`;
  const rows = await tx.$queryRaw<(Omit<ReachableServer, 'features'> & { features: unknown })[]>`
    select s.id, s.slug, s.name, s.transport, coalesce(newest.features, '{}') as features
    from server s
    join server_site at on at.tenant_id = s.tenant_id and at.server_id = s.id and at.site_id = ${siteId}::uuid
    left join lateral (
      select features from server_revision where tenant_id = s.tenant_id and server_id = s.id order by number desc limit 1
    ) newest on true
    where s.tenant_id = ${tenantId}::uuid and s.disabled_at is null and s.id = any(${serverIds}::uuid[])
      and ${buildActCondition(Prisma.sql`s`, { ...act, says })}`;
  return new Map(rows.map(({ features, ...row }) => [row.id, { ...row, features: ServerFeatures.parse(features) }]));
}

/** The approvals of what is used that people gave, by kind and name: each carries the act that decided its review. */
async function listDecidedApprovals(
  tx: TenantTx,
  { tenantId, now }: SiteRef,
  used: readonly PinnedRef[],
  serverIds: readonly string[],
): Promise<StandingApproval[]> {
  const wanted = new Set(used.map(toPinnedKey));
  const standing = await listStandingApprovals(tx, { tenantId, now, serverIds, pins: [...new Set(used.map(({ pin }) => pin))] });
  const acts = await listDecidedReviews(tx, tenantId, [...new Set(standing.map(({ reviewId }) => reviewId))]);
  return standing
    .filter((entry) => wanted.has(toPinnedKey(entry)) && acts.has(entry.reviewId) && acts.get(entry.reviewId) === entry.auditId)
    .toSorted((a, b) => (toServerEntryKey(a) < toServerEntryKey(b) ? -1 : 1));
}

async function buildProfilePart(tx: TenantTx, tenantId: string, { id, slug, version }: Published): Promise<ProfilePart> {
  const where = { tenantId_profileId_number: { tenantId, profileId: id, number: version } };
  const { document } = await tx.profileVersion.findUniqueOrThrow({ where, select: { document: true } });
  return ProfilePart.parse({ id, slug, version, ...PublishedProfile.parse(document) });
}

async function buildServerPart(
  tx: TenantTx,
  tenantId: string,
  server: ReachableServer,
  approvals: readonly StandingApproval[],
): Promise<ServerPart | null> {
  const [{ revisionId } = { revisionId: '' }] = approvals;
  const pins = approvals.map(({ pin }) => pin);
  const rows = await tx.revisionEntry.findMany({ where: { tenantId, revisionId, pin: { in: pins } } });
  const definitions = new Map(
    rows.map(({ kind, name, pin, definition }) => [toPinnedKey({ serverId: server.id, kind, name, pin }), definition]),
  );
  const entries = approvals.flatMap((approval) => {
    const { kind, name, pin, risk, logArguments, logResults } = approval;
    const marks = { risk, logArguments: logArguments.toSorted(), logResults: logResults.toSorted() };
    const definition = definitions.get(toPinnedKey(approval));
    const entry = ServerEntry.parse({ kind, name, pin, definition, ...(kind === 'tool' && marks) });
    // the approval is of the pin: another definition under it is not what was approved
    return computePin(entry.definition) === pin ? [entry] : [];
  });
  return entries.length > 0 ? ServerPart.parse({ server, entries }) : null;
}
