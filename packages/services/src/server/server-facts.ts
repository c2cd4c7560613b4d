import type { Logger } from 'pino';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { countByKind, type EntryCounts, sumCounts } from '@gatehouse/policy/documents/entry-counts';
import { ServerTransport } from '@gatehouse/policy/documents/snapshot';
import type { ServerHealth } from '@gatehouse/protocol/messages';
import { Withheld } from '@gatehouse/protocol/parts';

import { readServerHealth } from '../agent/agent-view.ts';
import { type AgentFacts, getAgentStatus } from '../agent/status.ts';
import type { OfferCount } from '../snapshot/offered-entries.ts';
import { buildInCondition } from '../sql.ts';
import { parseStored } from '../stored.ts';
import type { ServerHistory } from './server-histories.ts';
import { getServerState, type ServerState } from './state.ts';

/** What is read of a server itself, whatever its history. */
export const SERVER_ROW = {
  id: true,
  slug: true,
  name: true,
  transport: true,
  limits: true,
  revision: true,
  purpose: true,
  createdAt: true,
  createdBy: true,
  disabledAt: true,
  archivedAt: true,
  formerRevisions: true,
  ownerMembershipId: true,
  ownerGroupId: true,
  sites: { select: { site: { select: { id: true, slug: true, name: true } } } },
} as const satisfies Prisma.ServerSelect;

type ServerRow = Prisma.ServerGetPayload<{ select: typeof SERVER_ROW }>;

/** What one agent reports about one server. */
export interface AgentServerHealth {
  agentId: string;
  agentName: string;
  siteSlug: string;
  /** the agent is connected, so the report is fresh */
  live: boolean;
  /** `withheld`: the agent leaves the server out of the configuration that it serves */
  state: ServerHealth['state'] | 'withheld';
  /** why, when it is withheld */
  withheldCode: Withheld['code'] | null;
  /** in the agent's own words: untrusted text */
  error: string | null;
  at: Date | null;
  /** after repeated failures calls are refused until then; null: calls are tried */
  retryAt: Date | null;
  /** what was negotiated last */
  protocolVersion: string | null;
  /** connections, or processes of a stdio server, that are open */
  connections: number;
}

export interface ServerSummary {
  id: string;
  slug: string;
  name: string;
  /** null, like the address, when the stored transport cannot be read */
  kind: ServerTransport['kind'] | null;
  /** URL, or name of the entry in the agent's guardrails */
  address: string | null;
  state: ServerState;
  offered: EntryCounts;
  approved: EntryCounts;
  /** entries that wait for a decision, of any kind */
  pendingCount: number;
  openReviewId: string | null;
  /** connected agents that leave it out of the configuration that they serve */
  withheldBy: number;
  siteSlugs: string[];
  updatedAt: Date;
}

/** Puts together what the queries found of one server, and computes its state. */
export function toServerSummary(
  row: ServerRow,
  history: ServerHistory,
  counts: readonly OfferCount[],
  health: readonly AgentServerHealth[],
  { now, log }: { now: Date; log: Logger },
): ServerSummary {
  const place = { column: 'server.transport', id: row.id };
  const transport = parseStored(() => ServerTransport.parse(row.transport), log, place);
  const approved = countByKind(counts, (count) => count.approved);
  const { openReviewId, pendingCount, changeHeld, lastState, validUntil, discoveryError } = history;
  const state = getServerState({
    archived: row.archivedAt !== null,
    disabled: row.disabledAt !== null,
    approved: sumCounts(approved),
    reviewOpen: openReviewId !== null,
    changeHeld,
    lastDecision: lastState === null ? null : { valid: lastState === 'decided' && validUntil !== null && validUntil > now },
    discoveryUnreachable: discoveryError === 'unreachable' || discoveryError === 'timeout',
    agentHealth: health.filter(({ live }) => live).map((report) => report.state),
  });
  const times = [row.createdAt, row.disabledAt, row.archivedAt, history.revisedAt, history.decidedAt, history.discoveredAt];
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    kind: transport && transport.kind,
    address: transport && getAddress(transport),
    state,
    offered: countByKind(counts, ({ offered }) => offered),
    approved,
    pendingCount,
    openReviewId,
    withheldBy: health.filter((report) => report.live && report.state === 'withheld').length,
    siteSlugs: row.sites.map(({ site }) => site.slug).toSorted(),
    updatedAt: new Date(Math.max(...times.map((time) => time?.getTime() ?? 0))),
  };
}

