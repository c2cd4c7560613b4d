import { z } from 'zod';

import type { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { Slug } from '@gatehouse/policy/documents/definition';
import { readEndpointUrl } from '@gatehouse/protocol/endpoint-url';

import { type AgentStatus, getAgentStatus } from '../agent/status.ts';
import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { MOST_BESIDE } from '../list/find-page.ts';

export const GetSite = z.strictObject({ slug: Slug });
export type GetSite = z.input<typeof GetSite>;

/** Something at a site, as a link names it. */
export interface AtSite {
  id: string;
  slug: string;
  name: string;
}

export interface SiteDetail extends AtSite {
  revision: number;
  /** where AI clients reach the site's agents; null: what the agent reports */
  endpointUrl: string | null;
  createdAt: Date;
  /** newest configuration; null: none yet */
  configuration: { version: number; createdAt: Date; notAfter: Date } | null;
  /** those that are not archived, by name; of each kind the first, and `counts` says how many there are */
  agents: { id: string; name: string; status: AgentStatus; ackedVersion: number; endpointUrl: string | null }[];
  servers: (AtSite & { disabledAt: Date | null; archivedAt: Date | null })[];
  /** of those that are not published the version is null */
  profiles: (AtSite & { publishedVersion: number | null; disabledAt: Date | null; archivedAt: Date | null })[];
  counts: { agents: number; servers: number; profiles: number };
  /** what keeps it from being deleted: agents that are not revoked, servers and profiles */
  inUse: { agents: number; servers: number; profiles: number };
}

/** One site with what is there. Throws `not_found`. */
export async function getSite({ ctx, input }: { ctx: ServiceContext; input: GetSite }): Promise<SiteDetail> {
  authorize(ctx, 'site.read');
  const { slug } = parseInput(GetSite, input);
  const { tenantId, runtime } = ctx;
  const now = runtime.now();
  return read(ctx, async (tx) => {
    const site = await tx.site.findUnique({ where: { tenantId_slug: { tenantId, slug }, endedAt: null }, include: THERE });
    if (!site) throw createNotFoundError('site');
    const { id, name, revision, createdAt } = site;
    const agents = site.agents.map(({ ackedVersion, endpointUrl, ...agent }) => ({
      id: agent.id,
      name: agent.name,
      status: getAgentStatus(agent, now),
      ackedVersion: Number(ackedVersion),
      endpointUrl: readEndpointUrl(endpointUrl),
    }));
    const [servers, profiles] = [site.servers.map(({ server }) => server), site.profiles.map(({ profile }) => profile)];
    return {
      id,
      slug,
      name,
      revision,
      createdAt,
      endpointUrl: readEndpointUrl(site.endpointUrl),
      configuration: await findConfiguration(tx, tenantId, site),
      agents,
      servers,
      profiles,
      counts: site._count,
      inUse: {
        ...site._count,
        agents: await tx.agent.count({ where: { tenantId, siteId: id, archivedAt: null, revokedAt: null } }),
      },
    };
  });
}

const NAMED = { id: true, slug: true, name: true, disabledAt: true, archivedAt: true } as const;

const THERE = {
  agents: {
    where: { archivedAt: null },
    select: {
      id: true,
      name: true,
      ackedVersion: true,
      endpointUrl: true,
      revokedAt: true,
      quarantinedAt: true,
      lastSeenAt: true,
    },
    orderBy: { name: 'asc' },
    take: MOST_BESIDE,
  },
  servers: { select: { server: { select: NAMED } }, orderBy: { server: { name: 'asc' } }, take: MOST_BESIDE },
  profiles: {
    select: { profile: { select: { ...NAMED, publishedVersion: true } } },
    orderBy: { profile: { name: 'asc' } },
    take: MOST_BESIDE,
  },
  _count: { select: { agents: { where: { archivedAt: null } }, servers: true, profiles: true } },
} as const satisfies Prisma.SiteInclude;

async function findConfiguration(
  tx: TenantTx,
  tenantId: string,
  { id: siteId, snapshotVersion: version }: { id: string; snapshotVersion: bigint },
): Promise<SiteDetail['configuration']> {
  const newest = {
    where: { tenantId_siteId_version: { tenantId, siteId, version } },
    select: { createdAt: true, notAfter: true },
  };
  const found = (await tx.manifest.findUnique(newest)) ?? (await tx.snapshot.findUnique(newest));
  return found && { version: Number(version), ...found };
}
