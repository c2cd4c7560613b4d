import type { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { readEndpointUrl } from '@gatehouse/protocol/endpoint-url';

import { type AgentFacts, type AgentStatus, getAgentStatus, isHeard } from '../agent/status.ts';

/** Where AI clients reach a profile at one site. */
export interface ProfileEndpoint {
  siteId: string;
  siteName: string;
  /** null until an agent of the site has connected */
  url: string | null;
  /** an agent of the site is connected, or late at most; who is cut off from here may go on to serve the address */
  isHeard: boolean;
}

const RANKED = {
  endpointUrl: true,
  lastSeenAt: true,
  enrolledAt: true,
  revokedAt: true,
  quarantinedAt: true,
  withheld: true,
} as const satisfies Prisma.AgentSelect;

interface RankedAgent extends AgentFacts {
  enrolledAt: Date;
  withheld: Prisma.JsonValue;
}

/**
 * The agent to send people to comes first: one that is connected before others, then the one that leaves least of the configuration out, then the
 * oldest. Who was heard last says nothing among agents that are connected, and an address that changes with every heartbeat helps nobody.
 */
function compareAgents(a: RankedAgent, b: RankedAgent, now: Date): number {
  const [first, second] = [getAgentStatus(a, now), getAgentStatus(b, now)];
  if (first !== second || first !== 'Connected') {
    return STANDING.indexOf(first) - STANDING.indexOf(second) || (b.lastSeenAt?.getTime() ?? 0) - (a.lastSeenAt?.getTime() ?? 0);
  }
  return countWithheld(a) - countWithheld(b) || a.enrolledAt.getTime() - b.enrolledAt.getTime();
}

const STANDING: readonly AgentStatus[] = ['Connected', 'Late', 'Offline', 'Never connected', 'Quarantined', 'Revoked'];

function countWithheld({ withheld }: RankedAgent): number {
  return Array.isArray(withheld) ? withheld.length : 0;
}

/**
 * Makes the endpoints of profiles that are served at some of these sites (at any when none is named): the site's own address, else what the
 * agent that serves most of the site says it listens on.
 */
export async function createEndpointLister(
  tx: TenantTx,
  { tenantId, now, siteIds }: { tenantId: string; now: Date; siteIds?: readonly string[] },
): Promise<(profile: { slug: string; siteIds: readonly string[] }) => ProfileEndpoint[]> {
  const sites = await tx.site.findMany({
    where: { tenantId, ...(siteIds ? { id: { in: [...siteIds] } } : {}) },
    orderBy: { slug: 'asc' },
    select: {
      id: true,
      name: true,
      endpointUrl: true,
      agents: { where: { revokedAt: null }, select: RANKED },
    },
  });
  const bases = sites.map(({ id, name, endpointUrl, agents }) => {
    const reported = agents.toSorted((a, b) => compareAgents(a, b, now)).map((agent) => readEndpointUrl(agent.endpointUrl));
    const base = [readEndpointUrl(endpointUrl), ...reported].find((url) => url !== null) ?? null;
    return { siteId: id, siteName: name, base, isHeard: agents.some((agent) => isHeard(agent, now)) };
  });
  return (profile) =>
    bases
      .filter(({ siteId }) => profile.siteIds.includes(siteId))
      .map(({ base, ...site }) => ({
        ...site,
        url: base === null ? null : `${base}/p/${profile.slug}/mcp`,
      }));
}
