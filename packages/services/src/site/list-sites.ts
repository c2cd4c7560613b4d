import { readEndpointUrl } from '@gatehouse/protocol/endpoint-url';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';

export interface SiteView {
  id: string;
  slug: string;
  name: string;
  endpointUrl: string | null;
  /** newest snapshot; 0: none yet */
  snapshotVersion: number;
  /** agents that are not revoked */
  agentCount: number;
  serverCount: number;
  profileCount: number;
  revision: number;
  createdAt: Date;
}

/** Every site of the workspace, by name. */
export async function listSites({ ctx }: { ctx: ServiceContext }): Promise<SiteView[]> {
  authorize(ctx, 'site.read');
  const sites = await read(ctx, (tx) =>
    tx.site.findMany({
      where: { tenantId: ctx.tenantId, endedAt: null },
      include: { _count: { select: { agents: { where: { revokedAt: null } }, servers: true, profiles: true } } },
      orderBy: { name: 'asc' },
    }),
  );
  return sites.map(({ id, slug, name, endpointUrl, snapshotVersion, revision, createdAt, _count }) => ({
    id,
    slug,
    name,
    endpointUrl: readEndpointUrl(endpointUrl),
    snapshotVersion: Number(snapshotVersion),
    agentCount: _count.agents,
    serverCount: _count.servers,
    profileCount: _count.profiles,
    revision,
    createdAt,
  }));
}
