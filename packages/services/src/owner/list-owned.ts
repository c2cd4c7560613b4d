import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { DAY_MS } from '../durations.ts';
import { buildIsAskedOf } from '../profile/consent/standing.ts';
import { countPeople } from '../profile/effective-access.ts';
import { buildOwnedBy } from './owner.ts';

/** How far back calls are counted. */
const COUNTED_MS = 30 * DAY_MS;
/** Most of each kind. */
const MOST = 200;

/** What somebody answers for, and how it is used. */
export interface Owned {
  kind: 'profile' | 'server';
  id: string;
  slug: string;
  name: string;
  /** calls of the last thirty days, and how many people made them */
  calls: number;
  callers: number;
  /** of those calls; null: none */
  lastUsedAt: Date | null;
  /** who may use it; null of a server, which is used through profiles */
  people: number | null;
  /** of a server: the review of it that waits for a decision */
  openReviewId: string | null;
  /** of a profile: the request to publish that waits for the one who asks to agree */
  openRequestId: string | null;
}

/** The profiles and servers that the one who asks owns, alone or in a group; those that are archived left out. */
export async function listOwned({ ctx }: { ctx: ServiceContext }): Promise<Owned[]> {
  authorize(ctx, 'profile.use');
  const { tenantId, runtime } = ctx;
  const now = runtime.now();
  const own = { tenantId, archivedAt: null, ...buildOwnedBy(getActorId(ctx.actor)) };
  const common = { orderBy: [{ name: 'asc' as const }, { id: 'asc' as const }], take: MOST };
  return read(ctx, async (tx) => {
    const profiles = await tx.profile.findMany({ where: own, ...common, select: { id: true, slug: true, name: true } });
    const servers = await tx.server.findMany({ where: own, ...common, select: { id: true, slug: true, name: true } });
    const ids = [...profiles, ...servers].map(({ id }) => id);
    const since = new Date(now.getTime() - COUNTED_MS);
    const used = await tx.$queryRaw<(Pick<Owned, 'id' | 'calls' | 'callers'> & { lastUsedAt: Date })[]>`
      select owned.id, use.calls, use.callers, use.at as "lastUsedAt"
      from unnest(${ids}::uuid[]) owned (id) cross join lateral (
        select count(*)::int as calls, count(distinct person_id)::int as callers, max(event_at) as at from receipt
        where tenant_id = ${tenantId}::uuid and (profile_id = owned.id or server_id = owned.id) and received_at > ${since}) use
      where use.calls > 0`;
    const useOf = new Map(used.map(({ id, ...use }) => [id, use]));
    const people = await countPeople(tx, { tenantId, now, profileIds: profiles.map(({ id }) => id) });
    const reviews = await tx.review.findMany({
      where: { tenantId, serverId: { in: servers.map(({ id }) => id) }, state: 'open' },
      select: { id: true, serverId: true },
    });
    const reviewOf = new Map(reviews.map(({ id, serverId }) => [serverId, id]));
    const requests = await tx.$queryRaw<{ id: string; profileId: string }[]>`
      select r.id, r.profile_id as "profileId" from publish_request r join profile p on p.tenant_id = r.tenant_id and p.id = r.profile_id
      where r.tenant_id = ${tenantId}::uuid and p.id = any(${profiles.map(({ id }) => id)}::uuid[]) and ${buildIsAskedOf(ctx.actor)}
      order by r.requested_at desc`;
    const requestOf = new Map(requests.map(({ id, profileId }) => [profileId, id]));
    const none = { calls: 0, callers: 0, lastUsedAt: null };
    return [
      ...profiles.map((row) => ({
        kind: 'profile' as const,
        ...row,
        ...(useOf.get(row.id) ?? none),
        people: people.get(row.id),
        openReviewId: null,
        openRequestId: requestOf.get(row.id) ?? null,
      })),
      ...servers.map((row) => ({
        kind: 'server' as const,
        ...row,
        ...(useOf.get(row.id) ?? none),
        people: null,
        openReviewId: reviewOf.get(row.id) ?? null,
        openRequestId: null,
      })),
    ];
  });
}
