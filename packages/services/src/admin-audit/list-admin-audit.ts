import { z } from 'zod';

import type { AdminAudit } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';

export const ListAdminAudit = z.object({
  /** `nextCursor` of the page before */
  cursor: z
    .string()
    .regex(/^\d{1,15}_[0-9a-f-]{36}$/)
    .optional(),
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
}): Promise<{ rows: AdminAuditView[]; nextCursor: string | null }> {
  authorize(ctx, 'admin_audit.read');
  const { cursor, limit } = parseInput(ListAdminAudit, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const found = await tx.adminAudit.findMany({
      where: { tenantId, ...buildOlderFilter(cursor) },
      orderBy: [{ at: 'desc' }, { id: 'desc' }],
      take: limit + 1,
    });
    const page = found.slice(0, limit);
    const names = await getActorNames(tx, tenantId, page);
    const rows = page.map(({ id, at, actorKind, actorId, action, entityType, entityId, before, after: later }) => {
      const actorName = names.get(actorId) ?? actorId;
      return { id, at, actorKind, actorId, actorName, action, entityType, entityId, before, after: later };
    });
    const last = page.at(-1);
    return { rows, nextCursor: last && found.length > limit ? `${last.at.getTime()}_${last.id}` : null };
  });
}

function buildOlderFilter(cursor: string | undefined) {
  if (cursor === undefined) return {};
  const [time, id] = cursor.split('_');
  const at = new Date(Number(time));
  return { OR: [{ at: { lt: at } }, { at, id: { lt: id } }] };
}

async function getActorNames(tx: TenantTx, tenantId: string, rows: readonly AdminAudit[]): Promise<Map<string, string>> {
  const idsOf = (kind: string) => [...new Set(rows.filter((row) => row.actorKind === kind).map(({ actorId }) => actorId))];
  const people = await tx.membership.findMany({
    where: { tenantId, id: { in: idsOf('person') } },
    select: { id: true, user: { select: { name: true } } },
  });
  const agents = await tx.agent.findMany({ where: { tenantId, id: { in: idsOf('agent') } }, select: { id: true, name: true } });
  return new Map([
    ...people.map(({ id, user }) => [id, user.name] as const),
    ...agents.map(({ id, name }) => [id, name] as const),
  ]);
}
