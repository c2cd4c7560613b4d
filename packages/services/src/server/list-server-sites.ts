import type { TenantTx } from '@gatehouse/db/tenant';

import { buildSeenQuery } from '../snapshot/offered-entries.ts';

/** A site where a server is reachable, and what the server offers there. */
export interface ServerSite {
  id: string;
  slug: string;
  name: string;
  /** null before anybody has looked */
  revision: number | null;
  /** since when an agent of the site has seen that; null when none has: then the site goes by the last look that somebody asked for */
  observedAt: Date | null;
  agentName: string | null;
  /** what waits for a decision of what it has there */
  openReviewId: string | null;
}

/** Where a server is reachable, by slug. */
export function listServerSites(tx: TenantTx, tenantId: string, serverId: string): Promise<ServerSite[]> {
  return tx.$queryRaw<ServerSite[]>`
    select site.id, site.slug, site.name, revision.number as revision, o.observed_at as "observedAt", agent.name as "agentName",
      review.id as "openReviewId"
    from server s
    cross join lateral (${buildSeenQuery()}) seen
    join site on site.tenant_id = s.tenant_id and site.id = seen.site_id
    left join server_revision revision on revision.tenant_id = s.tenant_id and revision.id = seen.revision_id
    left join review on review.tenant_id = s.tenant_id and review.revision_id = seen.revision_id and review.state = 'open'
    left join observation o on o.tenant_id = s.tenant_id and o.server_id = s.id and o.site_id = site.id and o.revision_id = seen.revision_id
    left join agent on agent.tenant_id = s.tenant_id and agent.id = o.agent_id
    where s.tenant_id = ${tenantId}::uuid and s.id = ${serverId}::uuid
    order by site.slug`;
}
