import type { Role } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';

export interface MemberView {
  /** membership id: the person's id in snapshots and receipts */
  id: string;
  name: string;
  /** the address that this workspace invited */
  email: string;
  role: Role;
  createdAt: Date;
}

/** Everybody in the workspace, by name. */
export async function listMembers({ ctx }: { ctx: ServiceContext }): Promise<MemberView[]> {
  authorize(ctx, 'member.read');
  const members = await read(ctx, (tx) =>
    tx.membership.findMany({
      where: { tenantId: ctx.tenantId, endedAt: null },
      select: { id: true, email: true, role: true, createdAt: true, user: { select: { name: true } } },
      orderBy: [{ user: { name: 'asc' } }, { id: 'asc' }],
    }),
  );
  return members.map(({ user, ...member }) => ({ ...member, name: user.name }));
}
