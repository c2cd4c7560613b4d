import type { Logger } from 'pino';
import { z } from 'zod';

import type { Prisma } from '@gatehouse/db/client';
import { ServerHealth } from '@gatehouse/protocol/messages';

import { parseStored } from '../stored.ts';
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
  /** parts of its last report that cannot be read; they are left out above */
  unreadableReports: number;
  enrolledAt: Date;
  revokedAt: Date | null;
  quarantinedAt: Date | null;
}

/** Status and numbers are computed here. */
export function toAgentView(agent: AgentRow, now: Date, log: Logger): AgentView {
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
    ...readReports(agent, log),
    enrolledAt,
    revokedAt,
    quarantinedAt,
  };
}

function readReports(
  { id, stdioEntries, serverHealth }: AgentRow,
  log: Logger,
): Pick<AgentView, 'stdioEntries' | 'serverHealth' | 'unreadableReports'> {
  const entries = parseStored(() => z.array(z.string()).parse(stdioEntries), log, { column: 'agent.stdio_entries', id });
  const place = { column: 'agent.server_health', id };
  const reports = parseStored(() => z.array(z.unknown()).parse(serverHealth), log, place);
  const readable = (reports ?? []).flatMap((report) => readServerHealth(report, log, id) ?? []);
  const unread = reports === null ? 1 : reports.length - readable.length;
  return { stdioEntries: entries ?? [], serverHealth: readable, unreadableReports: unread + (entries === null ? 1 : 0) };
}

/** One stored report of a server; null when it cannot be parsed. */
export function readServerHealth(report: unknown, log: Logger, agentId: string): ServerHealth | null {
  return parseStored(() => ServerHealth.parse(report), log, { column: 'agent.server_health', id: agentId });
}
