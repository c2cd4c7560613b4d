import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildWhen } from '../list/list-input.ts';
import { type AuditName, getAuditNames } from './audit-names.ts';
import { buildAuditSearch } from './audit-search.ts';
import { withoutHash } from './details.ts';

const Time = z.union([z.date(), z.iso.datetime().transform((text) => new Date(text))]);

/** What the log is narrowed to, in the list and in an export. */
export const AdminAuditFilters = z.object({
  /** membership or agent id, or the name of a system job */
  actorId: z.string().max(100).optional(),
  action: z.string().max(100).optional(),
  entityType: z.string().max(100).optional(),
  entityId: z.string().max(100).optional(),
  /** at or after */
  from: Time.optional(),
  /** before */
  to: Time.optional(),
});

export const ListAdminAudit = z.object({ ...buildListInput(['time']), ...AdminAuditFilters.shape }).prefault({});
export type ListAdminAudit = z.input<typeof ListAdminAudit>;

export interface AdminAuditView {
  id: string;
  at: Date;
  actorKind: string;
  actorId: string;
  /** as the person or agent is called now; the id when nobody has it any more */
  actorName: string;
  action: string;
  entityType: string;
  entityId: string;
  /** what it was done to; null where nothing is known of that id any more */
  object: AuditName | null;
  before: unknown;
  after: unknown;
  /** by the ids that stand in `before` and `after` */
  named: Record<string, AuditName>;
}

export interface AdminAuditPage extends ListPage<AdminAuditView> {
  /** where the search did not go through the details of older entries: since when it did; what was done, names and ids are found whenever it was */
  detailsFrom: Date | null;
}

const SORTS = { time: { key: Prisma.sql`a.at`, type: 'time', direction: 'desc' } } as const satisfies Record<string, SortKey>;

/** What was done in the workspace, newest first where nothing else is asked for. */
export async function listAdminAudit({ ctx, input }: { ctx: ServiceContext; input?: ListAdminAudit }): Promise<AdminAuditPage> {
  authorize(ctx, 'admin_audit.read');
  const asked = parseInput(ListAdminAudit, input);
  return read(ctx, (tx) => findEntries(tx, ctx.tenantId, asked, { everything: false }));
}

/** A page of the log inside a transaction; `everything`: a search goes through the details of all entries, however long that takes. */
export async function findEntries(
  tx: TenantTx,
  tenantId: string,
  asked: z.output<typeof ListAdminAudit>,
  { everything }: { everything: boolean },
): Promise<AdminAuditPage> {
  const { actorId, action, entityType, entityId, from, to, search } = asked;
  const { condition, detailsFrom } = await buildAuditSearch(tx, { tenantId, search, from, to, everything });
  const { ids, ...page } = await findPage(tx, {
    from: Prisma.sql`admin_audit a`,
    where: Prisma.sql`a.tenant_id = ${tenantId}::uuid
      ${buildWhen(actorId, (wanted) => Prisma.sql`a.actor_id = ${wanted}`)}
      ${buildWhen(action, (wanted) => Prisma.sql`a.action = ${wanted}`)}
      ${buildWhen(entityType, (wanted) => Prisma.sql`a.entity_type = ${wanted}`)}
      ${buildWhen(entityId, (wanted) => Prisma.sql`a.entity_id = ${wanted}`)}
      ${buildWhen(from, (wanted) => Prisma.sql`a.at >= ${wanted}::timestamptz`)}
      ${buildWhen(to, (wanted) => Prisma.sql`a.at < ${wanted}::timestamptz`)}
      ${condition}`,
    id: Prisma.sql`a.id`,
    sorts: SORTS,
    input: asked,
  });
  const found = await tx.adminAudit.findMany({ where: { tenantId, id: { in: ids } } });
  const names = await getAuditNames(tx, tenantId, found);
  const rows = orderByIds(ids, found, ({ id }) => id).map((entry) => ({
    id: entry.id,
    at: entry.at,
    actorKind: entry.actorKind,
    actorId: entry.actorId,
    actorName: names.get(entry.actorId)?.name ?? entry.actorId,
    action: entry.action,
    entityType: entry.entityType,
    entityId: entry.entityId,
    object: names.get(entry.entityId) ?? null,
    before: withoutHash(entry.before),
    after: withoutHash(entry.after),
    named: pickNamed(JSON.stringify([entry.before, entry.after]), names),
  }));
  return { rows, ...page, detailsFrom };
}

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;

function pickNamed(details: string, names: ReadonlyMap<string, AuditName>): Record<string, AuditName> {
  const ids = new Set(details.match(ID) ?? []);
  return Object.fromEntries([...names].filter(([id]) => ids.has(id)));
}
