import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { buildIsDecided, queryWithoutBearers } from '../approver/approvers.ts';
import { isPermitted } from '../authz.ts';
import { type Actor, getActorId } from '../context.ts';
import { buildIsOwned, queryOwnersGone } from '../owner/owner.ts';
import { getPersonNames } from '../person-names.ts';
import { buildNeed, MOST_OF_KIND, type NeedGroup } from './needs.ts';
import { toGroup } from './profile-needs.ts';

interface At {
  tenantId: string;
}

/** Who asks for a profile that the actor decides on. Never the actor's own. */
export async function listAccessRequestNeeds(tx: TenantTx, actor: Actor, { tenantId }: At): Promise<NeedGroup> {
  const rows = await tx.$queryRaw<
    { id: string; name: string; reason: string; membershipId: string; since: Date; until: Date | null; total: number }[]
  >`
    select r.id, p.name, r.reason, r.membership_id as "membershipId", r.requested_at as since, (count(*) over ())::int as total
    from access_request r join profile p on p.tenant_id = r.tenant_id and p.id = r.profile_id
    where r.tenant_id = ${tenantId}::uuid and r.state = 'open' and p.archived_at is null and r.membership_id::text <> ${getActorId(actor)}
      and ${buildIsDecided(actor)}
    order by r.requested_at, r.id
    limit ${MOST_OF_KIND}::int`;
  const names = await getPersonNames(
    tx,
    tenantId,
    rows.map(({ membershipId }) => membershipId),
  );
  return toGroup(rows, ({ id, name, reason, membershipId, since }) => {
    const place = names.get(membershipId).name;
    return buildNeed({ kind: 'access_requested', id, subject: name, place, path: '/access-requests', reason, since });
  });
}

/** Reviews that wait, of servers that the actor owns and whose role does not decide them: the owner agrees to what it offers, now or when it is decided. */
export async function listOwnedReviewNeeds(tx: TenantTx, actor: Actor, { tenantId }: At): Promise<NeedGroup> {
  if (isPermitted(actor, 'review.decide')) return { needs: [], total: 0 };
  const rows = await tx.$queryRaw<{ id: string; name: string; since: Date; total: number }[]>`
    select r.id, owned.name, r.created_at as since, (count(*) over ())::int as total
    from review r join server owned on owned.tenant_id = r.tenant_id and owned.id = r.server_id
    where r.tenant_id = ${tenantId}::uuid and r.state = 'open' and not r.is_seconded and r.consented_by is null and owned.archived_at is null
      and ${buildIsOwned(actor, Prisma.sql`owned`)}
    order by r.created_at, r.id
    limit ${MOST_OF_KIND}::int`;
  return toGroup(rows, ({ id, name, since }) =>
    buildNeed({ kind: 'owned_review', id, subject: name, path: `/reviews/${id}`, since }),
  );
}

/** Servers and profiles whose approvers are gone, or have other roles: nobody decides there. */
export async function listBereftNeeds(tx: TenantTx, { tenantId }: At): Promise<NeedGroup> {
  const rows = await queryWithoutBearers(tx, tenantId, MOST_OF_KIND);
  return toGroup(rows, ({ kind, id, slug, name }) =>
    buildNeed({ kind: 'approvers_gone', id, subject: name, code: kind, path: buildDutiesPath(kind, slug) }),
  );
}

/** Servers and profiles whose owner is gone: nobody answers for them. */
export async function listOwnerlessNeeds(tx: TenantTx, { tenantId }: At): Promise<NeedGroup> {
  const rows = await queryOwnersGone(tx, tenantId, MOST_OF_KIND);
  const names = await getPersonNames(
    tx,
    tenantId,
    rows.map(({ ownerMembershipId }) => ownerMembershipId),
  );
  return toGroup(rows, ({ kind, id, slug, name, ownerMembershipId, groupName }) => {
    const place = ownerMembershipId === null ? `${groupName}, where nobody is left` : names.get(ownerMembershipId).name;
    return buildNeed({ kind: 'owner_gone', id, subject: name, place, code: kind, path: buildDutiesPath(kind, slug) });
  });
}

/** Where it is said who owns a server or profile, and who decides there. */
function buildDutiesPath(kind: 'server' | 'profile', slug: string): string {
  return kind === 'server' ? `/servers/${slug}?tab=people` : `/profiles/${slug}?tab=access`;
}
