import { z } from 'zod';

import type { AdminAudit, Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { CursorTime, cutPage, type Page, readCursor } from '../cursor.ts';
import { parseInput } from '../errors.ts';
import { getMemberName, NAMED } from '../person-names.ts';

const Position = z.tuple([CursorTime, z.uuid()]);

export const ListAdminAudit = z.object({
  /** `nextCursor` of the page before */
  cursor: z.string().max(500).optional(),
  limit: z.int().min(1).max(200).default(50),
});
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
  before: unknown;
  after: unknown;
}

/** What was done in the workspace, newest first. */
export async function listAdminAudit({
  ctx,
  input = {},
}: {
  ctx: ServiceContext;
  input?: ListAdminAudit;
}): Promise<Page<AdminAuditView>> {
  authorize(ctx, 'admin_audit.read');
  const { cursor, limit } = parseInput(ListAdminAudit, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const found = await tx.adminAudit.findMany({
      where: { tenantId, ...(cursor === undefined ? {} : buildOlderFilter(cursor)) },
      orderBy: [{ at: 'desc' }, { id: 'desc' }],
      take: limit + 1,
    });
    const { page, nextCursor } = cutPage(found, limit, ({ at, id }) => [at.toISOString(), id]);
    const names = await getActorNames(tx, tenantId, page);
    const rows = page.map(({ id, at, actorKind, actorId, action, entityType, entityId, before, after: later }) => {
      const actorName = names.get(actorId) ?? actorId;
      return { id, at, actorKind, actorId, actorName, action, entityType, entityId, before, after: later };
    });
    return { rows, nextCursor };
  });
}

/** What comes after the row that a cursor stands for. */
function buildOlderFilter(cursor: string): Prisma.AdminAuditWhereInput {
  const [at, id] = readCursor(Position, cursor);
  return { OR: [{ at: { lt: at } }, { at, id: { lt: id } }] };
}

async function getActorNames(tx: TenantTx, tenantId: string, rows: readonly AdminAudit[]): Promise<Map<string, string>> {
  const idsOf = (kind: string) => [...new Set(rows.filter((row) => row.actorKind === kind).map(({ actorId }) => actorId))];
  const people = await tx.membership.findMany({
    where: { tenantId, id: { in: idsOf('person') }, endedAt: null },
    select: { id: true, ...NAMED },
  });
  const agents = await tx.agent.findMany({ where: { tenantId, id: { in: idsOf('agent') } }, select: { id: true, name: true } });
  return new Map([
    ...people.map((member) => [member.id, getMemberName(member)] as const),
    ...agents.map(({ id, name }) => [id, name] as const),
  ]);
}
