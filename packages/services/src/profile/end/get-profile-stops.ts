import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput } from '../../errors.ts';
import { listStops, queryKeyStops, queryStops, type Stop, type Stopped, WhatStopsOf } from '../../list/what-stops.ts';
import { MEMBER_NAME } from '../../person-names.ts';
import { EVERY_ACCESS } from '../effective-access.ts';
import { createEndpointLister } from '../endpoints.ts';

/** What would stop, and for whom, were these profiles archived together. What is unknown adds nothing. */
export async function getProfileStops({ ctx, input }: { ctx: ServiceContext; input: WhatStopsOf }): Promise<Stop[]> {
  authorize(ctx, 'profile.publish');
  const { ids } = parseInput(WhatStopsOf, input);
  const { tenantId, runtime } = ctx;
  const now = runtime.now();
  const [tenant, one] = [Prisma.sql`${tenantId}::uuid`, Prisma.sql`any(${ids}::uuid[])`];
  const served = Prisma.sql`p.published_version is not null and p.disabled_at is null`;
  const endpoints = queryStops(
    'endpoint',
    { id: Prisma.sql`s.id::text || '/' || p.id`, name: Prisma.sql`p.name`, slug: Prisma.sql`p.slug`, of: Prisma.sql`s.name` },
    Prisma.sql`from profile p join profile_site ps on ps.tenant_id = p.tenant_id and ps.profile_id = p.id
      join site s on s.tenant_id = ps.tenant_id and s.id = ps.site_id
      where p.tenant_id = ${tenant} and p.id = ${one} and ${served}`,
  );
  const users = queryStops(
    'user',
    { id: Prisma.sql`m.id`, name: MEMBER_NAME },
    Prisma.sql`from membership m left join "user" u on u.id = m.user_id
      where m.tenant_id = ${tenant} and m.ended_at is null and exists (
        select from ${EVERY_ACCESS} access join profile p on p.tenant_id = access.tenant_id and p.id = access.profile_id and ${served}
        where access.tenant_id = m.tenant_id and access.membership_id = m.id and access.profile_id = ${one}
          and (access.until is null or access.until > ${now}::timestamptz))`,
  );
  const keys = queryKeyStops(tenantId, now, Prisma.sql`k.profile_id = ${one} and ${served}`);
  return read(ctx, async (tx) => addAddresses(tx, { tenantId, now }, await listStops(tx, [endpoints, users, keys])));
}

/** The endpoints that are named get the address that AI clients have. */
async function addAddresses(tx: TenantTx, of: { tenantId: string; now: Date }, stops: Stop[]): Promise<Stop[]> {
  const toSiteId = ({ id }: Stopped): string => id.split('/', 1)[0] ?? '';
  const named = stops.find(({ kind }) => kind === 'endpoint')?.first ?? [];
  const endpointsOf = await createEndpointLister(tx, { ...of, siteIds: named.map(toSiteId) });
  const add = (stopped: Stopped): Stopped => {
    const [endpoint] = endpointsOf({ slug: stopped.slug ?? '', siteIds: [toSiteId(stopped)] });
    return { ...stopped, url: endpoint?.url ?? null };
  };
  return stops.map((stop) => (stop.kind === 'endpoint' ? { ...stop, first: stop.first.map(add) } : stop));
}
