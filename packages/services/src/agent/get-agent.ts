import { z } from 'zod';

import { AddressId } from '../address.ts';
import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { AGENT_ROW, toAgentView, type AgentView } from './agent-view.ts';

export const GetAgent = z.strictObject({ agentId: AddressId });
export type GetAgent = z.input<typeof GetAgent>;

export interface AgentDetail extends AgentView {
  siteName: string;
  /** SHA-256 hex of the configuration that the agent says it serves */
  ackedHash: string | null;
  /** newest snapshot of the site; null: none yet */
  desired: { version: number; contentHash: string; createdAt: Date; notAfter: Date } | null;
  /** profiles published at the agent's site */
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
      select: { ...AGENT_ROW, ackedHash: true },
    });
    if (!found) throw createNotFoundError('agent');
    const { ackedHash, ...agent } = found;
    const { siteId, site } = agent;
    const snapshot = await tx.snapshot.findUnique({
      where: { tenantId_siteId_version: { tenantId, siteId, version: site.snapshotVersion } },
      select: { version: true, contentHash: true, createdAt: true, notAfter: true },
    });
    const profiles = await tx.profile.findMany({
      where: { tenantId, disabledAt: null, publishedVersion: { not: null }, sites: { some: { siteId } } },
      select: { id: true, slug: true, name: true },
      orderBy: { name: 'asc' },
    });
    return {
      ...toAgentView(agent, runtime.now(), runtime.log),
      siteName: site.name,
      ackedHash,
      desired: snapshot && { ...snapshot, version: Number(snapshot.version) },
      profiles,
    };
  });
}
