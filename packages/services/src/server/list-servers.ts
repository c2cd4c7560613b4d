import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { identifyUpstream } from '@gatehouse/policy/upstream';

import { countReportsByServer } from '../agent/server-reports.ts';
import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildSearchCondition, buildWhen } from '../list/list-input.ts';
import { countOffered } from '../snapshot/offered-entries.ts';
import { countProfilesByServer, SERVER_ROW, type ServerSummary, toServerSummary } from './server-facts.ts';
import { getServerHistories } from './server-histories.ts';

export interface ServerListRow extends ServerSummary {
  /** enabled profiles, drafts included, that select something of it */
  profileCount: number;
}

export const ListServers = z
  .strictObject({
    ...buildListInput(['name', 'changed', 'made']),
    /** those that were archived, and no others */
    archived: z.boolean().default(false),
    /** these alone, archived or not */
    ids: z.array(z.uuid()).max(1_000).optional(),
    siteId: z.uuid().optional(),
    kind: z.enum(['http', 'stdio', 'rest']).optional(),
    /** `review`: something of it waits for a decision; `off`: it is switched off */
    waits: z.enum(['review', 'off']).optional(),
    /** those that are, under whatever name, what this address leads to */
    sameAs: z.object({ kind: z.enum(['http', 'rest']), url: z.url({ protocol: /^https?$/ }).max(2_048) }).optional(),
  })
  .prefault({});
export type ListServers = z.input<typeof ListServers>;

/** What `toServerSummary` takes for the newest thing that happened to it. */
const CHANGED = Prisma.sql`greatest(s.created_at, s.disabled_at, s.archived_at,
  (select r.created_at from server_revision r where r.tenant_id = s.tenant_id and r.server_id = s.id order by r.number desc limit 1),
  (select max(v.decided_at) from review v join server_revision r on r.tenant_id = v.tenant_id and r.id = v.revision_id
    and r.number > s.former_revisions where v.tenant_id = s.tenant_id and v.server_id = s.id),
  (select d.finished_at from discovery d where d.tenant_id = s.tenant_id and d.server_id = s.id order by d.created_at desc limit 1))`;

const SORTS = {
  name: { key: Prisma.sql`lower(s.name)`, type: 'text', direction: 'asc' },
  changed: { key: CHANGED, type: 'time', direction: 'desc' },
  made: { key: Prisma.sql`s.created_at`, type: 'time', direction: 'desc' },
} as const satisfies Record<string, SortKey>;

/** The servers of the tenant that are in use, by name where nothing else is asked for; or those that were archived. */
export async function listServers({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input?: ListServers;
}): Promise<ListPage<ServerListRow>> {
  authorize(ctx, 'server.read');
  const asked = parseInput(ListServers, input);
  const { tenantId } = ctx;
  const { log } = ctx.runtime;
  const now = ctx.runtime.now();
  return read(ctx, async (tx) => {
    const { ids, ...page } = await findServers(tx, tenantId, asked);
    const rows = await tx.server.findMany({ where: { tenantId, id: { in: ids } }, select: SERVER_ROW });
    const which = { tenantId, now, serverIds: ids };
    const histories = await getServerHistories(tx, which);
    const counts = await countOffered(tx, which);
    const getReports = await countReportsByServer(tx, which);
    const profiles = await countProfilesByServer(tx, which);
    const listed = orderByIds(ids, rows, ({ id }) => id).flatMap((row) => {
      const history = histories.get(row.id);
      if (!history) return [];
      const summary = toServerSummary(row, history, counts.get(row.id) ?? [], getReports(row.id), { now, log });
      return [{ ...summary, profileCount: profiles.get(row.id) ?? 0 }];
    });
    return { rows: listed, ...page };
  });
}

const SEARCHED = [
  's.name',
  's.slug',
  's.purpose',
  "s.transport ->> 'url'",
  "s.transport ->> 'entry'",
  "s.transport ->> 'baseUrl'",
].map((column) => Prisma.raw(column));

function findServers(tx: TenantTx, tenantId: string, input: z.output<typeof ListServers>) {
  const { archived, ids, siteId, kind, waits, sameAs, search } = input;
  const which = ids
    ? Prisma.sql`and s.id = any(${ids}::uuid[])`
    : Prisma.sql`and s.archived_at is ${archived ? Prisma.sql`not null` : Prisma.sql`null`}`;
  return findPage(tx, {
    from: Prisma.sql`server s`,
    where: Prisma.sql`s.tenant_id = ${tenantId}::uuid ${which}
      ${buildWhen(
        siteId,
        (wanted) => Prisma.sql`exists (select from server_site there
          where there.tenant_id = s.tenant_id and there.server_id = s.id and there.site_id = ${wanted}::uuid)`,
      )}
      ${buildWhen(kind, (wanted) => Prisma.sql`s.transport ->> 'kind' = ${wanted}`)}
      ${buildWhen(sameAs, (wanted) => Prisma.sql`s.upstream = ${identifyAddress(wanted)}`)}
      ${buildWhen(waits, (wanted) => WAITS[wanted])}
      ${buildSearchCondition(SEARCHED, search)}`,
    id: Prisma.sql`s.id`,
    sorts: SORTS,
    input,
  });
}

function identifyAddress({ kind, url }: { kind: 'http' | 'rest'; url: string }): string {
  // its credential does not make it another one
  return kind === 'http'
    ? identifyUpstream({ kind, url, credential: null })
    : identifyUpstream({ kind, baseUrl: url, credential: null });
}

const WAITS = {
  review: Prisma.sql`exists (select from review v where v.tenant_id = s.tenant_id and v.server_id = s.id and v.state = 'open')`,
  off: Prisma.sql`s.disabled_at is not null`,
};