function getAddress(transport: ServerTransport): string {
  switch (transport.kind) {
    case 'http':
      return transport.url;
    case 'stdio':
      return transport.entry;
    case 'rest':
      return transport.baseUrl;
  }
}

/**
 * What the agents that are not revoked say about each server; about every server when none is named. By server id. What an agent leaves out
 * has no other state, whatever it said of it before. A stored report that cannot be parsed is logged and left out.
 */
export async function getAgentHealthByServer(
  tx: TenantTx,
  { tenantId, now, serverIds }: { tenantId: string; now: Date; serverIds?: readonly string[] },
  log: Logger,
): Promise<ReadonlyMap<string, AgentServerHealth[]>> {
  const rows = await tx.$queryRaw<AgentReport[]>`
    select a.id as "agentId", a.name as "agentName", s.slug as "siteSlug", a.revoked_at as "revokedAt",
      a.quarantined_at as "quarantinedAt", a.last_seen_at as "lastSeenAt", told.report, told.left_out as withheld
    from agent a
    join site s on s.tenant_id = a.tenant_id and s.id = a.site_id
    cross join lateral (
      select report, left_out
      from jsonb_array_elements(case jsonb_typeof(a.server_health) when 'array' then a.server_health else '[]' end) report
      full join jsonb_array_elements(case jsonb_typeof(a.withheld) when 'array' then a.withheld else '[]' end) left_out
        on left_out ->> 'id' = report ->> 'serverId'
    ) told
    where a.tenant_id = ${tenantId}::uuid and a.revoked_at is null
      ${buildInCondition(Prisma.sql`coalesce(told.report ->> 'serverId', told.left_out ->> 'id')`, serverIds, 'text')}`;
  const told = rows.flatMap((row) => readAgentReport(row, now, log) ?? []);
  const byServer = Map.groupBy(told, ({ serverId }) => serverId);
  return new Map([...byServer].map(([serverId, reports]) => [serverId, reports.map(({ health }) => health)]));
}

interface AgentReport extends AgentFacts {
  agentId: string;
  agentName: string;
  siteSlug: string;
  report: unknown;
  withheld: unknown;
}

/** What one row says, of which server; null when it cannot be read. */
function readAgentReport(
  { agentId, agentName, siteSlug, report, withheld, ...facts }: AgentReport,
  now: Date,
  log: Logger,
): { serverId: string; health: AgentServerHealth } | null {
  const who = { agentId, agentName, siteSlug, live: getAgentStatus(facts, now) === 'Connected' };
  if (withheld !== null) {
    const left = parseStored(() => Withheld.parse(withheld), log, { column: 'agent.withheld', id: agentId });
    const untried = { at: null, retryAt: null, protocolVersion: null, connections: 0 };
    return (
      left && {
        serverId: left.id,
        health: { ...who, ...untried, state: 'withheld', withheldCode: left.code, error: left.message },
      }
    );
  }
  const parsed = readServerHealth(report, log, agentId);
  if (!parsed) return null;
  const { serverId, at, retryAt, ...told } = parsed;
  return { serverId, health: { ...who, ...told, withheldCode: null, at: toDate(at), retryAt: toDate(retryAt) } };
}

const toDate = (time: string | null): Date | null => (time === null ? null : new Date(time));

/** In how many enabled profiles, drafts included, something of each server is selected; of every server when none is named. */
export async function countProfilesByServer(
  tx: TenantTx,
  { tenantId, serverIds }: { tenantId: string; serverIds?: readonly string[] },
): Promise<Map<string, number>> {
  const rows = await tx.$queryRaw<{ server_id: string; profiles: number }[]>`
    select entry ->> 'serverId' as server_id, count(distinct p.id)::int as profiles
    from profile p
    left join profile_version v on v.tenant_id = p.tenant_id and v.profile_id = p.id and v.number = p.published_version
    cross join lateral jsonb_array_elements((p.draft -> 'entries') || coalesce(v.document -> 'entries', '[]')) entry
    where p.tenant_id = ${tenantId}::uuid and p.disabled_at is null ${buildInCondition(Prisma.sql`entry ->> 'serverId'`, serverIds, 'text')}
    group by 1`;
  return new Map(rows.map((row) => [row.server_id, row.profiles]));
}
