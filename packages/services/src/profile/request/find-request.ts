import type { Profile, PublishRequest } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { createNotFoundError, ServiceError } from '../../errors.ts';
import type { Asked } from '../../owner/asked.ts';
import { loadAsked } from '../consent/standing.ts';
import { lockProfile } from '../require-profile.ts';

/** The request of a profile that is open: of its draft, or of a roll-back. */
export async function findOpenRequest(
  tx: TenantTx,
  { tenantId, id: profileId }: Pick<Profile, 'tenantId' | 'id'>,
  { rolledBackTo }: Pick<PublishRequest, 'rolledBackTo'>,
): Promise<PublishRequest | null> {
  const of = rolledBackTo === null ? null : { not: null };
  return tx.publishRequest.findFirst({ where: { tenantId, profileId, state: 'open', rolledBackTo: of } });
}

/** A request and its profile, which is locked. */
export interface LockedRequest {
  request: PublishRequest;
  profile: Profile;
  /** who is asked about it */
  asked: Asked | null;
}

/** A request, its profile locked. Throws `not_found`. */
export async function lockRequest(tx: TenantTx, tenantId: string, id: string): Promise<LockedRequest> {
  const where = { tenantId_id: { tenantId, id } };
  const found = await tx.publishRequest.findUnique({ where });
  if (!found) throw createNotFoundError('request');
  const profile = await lockProfile(tx, tenantId, found.profileId);
  return { request: await tx.publishRequest.findUniqueOrThrow({ where }), profile, asked: await loadAsked(tx, profile) };
}

/** Throws `conflict` for what is decided. */
export function refuseDecided({ state }: Pick<PublishRequest, 'state'>): void {
  if (state !== 'open') throw new ServiceError('conflict', 'This request is decided already. Reload the page.');
}
