import type { TenantTx } from '@gatehouse/db/tenant';
import { formatSome } from '@gatehouse/policy/names/some-of';

import { ServiceError } from '../../errors.ts';

/** Throws `precondition` when a published profile is served at one of these sites with something of the server: it names them, and what to do. */
export async function refuseLeaving(
  tx: TenantTx,
  { tenantId, serverId, siteIds }: { tenantId: string; serverId: string; siteIds: readonly string[] },
): Promise<void> {
  if (siteIds.length === 0) return;
  const needs = await tx.$queryRaw<{ profile: string; site: string }[]>`
    select p.name as profile, site.name as site
    from profile p
    join profile_version v on v.tenant_id = p.tenant_id and v.profile_id = p.id and v.number = p.published_version
    join profile_site at on at.tenant_id = p.tenant_id and at.profile_id = p.id and at.site_id = any(${siteIds}::uuid[])
    join site on site.tenant_id = at.tenant_id and site.id = at.site_id
    where p.tenant_id = ${tenantId}::uuid and p.disabled_at is null and exists (
      select from jsonb_array_elements(v.document -> 'entries') entry where entry ->> 'serverId' = ${serverId})
    order by site.name, p.name`;
  const [first] = needs;
  if (!first) return;
  const [profiles, sites] = [needs.map(({ profile }) => profile), needs.map(({ site }) => site)].map((names) =>
    formatSome([...new Set(names)]),
  );
  throw new ServiceError(
    'precondition',
    `At ${sites} it is needed by ${profiles}. Publish that without anything of this server, or take it off the site, first.`,
    { field: 'siteIds' },
  );
}
