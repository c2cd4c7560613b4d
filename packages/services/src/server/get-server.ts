import { ServerFeatures, ServerTransport } from '@gatehouse/policy/documents/snapshot';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { type DiscoveryView, discoveryView } from '../discovery/discovery-view.ts';
import { notFound, parseInput } from '../errors.ts';
import { type PersonName, personNames } from '../person-names.ts';
import { approvedItems } from '../snapshot/approved-items.ts';
import { approvedTools } from '../snapshot/approved-tools.ts';
import { findServer, ServerRef } from './find-server.ts';
import { type ServerItemView, serverItemViews } from './item-views.ts';
import { type ServerToolView, toolViews } from './tool-views.ts';
import {
  type AgentServerHealth,
  agentHealthByServer,
  profileCountByServer,
  SERVER_FACTS,
  type ServerSummary,
  summaryOf,
} from './server-facts.ts';

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
    toolCount: number;
    /** prompts, resources and resource templates */
    itemCount: number;
    reviewId: string | null;
    reviewState: string | null;
  }[];
  /** tools of the newest revision */
  tools: ServerToolView[];
  /** prompts, resources and resource templates of the newest revision */
  items: ServerItemView[];
  /** by the newest revision; null before the first */
  features: ServerFeatures | null;
  latestDiscovery: DiscoveryView | null;
  health: AgentServerHealth[];
}

/** One server with its revisions, the tools of the newest one, and what the agents say. Throws `not_found`. */
export async function getServer({ ctx, input }: { ctx: ServiceContext; input: GetServer }): Promise<ServerDetail> {
  authorize(ctx, 'server.read');
  const ref = parseInput(GetServer, input);
  const { tenantId } = ctx;
  const now = ctx.runtime.now();
  return read(ctx, async (tx) => {
    const { id } = await findServer(tx, tenantId, ref);
    const row = await tx.server.findUnique({ where: { tenantId_id: { tenantId, id } }, select: SERVER_FACTS });
    if (!row) throw notFound('server');
    const health = (await agentHealthByServer(tx, tenantId, now)).get(id) ?? [];
    const which = { tenantId, now, serverIds: [id] };
    const approved = { tools: await approvedTools(tx, which), items: await approvedItems(tx, which) };
    const names = await personNames(tx, tenantId, [row.createdBy]);
    const discovery = await tx.discovery.findFirst({ where: { tenantId, serverId: id }, orderBy: { createdAt: 'desc' } });
    const revisions = await tx.serverRevision.findMany({
      where: { tenantId, serverId: id },
      orderBy: { number: 'desc' },
      take: 50,
      include: { _count: { select: { tools: true, items: true } }, reviews: { select: { id: true, state: true } } },
    });
    return {
      ...summaryOf(row, approved, health, now),
      transport: ServerTransport.parse(row.transport),
      purpose: row.purpose,
      createdAt: row.createdAt,
      createdBy: names.of(row.createdBy),
      disabledAt: row.disabledAt,
      sites: row.sites.map(({ site }) => site),
      profileCount: (await profileCountByServer(tx, tenantId)).get(id) ?? 0,
      revisions: revisions.map(({ id: revisionId, number, createdAt, _count, reviews }) => ({
        id: revisionId,
        number,
        createdAt,
        toolCount: _count.tools,
        itemCount: _count.items,
        reviewId: reviews[0]?.id ?? null,
        reviewState: reviews[0]?.state ?? null,
      })),
      tools: revisions[0] ? await toolViews(tx, { tenantId, now, serverId: id, revisionId: revisions[0].id }) : [],
      items: revisions[0] ? await serverItemViews(tx, { tenantId, now, serverId: id, revisionId: revisions[0].id }) : [],
      features: revisions[0] ? ServerFeatures.parse(revisions[0].features) : null,
      latestDiscovery: discovery ? discoveryView(discovery, now) : null,
      health,
    };
  });
}
