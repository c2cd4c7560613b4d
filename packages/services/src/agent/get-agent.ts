import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';
import type { Withheld } from '@gatehouse/protocol/parts';

import { AddressId } from '../address.ts';
import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { MOST_BESIDE } from '../list/find-page.ts';
import { AGENT_REPORTS, AGENT_ROW, type AgentReports, readReports, toAgentView, type AgentView } from './agent-view.ts';

export const GetAgent = z.strictObject({ agentId: AddressId });
export type GetAgent = z.input<typeof GetAgent>;

export interface AgentDetail extends AgentView, Pick<AgentReports, 'serverHealth'> {
  /** SHA-256 hex of the configuration that the agent says it serves */
  ackedHash: string | null;
  /** with the server or profile; null when there is none any more */
  withheld: (Withheld & { entity: { name: string; slug: string } | null })[];
  /** newest configuration of the site in the form that the agent reads; null: none yet */
  desired: { version: number; contentHash: string; createdAt: Date; notAfter: Date } | null;
  /** how many profiles are published at the agent's site, and the first of them by name */
  profileCount: number;
  profiles: { id: string; slug: string; name: string }[];
}

/** One agent, with what it should serve. Throws `not_found`. */
export async function getAgent({ ctx, input }: { ctx: ServiceContext; input: GetAgent }): Promise<AgentDetail> {
  authorize(ctx, 'agent.read');
  const { agentId } = parseInput(GetAgent, input);
  const { tenantId, runtime } = ctx;
  return read(ctx, async (tx) => {
    const found = await tx.agent.findUnique({
      where: { tenantId_id: { tenantId, id: agentId } },
      select: { ...AGENT_ROW, ...AGENT_REPORTS, ackedHash: true, features: true },
    });
    if (!found) throw createNotFoundError('agent');
    const { ackedHash, features, serverHealth, withheld, ...agent } = found;
    const { siteId, site } = agent;
    const newest = {
      where: { tenantId_siteId_version: { tenantId, siteId, version: site.snapshotVersion } },
      select: { version: true, contentHash: true, createdAt: true, notAfter: true },
    };
    const desired = await (features.includes('parts') ? tx.manifest.findUnique(newest) : tx.snapshot.findUnique(newest));
    const published = { tenantId, disabledAt: null, publishedVersion: { not: null }, sites: { some: { siteId } } };
    const profiles = await tx.profile.findMany({
      where: published,
      select: { id: true, slug: true, name: true },
      orderBy: { name: 'asc' },
      take: MOST_BESIDE,
    });
    const view = toAgentView(agent, runtime.now(), runtime.log);
    const reports = readReports({ id: agentId, serverHealth, withheld }, runtime.log);
    return {
      ...view,
      unreadableReports: view.unreadableReports + reports.unreadable,
      serverHealth: reports.serverHealth,
      withheldCount: reports.withheld.length,
      ackedHash,
      withheld: await nameWithheld(tx, tenantId, reports.withheld),
      desired: desired && { ...desired, version: Number(desired.version) },
      profileCount: await tx.profile.count({ where: published }),
      profiles,
    };
  });
}

async function nameWithheld(tx: TenantTx, tenantId: string, withheld: readonly Withheld[]): Promise<AgentDetail['withheld']> {
  if (withheld.length === 0) return [];
  const query = { where: { tenantId, id: { in: withheld.map(({ id }) => id) } }, select: { id: true, name: true, slug: true } };
  const named = [...(await tx.server.findMany(query)), ...(await tx.profile.findMany(query))];
  const entities = new Map(named.map(({ id, ...entity }) => [id, entity]));
  return withheld.map((item) => ({ ...item, entity: entities.get(item.id) ?? null }));
}
