import { countByKind, type EntryCounts } from '@gatehouse/policy/documents/entry-counts';
import { ServerFeatures, ServerTransport } from '@gatehouse/policy/documents/snapshot';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { type DiscoveryView, toDiscoveryView } from '../discovery/discovery-view.ts';
import { createNotFoundError, parseInput } from '../errors.ts';
import { type PersonName, getPersonNames } from '../person-names.ts';
import { countOffered, listOfferedEntries } from '../snapshot/offered-entries.ts';
import { type EntryView, toEntryView } from './entry-view.ts';
import { requireServer, ServerRef } from './require-server.ts';
import {
  type AgentServerHealth,
  getAgentHealthByServer,
  countProfilesByServer,
  SERVER_ROW,
  type ServerSummary,
  toServerSummary,
} from './server-facts.ts';
import { getServerHistories } from './server-histories.ts';

export const GetServer = ServerRef;
export type GetServer = ServerRef;

export interface ServerDetail extends ServerSummary {
  transport: ServerTransport;
  purpose: string;
  createdAt: Date;
  createdBy: PersonName;
  disabledAt: Date | null;
  sites: { id: string; slug: string; name: string }[];
  profileCount: number;
  revisions: {
    id: string;
    number: number;
    createdAt: Date;
    offered: EntryCounts;
    reviewId: string | null;
    reviewState: string | null;
  }[];
  /** of the newest revision, ordered by kind and name, without those whose stored definition cannot be read */
  entries: EntryView[];
  /** by the newest revision; null before the first */
  features: ServerFeatures | null;
  latestDiscovery: DiscoveryView | null;
  health: AgentServerHealth[];
}

/** One server with its revisions, the entries of the newest one, and what the agents say. Throws `not_found`. */
export async function getServer({ ctx, input }: { ctx: ServiceContext; input: GetServer }): Promise<ServerDetail> {
  authorize(ctx, 'server.read');
  const ref = parseInput(GetServer, input);
  const { tenantId } = ctx;
  const { log } = ctx.runtime;
  const now = ctx.runtime.now();
  return read(ctx, async (tx) => {
    const { id } = await requireServer(tx, tenantId, ref);
    const row = await tx.server.findUnique({ where: { tenantId_id: { tenantId, id } }, select: SERVER_ROW });
    const which = { tenantId, now, serverIds: [id] };
    const history = (await getServerHistories(tx, which)).get(id);
    if (!row || !history) throw createNotFoundError('server');
    const health = (await getAgentHealthByServer(tx, which, log)).get(id) ?? [];
    const counts = await countOffered(tx, which);
    const names = await getPersonNames(tx, tenantId, [row.createdBy]);
    const discovery = await tx.discovery.findFirst({ where: { tenantId, serverId: id }, orderBy: { createdAt: 'desc' } });
    const revisions = await tx.serverRevision.findMany({
      where: { tenantId, serverId: id },
      orderBy: { number: 'desc' },
      take: 50,
      include: { reviews: { select: { id: true, state: true } } },
    });
    const entryCounts = await tx.revisionEntry.groupBy({
      by: ['revisionId', 'kind'],
      where: { tenantId, revisionId: { in: revisions.map((revision) => revision.id) } },
      _count: true,
    });
    const countsOf = Map.groupBy(entryCounts, ({ revisionId }) => revisionId);
    const offered = await listOfferedEntries(tx, which);
    return {
      ...toServerSummary(row, history, counts.get(id) ?? [], health, { now, log }),
      transport: ServerTransport.parse(row.transport),
      purpose: row.purpose,
      createdAt: row.createdAt,
      createdBy: names.get(row.createdBy),
      disabledAt: row.disabledAt,
      sites: row.sites.map(({ site }) => site),
      profileCount: (await countProfilesByServer(tx, which)).get(id) ?? 0,
      revisions: revisions.map(({ id: revisionId, number, createdAt, reviews }) => ({
        id: revisionId,
        number,
        createdAt,
        offered: countByKind(countsOf.get(revisionId) ?? [], ({ _count }) => _count),
        reviewId: reviews[0]?.id ?? null,
        reviewState: reviews[0]?.state ?? null,
      })),
      entries: offered.flatMap((entry) => toEntryView(entry, log) ?? []),
      features: revisions[0] ? ServerFeatures.parse(revisions[0].features) : null,
      latestDiscovery: discovery ? toDiscoveryView(discovery, now) : null,
      health,
    };
  });
}
