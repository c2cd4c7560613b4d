import { z } from 'zod';

import type { Profile } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { AddressSlug } from '../address.ts';
import { isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { createNotFoundError } from '../errors.ts';
import { getAccess } from './effective-access.ts';

/** A profile by its id or by its slug. */
export const ProfileRef = z.union([z.strictObject({ profileId: z.uuid() }), z.strictObject({ slug: AddressSlug })]);
export type ProfileRef = z.infer<typeof ProfileRef>;

/** Throws `not_found`. */
export async function requireProfile(tx: TenantTx, tenantId: string, ref: ProfileRef): Promise<Profile> {
  const profile = await tx.profile.findUnique({
    where: 'slug' in ref ? { tenantId_slug: { tenantId, slug: ref.slug } } : { tenantId_id: { tenantId, id: ref.profileId } },
  });
  if (!profile) throw createNotFoundError('profile');
  return profile;
}

/**
 * A profile as the actor may see it, and whether the actor may connect an AI client to it. Members see only enabled profiles that they
 * have access to; the others are `not_found`, like an unknown one.
 */
export async function requireVisibleProfile(
  tx: TenantTx,
  { tenantId, actor, runtime }: Pick<ServiceContext, 'tenantId' | 'actor' | 'runtime'>,
  ref: ProfileRef,
): Promise<{ profile: Profile; hasAccess: boolean }> {
  const profile = await requireProfile(tx, tenantId, ref);
  const own = { tenantId, profileId: profile.id, membershipId: getActorId(actor), now: runtime.now() };
  const { hasAccess } = await getAccess(tx, own);
  if (!isPermitted(actor, 'profile.read') && (!hasAccess || profile.disabledAt !== null)) throw createNotFoundError('profile');
  return { profile, hasAccess };
}

/** Takes the row lock under which draft, versions and access change. Throws `not_found`. */
export async function lockProfile(tx: TenantTx, tenantId: string, profileId: string): Promise<Profile> {
  await tx.$queryRaw`select 1 from profile where tenant_id = ${tenantId}::uuid and id = ${profileId}::uuid for update`;
  return requireProfile(tx, tenantId, { profileId });
}

/** Ids of the sites where a profile is served. */
export async function listProfileSiteIds(tx: TenantTx, tenantId: string, profileId: string): Promise<string[]> {
  const rows = await tx.profileSite.findMany({ where: { tenantId, profileId }, select: { siteId: true } });
  return rows.map(({ siteId }) => siteId);
}
