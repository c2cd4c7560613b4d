import type { Role } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { getPersonNames, type PersonName } from '../person-names.ts';

export interface InvitationView {
  id: string;
  email: string;
  role: Role;
  state: 'open' | 'expired';
  createdAt: Date;
  expiresAt: Date;
  /** who has had the link in hand; null: the operator */
  invitedBy: PersonName | null;
}

/** The invitations that nobody has accepted or withdrawn, newest first. */
export async function listInvitations({ ctx }: { ctx: ServiceContext }): Promise<InvitationView[]> {
  authorize(ctx, 'member.read');
  const { tenantId, runtime } = ctx;
  return read(ctx, async (tx) => {
    const rows = await tx.accountToken.findMany({
      where: { tenantId, kind: 'invitation', usedAt: null, withdrawnAt: null },
      select: { id: true, email: true, role: true, createdAt: true, expiresAt: true, createdBy: true },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    });
    const people = await getPersonNames(
      tx,
      tenantId,
      rows.map(({ createdBy }) => createdBy),
    );
    return rows.map(({ createdBy, ...row }) => ({
      ...row,
      state: row.expiresAt > runtime.now() ? 'open' : 'expired',
      invitedBy: createdBy === null ? null : people.get(createdBy),
    }));
  });
}
