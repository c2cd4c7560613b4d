import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildSearchCondition, buildWhen } from '../list/list-input.ts';
import { AGENT_ROW, toAgentView, type AgentView } from './agent-view.ts';
import { buildLabelCondition, LabelFilter } from './labels.ts';
import { countReportsByAgent, type ReportCounts } from './server-reports.ts';
import { AGENT_STATUSES, buildStatusCondition, buildStatusPlace } from './status.ts';

export const ListAgents = z
  .strictObject({
    ...buildListInput(['status', 'name', 'site', 'seen', 'version']),
    siteId: z.uuid().optional(),
    /** those at the sites of this server */
    serverId: z.uuid().optional(),
    status: z.enum(AGENT_STATUSES).optional(),
    /** those that have this label: `region=eu`, or `region` with any value */
    label: LabelFilter.optional(),
    /** those that were archived, in place of those that were not */
    archived: z.boolean().default(false),
  })
  .prefault({});
export type ListAgents = z.input<typeof ListAgents>;

/** `status` is worst first, and by name within one: its keys are of a time, so a page after a minute may begin elsewhere. */
const buildSorts = (now: Date) =>
  ({
    status: { key: Prisma.sql`(${buildStatusPlace(now)} || ' ' || a.name)`, type: 'text', direction: 'asc' },
    name: { key: Prisma.sql`a.name`, type: 'text', direction: 'asc' },
    site: { key: Prisma.sql`(s.slug || ' ' || a.name)`, type: 'text', direction: 'asc' },
    seen: { key: Prisma.sql`coalesce(a.last_seen_at, 'epoch')`, type: 'time', direction: 'desc' },
    version: { key: Prisma.sql`coalesce(a.agent_version, '')`, type: 'text', direction: 'asc' },
  }) as const satisfies Record<string, SortKey>;

export interface AgentListRow extends AgentView {
  /** what it says of servers, counted; `getAgent` has the reports */
  servers: ReportCounts;
}

/** The agents of the tenant, worst status first and then by name where nothing else is asked for. */
export async function listAgents({ ctx, input }: { ctx: ServiceContext; input?: ListAgents }): Promise<ListPage<AgentListRow>> {
  authorize(ctx, 'agent.read');
  const asked = parseInput(ListAgents, input);
  const { tenantId } = ctx;
  const { now, log } = ctx.runtime;
  const at = now();
  return read(ctx, async (tx) => {
    const { ids, ...page } = await findPage(tx, {
      from: Prisma.sql`agent a join site s on s.tenant_id = a.tenant_id and s.id = a.site_id`,
      where: Prisma.sql`a.tenant_id = ${tenantId}::uuid ${buildFilter(asked, at)}`,
      id: Prisma.sql`a.id`,
      sorts: buildSorts(at),
      input: asked,
    });
    const agents = await tx.agent.findMany({ where: { tenantId, id: { in: ids } }, select: AGENT_ROW });
    const getReports = await countReportsByAgent(tx, { tenantId, agentIds: ids });
    const rows = orderByIds(ids, agents, ({ id }) => id).map((agent) => {
      const view = toAgentView(agent, at, log);
      const { withheldCount, ...servers } = getReports(agent.id);
      return { ...view, servers, withheldCount, unreadableReports: view.unreadableReports + servers.unreadable };
    });
    return { rows, ...page };
  });
}

const SEARCHED = ['a.name', 's.name', 's.slug', 'a.hostname', 'a.agent_version', 'a.labels::text'].map((column) =>
  Prisma.raw(column),
);

function buildFilter({ archived, siteId, serverId, status, label, search }: z.output<typeof ListAgents>, at: Date): Prisma.Sql {
  return Prisma.sql`and a.archived_at is ${archived ? Prisma.sql`not null` : Prisma.sql`null`}
    ${buildWhen(siteId, (wanted) => Prisma.sql`a.site_id = ${wanted}::uuid`)}
    ${buildWhen(
      serverId,
      (wanted) => Prisma.sql`a.site_id in (select site_id from server_site at_site
        where at_site.tenant_id = a.tenant_id and at_site.server_id = ${wanted}::uuid)`,
    )}
    ${buildWhen(status, (wanted) => buildStatusCondition(wanted, at))}
    ${buildWhen(label, buildLabelCondition)}
    ${buildSearchCondition(SEARCHED, search)}`;
}
