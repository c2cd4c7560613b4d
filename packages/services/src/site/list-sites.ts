import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import { readEndpointUrl } from '@gatehouse/protocol/endpoint-url';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildSearchCondition } from '../list/list-input.ts';

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

const SORTS = {
  name: { key: Prisma.sql`lower(s.name)`, type: 'text', direction: 'asc' },
  slug: { key: Prisma.sql`s.slug`, type: 'text', direction: 'asc' },
  made: { key: Prisma.sql`s.created_at`, type: 'time', direction: 'desc' },
} as const satisfies Record<string, SortKey>;

export const ListSites = z.strictObject(buildListInput(['name', 'slug', 'made'])).prefault({});
export type ListSites = z.input<typeof ListSites>;

/** The sites of the workspace, by name where nothing else is asked for. */
export async function listSites({ ctx, input }: { ctx: ServiceContext; input?: ListSites }): Promise<ListPage<SiteView>> {
  authorize(ctx, 'site.read');
  const asked = parseInput(ListSites, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const { ids, ...page } = await findPage(tx, {
      from: Prisma.sql`site s`,
      where: Prisma.sql`s.tenant_id = ${tenantId}::uuid and s.ended_at is null
        ${buildSearchCondition([Prisma.sql`s.name`, Prisma.sql`s.slug`, Prisma.sql`s.endpoint_url`], asked.search)}`,
      id: Prisma.sql`s.id`,
      sorts: SORTS,
      input: asked,
    });
    const sites = await tx.site.findMany({
      where: { tenantId, id: { in: ids } },
      include: { _count: { select: { agents: { where: { revokedAt: null } }, servers: true, profiles: true } } },
    });
    const rows = orderByIds(ids, sites, ({ id }) => id).map(
      ({ id, slug, name, endpointUrl, snapshotVersion, revision, createdAt, _count }) => ({
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
      }),
    );
    return { rows, ...page };
  });
}
