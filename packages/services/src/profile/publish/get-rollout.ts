import { z } from 'zod';

import type { Prisma } from '@gatehouse/db/client';

import { type AgentStatus, getAgentStatus } from '../../agent/status.ts';
import { read } from '../../audit/mutate.ts';
import { authorize } from '../../authz.ts';
import type { ServiceContext } from '../../context.ts';
import { parseInput } from '../../errors.ts';
import { MOST_BESIDE, orderByIds } from '../../list/find-page.ts';
import { requireProfile, listProfileSiteIds } from '../require-profile.ts';

export const GetRollout = z.strictObject({ profileId: z.uuid() });
export type GetRollout = z.input<typeof GetRollout>;

export interface RolloutRow {
  agentId: string;
  name: string;
  siteName: string;
  status: AgentStatus;
  /** newest configuration of the agent's site; 0 when there is none */
  desiredVersion: number;
  ackedVersion: number;
  ackedAt: Date | null;
  /** the agent confirmed the newest configuration */
  serving: boolean;
  rejected: { version: number; code: string; reason: string; at: Date | null } | null;
}

export interface Rollout {
  /** agents of the profile's sites that are not revoked */
  total: number;
  /** of them: those that confirmed the newest configuration */
  serving: number;
  /** those that do not serve it first, each by name; the first of them */
  agents: RolloutRow[];
}

/** All but the reports on servers, which are long. */
const ROLLOUT_ROW = {
  id: true,
  name: true,
  revokedAt: true,
  quarantinedAt: true,
  lastSeenAt: true,
  ackedVersion: true,
  ackedAt: true,
  rejectedVersion: true,
  rejectedCode: true,
  rejectedReason: true,
  rejectedAt: true,
  site: { select: { slug: true, name: true, snapshotVersion: true } },
} as const satisfies Prisma.AgentSelect;

/** How far the agents of a profile's sites have come with the newest configuration. Revoked agents are left out. */
export async function getRollout({ ctx, input }: { ctx: ServiceContext; input: GetRollout }): Promise<Rollout> {
  authorize(ctx, 'profile.read');
  const { profileId } = parseInput(GetRollout, input);
  const { tenantId } = ctx;
  const now = ctx.runtime.now();
  return read(ctx, async (tx) => {
    const { id } = await requireProfile(tx, tenantId, { profileId });
    const ranked = await tx.$queryRaw<{ id: string; total: number; serving: number }[]>`
      select a.id, count(*) over ()::int as total,
        (count(*) filter (where s.snapshot_version > 0 and a.acked_version = s.snapshot_version) over ())::int as serving
      from agent a join site s on s.tenant_id = a.tenant_id and s.id = a.site_id
      where a.tenant_id = ${tenantId}::uuid and a.revoked_at is null and a.site_id = any(${await listProfileSiteIds(tx, tenantId, id)}::uuid[])
      order by s.snapshot_version > 0 and a.acked_version = s.snapshot_version, a.name, a.id limit ${MOST_BESIDE}`;
    const ids = ranked.map((agent) => agent.id);
    const agents = await tx.agent.findMany({ where: { tenantId, id: { in: ids } }, select: ROLLOUT_ROW });
    const [{ total, serving } = { total: 0, serving: 0 }] = ranked;
    return { total, serving, agents: orderByIds(ids, agents, (agent) => agent.id).map((agent) => toRolloutRow(agent, now)) };
  });
}

function toRolloutRow(agent: Prisma.AgentGetPayload<{ select: typeof ROLLOUT_ROW }>, now: Date): RolloutRow {
  const { rejectedVersion, rejectedCode, rejectedReason, rejectedAt } = agent;
  const rejected = rejectedVersion !== null && {
    version: Number(rejectedVersion),
    code: rejectedCode ?? '',
    reason: rejectedReason ?? '',
    at: rejectedAt,
  };
  return {
    agentId: agent.id,
    name: agent.name,
    siteName: agent.site.name,
    status: getAgentStatus(agent, now),
    desiredVersion: Number(agent.site.snapshotVersion),
    ackedVersion: Number(agent.ackedVersion),
    ackedAt: agent.ackedAt,
    serving: agent.site.snapshotVersion > 0n && agent.ackedVersion === agent.site.snapshotVersion,
    rejected: rejected || null,
  };
}
