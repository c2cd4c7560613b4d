import { z } from 'zod';

import type { Prisma } from '@gatehouse/db/client';
import { ServerHealth } from '@gatehouse/protocol/messages';

import { getAgentStatus, type AgentStatus } from './status.ts';

export const AGENT_WITH_SITE = { site: { select: { slug: true, name: true, snapshotVersion: true } } } as const;

type AgentRow = Prisma.AgentGetPayload<{ include: typeof AGENT_WITH_SITE }>;

/** One agent as the fleet list shows it. */
export interface AgentView {
  id: string;
  name: string;
  siteId: string;
  siteSlug: string;
  status: AgentStatus;
  lastSeenAt: Date | null;
  connectedAt: Date | null;
  disconnectedAt: Date | null;
  agentVersion: string | null;
  /** newest snapshot of the site; 0: none yet */
  desiredVersion: number;
  /** snapshot that the agent says it serves; 0: none yet */
  ackedVersion: number;
  ackedAt: Date | null;
  rejectedVersion: number | null;
  rejectedCode: string | null;
  /** the agent's own words: untrusted text */
  rejectedReason: string | null;
  rejectedAt: Date | null;
  bufferedReceipts: number;
  openSessions: number;
  endpointUrl: string | null;
  /** positive when the agent's clock is ahead */
  clockSkewMs: number | null;
  hostname: string | null;
  platform: string | null;
  stdioEntries: string[];
  serverHealth: ServerHealth[];
  enrolledAt: Date;
  revokedAt: Date | null;
  quarantinedAt: Date | null;
}

/** Status and numbers are computed here; throws when a stored report cannot be parsed. */
export function toAgentView(agent: AgentRow, now: Date): AgentView {
  const {
    id,
    name,
    siteId,
    lastSeenAt,
    connectedAt,
    disconnectedAt,
    agentVersion,
    endpointUrl,
    clockSkewMs,
    hostname,
    platform,
  } = agent;
  const {
    rejectedCode,
    rejectedReason,
    rejectedAt,
    bufferedReceipts,
    openSessions,
    enrolledAt,
    revokedAt,
    quarantinedAt,
    ackedAt,
  } = agent;
  return {
    id,
    name,
    siteId,
    siteSlug: agent.site.slug,
    status: getAgentStatus(agent, now),
    lastSeenAt,
    connectedAt,
    disconnectedAt,
    agentVersion,
    desiredVersion: Number(agent.site.snapshotVersion),
    ackedVersion: Number(agent.ackedVersion),
    ackedAt,
    rejectedVersion: agent.rejectedVersion === null ? null : Number(agent.rejectedVersion),
    rejectedCode,
    rejectedReason,
    rejectedAt,
    bufferedReceipts,
    openSessions,
    endpointUrl,
    clockSkewMs,
    hostname,
    platform,
    stdioEntries: z.array(z.string()).parse(agent.stdioEntries),
    serverHealth: z.array(ServerHealth).parse(agent.serverHealth),
    enrolledAt,
    revokedAt,
    quarantinedAt,
  };
}
