import type { TenantTx } from '@gatehouse/db/tenant';
import { PublishedProfile } from '@gatehouse/policy/documents/profile';

interface ServedVersion {
  version: number;
  publishedAt: Date;
  publishedBy: string;
  document: PublishedProfile;
}

/** The versions that these profiles are published in, by profile id. */
export async function getPublishedVersions(
  tx: TenantTx,
  tenantId: string,
  profileIds: readonly string[],
): Promise<ReadonlyMap<string, ServedVersion>> {
  const rows = await tx.$queryRaw<(Omit<ServedVersion, 'document'> & { profileId: string; document: unknown })[]>`
    select p.id as "profileId", v.number as version, v.published_at as "publishedAt", v.published_by as "publishedBy", v.document
    from profile p
    join profile_version v on v.tenant_id = p.tenant_id and v.profile_id = p.id and v.number = p.published_version
    where p.tenant_id = ${tenantId}::uuid and p.id = any(${profileIds}::uuid[])`;
  return new Map(
    rows.map(({ profileId, document, ...row }) => [profileId, { ...row, document: PublishedProfile.parse(document) }]),
  );
}
