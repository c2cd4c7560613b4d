import type { TenantTx } from '@gatehouse/db/tenant';
import { readEndpointUrl } from '@gatehouse/protocol/endpoint-url';

/** Where AI clients reach a profile at one site. */
export interface ProfileEndpoint {
  siteId: string;
  siteSlug: string;
  /** null until an agent of the site has connected */
  url: string | null;
}

/**
 * Makes the endpoints of profiles that are served at some of these sites (at any when none is named): the site's own address, else what the
 * agent that was heard last says it listens on.
 */
export async function createEndpointLister(
  tx: TenantTx,
  tenantId: string,
  siteIds?: readonly string[],
): Promise<(profile: { slug: string; siteIds: readonly string[] }) => ProfileEndpoint[]> {
  const sites = await tx.site.findMany({
    where: { tenantId, ...(siteIds ? { id: { in: [...siteIds] } } : {}) },
    orderBy: { slug: 'asc' },
    select: {
      id: true,
      slug: true,
      endpointUrl: true,
      agents: { where: { revokedAt: null }, select: { endpointUrl: true, lastSeenAt: true } },
    },
  });
  const bases = sites.map(({ id, slug, endpointUrl, agents }) => {
    const reported = agents
      .toSorted((a, b) => (b.lastSeenAt?.getTime() ?? 0) - (a.lastSeenAt?.getTime() ?? 0))
      .map((agent) => readEndpointUrl(agent.endpointUrl));
    return { siteId: id, siteSlug: slug, base: [readEndpointUrl(endpointUrl), ...reported].find((url) => url !== null) ?? null };
  });
  return (profile) =>
    bases
      .filter(({ siteId }) => profile.siteIds.includes(siteId))
      .map(({ siteId, siteSlug, base }) => ({
        siteId,
        siteSlug,
        url: base === null ? null : `${base}/p/${profile.slug}/mcp`,
      }));
}
