import type { Logger } from 'pino';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { countByKind, type EntryCounts, sumCounts } from '@gatehouse/policy/documents/entry-counts';
import { ServerTransport } from '@gatehouse/policy/documents/snapshot';

import { REPORTED_STATES, type StateCounts } from '../agent/server-reports.ts';
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
  siteNames: string[];
  updatedAt: Date;
}

/** Puts together what the queries found of one server, and computes its state. */
export function toServerSummary(
  row: ServerRow,
  history: ServerHistory,
  counts: readonly OfferCount[],
  reports: StateCounts,
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
    agentHealth: REPORTED_STATES.filter((reported) => reports[reported] > 0),
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
    withheldBy: reports.withheld,
    siteNames: row.sites.map(({ site }) => site.name).toSorted((a, b) => a.localeCompare(b, 'en')),
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
