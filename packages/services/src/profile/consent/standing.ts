import { Prisma, type Profile, type PublishRequest } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { isPermitted, listRolesOf } from '../../authz.ts';
import type { Actor } from '../../context.ts';
import { type Asked, isAsked, listOwnerBearers, toAsked } from '../../owner/asked.ts';
import { buildIsOwned, buildIsOwnedBy } from '../../owner/owner.ts';

/**
 * Who is asked before a new version of a profile takes effect: everybody who owns it, alone or in a group. Null: nobody is there, or it is still of the person
 * who made it, who has said by making it that it is wanted.
 */
export async function loadAsked(
  tx: TenantTx,
  { tenantId, id, ownerMembershipId, createdBy }: Pick<Profile, 'tenantId' | 'id' | 'ownerMembershipId' | 'createdBy'>,
): Promise<Asked | null> {
  if (ownerMembershipId === createdBy) return null;
  return toAsked(await listOwnerBearers(tx, tenantId, { kind: 'profile', ids: [id] }));
}

/** Whoever reads profiles anyway, and who is asked about this one. */
export function maySeeRequest(actor: Actor, asked: Asked | null): boolean {
  return isPermitted(actor, 'profile.read') || isAsked(actor, asked);
}

/** Whoever publishes, and who is asked about this one. */
export function maySendBack(actor: Actor, asked: Asked | null): boolean {
  return isPermitted(actor, 'profile.publish') || isAsked(actor, asked);
}

type Consent = Pick<PublishRequest, 'consentedBy' | 'consentedHash' | 'consentReason'>;

/** Whether somebody agreed to exactly this who owns the profile still, or it goes on without the owner. */
export function hasConsentTo(request: Consent | null, asked: Asked | null, offerHash: string): boolean {
  if (request === null || request.consentedBy === null || request.consentedHash !== offerHash) return false;
  return asked === null || request.consentReason !== null || asked.bearers.has(request.consentedBy);
}

/** What somebody published, and what waits for nobody but the owner. */
export interface Proposal {
  /** membership id */
  by: string;
  at: Date;
  /** of the act in the log */
  auditId: string;
}

/** What somebody published of exactly this who may publish still; null: nobody has. */
export async function findProposal(tx: TenantTx, request: PublishRequest, offerHash: string): Promise<Proposal | null> {
  const { tenantId, proposedBy: by, proposedAt: at, proposedHash, auditId } = request;
  if (by === null || at === null || auditId === null || proposedHash !== offerHash) return null;
  const role = { in: [...listRolesOf('profile.publish')] };
  const person = await tx.membership.findFirst({
    where: { tenantId, id: by, endedAt: null, role, user: { disabledAt: null } },
    select: { id: true },
  });
  return person && { by, at, auditId };
}

/**
 * That a request `r` of a profile `p` waits for the actor, who owns the profile: as `hasConsentTo`, but that of what nobody has published yet any consent
 * counts, because whether it is to exactly this is known only once it is built.
 */
export function buildIsAskedOf(actor: Actor): Prisma.Sql {
  const [p, by] = [Prisma.sql`p`, Prisma.sql`r.consented_by::text`];
  return Prisma.sql`(r.state = 'open' and p.disabled_at is null and p.owner_membership_id is distinct from p.created_by
    and ${buildIsOwned(actor, p)}
    and not (r.consented_by is not null and coalesce(r.proposed_hash = r.consented_hash, true)
      and (r.consent_reason is not null or ${buildIsOwnedBy(by, p)})))`;
}
