import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { isPermitted } from '../authz.ts';
import type { Actor } from '../context.ts';
import { buildIsOwned, getOwners, type OwnerColumns } from '../owner/owner.ts';
import { getPersonNames } from '../person-names.ts';
import { buildIsAskedOf } from '../profile/consent/standing.ts';
import { buildNeed, MOST_OF_KIND, type NeedGroup } from './needs.ts';
import { type Counted, toGroup } from './profile-needs.ts';

interface At {
  tenantId: string;
}

interface RequestRow extends Counted, OwnerColumns {
  id: string;
  slug: string;
  name: string;
  note: string;
  requestedBy: string;
  requestedAt: Date;
  proposedBy: string | null;
  proposedAt: Date | null;
}

/** Profiles that somebody who may not publish has asked to be published, and nobody has published yet. */
export async function listPublishRequestNeeds(tx: TenantTx, { tenantId }: At): Promise<NeedGroup> {
  const rows = await queryRequests(tx, tenantId, Prisma.sql`r.proposed_by is null`);
  const names = await getPersonNames(
    tx,
    tenantId,
    rows.map(({ requestedBy }) => requestedBy),
  );
  return toGroup(rows, ({ id, slug, name: subject, note, requestedBy, requestedAt: since }) => {
    const [place, reason] = [names.get(requestedBy).name, note || null];
    return buildNeed({ kind: 'publish_requested', id, subject, place, path: `/profiles/${slug}`, reason, since });
  });
}

/** New versions of profiles that the actor owns, which wait for the actor to agree. Who may publish agrees by publishing, so is told of those that are published. */
export async function listOwnedPublishNeeds(tx: TenantTx, actor: Actor, { tenantId }: At): Promise<NeedGroup> {
  const isDue = isPermitted(actor, 'profile.publish') ? Prisma.sql`r.proposed_by is not null` : Prisma.sql`true`;
  const rows = await queryRequests(tx, tenantId, Prisma.sql`${isDue} and ${buildIsAskedOf(actor)}`);
  const names = await getPersonNames(
    tx,
    tenantId,
    rows.map(({ requestedBy, proposedBy }) => proposedBy ?? requestedBy),
  );
  return toGroup(rows, ({ id, name: subject, note, requestedBy, requestedAt, proposedBy, proposedAt }) => {
    const [place, reason, since] = [names.get(proposedBy ?? requestedBy).name, note || null, proposedAt ?? requestedAt];
    return buildNeed({ kind: 'owned_publish', id, subject, place, path: `/publish-requests/${id}`, reason, since });
  });
}

/** What somebody published and what waits for another one than the actor, who owns the profile. */
export async function listPublishWaits(tx: TenantTx, actor: Actor, { tenantId }: At): Promise<NeedGroup> {
  const isOwned = buildIsOwned(actor, Prisma.sql`p`);
  const rows = await queryRequests(tx, tenantId, Prisma.sql`r.proposed_by is not null and not ${isOwned}`);
  const owners = await getOwners(tx, tenantId, rows);
  return toGroup(rows, ({ id, name: subject, proposedAt: since, ...owned }) => {
    const place = owners.get(owned)?.name ?? null;
    return buildNeed({ kind: 'publish_waits', id, subject, place, path: `/publish-requests/${id}`, since });
  });
}

function queryRequests(tx: TenantTx, tenantId: string, isDue: Prisma.Sql): Promise<RequestRow[]> {
  return tx.$queryRaw<RequestRow[]>`
    select r.id, p.slug, p.name, r.note, r.requested_by as "requestedBy", r.requested_at as "requestedAt", r.proposed_by as "proposedBy",
      r.proposed_at as "proposedAt", p.owner_membership_id as "ownerMembershipId", p.owner_group_id as "ownerGroupId",
      (count(*) over ())::int as total
    from publish_request r join profile p on p.tenant_id = r.tenant_id and p.id = r.profile_id
    where r.tenant_id = ${tenantId}::uuid and r.state = 'open' and p.disabled_at is null and ${isDue}
    order by coalesce(r.proposed_at, r.requested_at), r.id
    limit ${MOST_OF_KIND}::int`;
}
