import type { Logger } from 'pino';
import { z } from 'zod';

import type { Prisma } from '@gatehouse/db/client';
import { readEndpointUrl } from '@gatehouse/protocol/endpoint-url';
import { ServerHealth } from '@gatehouse/protocol/messages';
import { Withheld } from '@gatehouse/protocol/parts';

import { parseStored } from '../stored.ts';
import { AgentLabels } from './labels.ts';
import { getAgentStatus, type AgentStatus } from './status.ts';

/** What is read of an agent for a list. What it reports of servers is long, and counted there. */
export const AGENT_ROW = {
  id: true,
  name: true,
  siteId: true,
  site: { select: { slug: true, name: true, snapshotVersion: true } },
  lastSeenAt: true,
  connectedAt: true,
  disconnectedAt: true,
  leftBehindAt: true,
  agentVersion: true,
  ackedVersion: true,
  ackedAt: true,
  rejectedVersion: true,
  rejectedCode: true,
  rejectedReason: true,
  rejectedAt: true,
  bufferedReceipts: true,
  openSessions: true,
  endpointUrl: true,
  clockSkewMs: true,
  hostname: true,
  platform: true,
  stdioEntries: true,
  enrolledAt: true,
  revokedAt: true,
  quarantinedAt: true,
  archivedAt: true,
  labels: true,
  revision: true,
} as const satisfies Prisma.AgentSelect;

/** What an agent reports of servers. */
export const AGENT_REPORTS = { serverHealth: true, withheld: true } as const satisfies Prisma.AgentSelect;

type AgentRow = Prisma.AgentGetPayload<{ select: typeof AGENT_ROW }>;
type ReportsRow = Prisma.AgentGetPayload<{ select: typeof AGENT_REPORTS }>;

/** One agent as the fleet list shows it. */
export interface AgentView {
  id: string;
  name: string;
  siteId: string;
  siteName: string;
  siteSlug: string;
  status: AgentStatus;
  lastSeenAt: Date | null;
  connectedAt: Date | null;
  disconnectedAt: Date | null;
  /** when it was last refused because it cannot follow the rotated signing key; null since it was let in */
  leftBehindAt: Date | null;
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
  /** servers and profiles that it leaves out of the configuration that it serves */
  withheldCount: number;
  /** parts of its last report that cannot be read, and are left out */
  unreadableReports: number;
  enrolledAt: Date;
  revokedAt: Date | null;
  quarantinedAt: Date | null;
  /** a revoked agent that the lists leave out */
  archivedAt: Date | null;
  labels: AgentLabels;
  /** that an edit of name and labels is based on */
  revision: number;
}

/** Status and numbers are computed here. */
export function toAgentView(agent: AgentRow, now: Date, log: Logger): Omit<AgentView, 'withheldCount'> {
  const { site, ackedVersion, rejectedVersion, ...shown } = agent;
  const place = { column: 'agent.stdio_entries', id: agent.id };
  const entries = parseStored(() => z.array(z.string()).parse(agent.stdioEntries), log, place);
  return {
    ...shown,
    siteName: site.name,
    siteSlug: site.slug,
    endpointUrl: readEndpointUrl(agent.endpointUrl),
    status: getAgentStatus(agent, now),
    desiredVersion: Number(site.snapshotVersion),
    ackedVersion: Number(ackedVersion),
    rejectedVersion: rejectedVersion === null ? null : Number(rejectedVersion),
    labels: parseStored(() => AgentLabels.parse(agent.labels), log, { column: 'agent.labels', id: agent.id }) ?? {},
    stdioEntries: entries ?? [],
    unreadableReports: entries === null ? 1 : 0,
  };
}

/** What an agent says of servers, whole. */
export interface AgentReports {
  serverHealth: ServerHealth[];
  /** what it leaves out of the configuration that it serves, in its own words: untrusted text */
  withheld: Withheld[];
  /** those that cannot be read, and are left out */
  unreadable: number;
}

/** What of an agent's reports can be read; the rest is logged and counted. */
export function readReports({ id, serverHealth, withheld }: ReportsRow & { id: string }, log: Logger): AgentReports {
  const place = { column: 'agent.server_health', id };
  const reports = parseStored(() => z.array(z.unknown()).parse(serverHealth), log, place);
  const readable = (reports ?? []).flatMap((report) => readServerHealth(report, log, id) ?? []);
  const unread = reports === null ? 1 : reports.length - readable.length;
  const left = parseStored(() => z.array(Withheld).parse(withheld), log, { column: 'agent.withheld', id });
  return {
    serverHealth: readable,
    withheld: left ?? [],
    unreadable: unread + (left === null ? 1 : 0),
  };
}

/** One stored report of a server; null when it cannot be parsed. */
export function readServerHealth(report: unknown, log: Logger, agentId: string): ServerHealth | null {
  return parseStored(() => ServerHealth.parse(report), log, { column: 'agent.server_health', id: agentId });
}
