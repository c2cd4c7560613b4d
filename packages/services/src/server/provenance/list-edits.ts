import { z } from 'zod';

import type { TenantTx } from '@gatehouse/db/tenant';

import { getPersonNames, type PersonName } from '../../person-names.ts';

/** Edits that are told of, the newest ones. */
const EDITS = 5;

/** What somebody changed of a server, by the admin log. */
export interface ServerEdit {
  at: Date;
  by: PersonName;
  changed: 'connection' | 'description';
  /** the address before and after, where that changed */
  address: { before: string; after: string } | null;
}

const Connected = z.object({ address: z.string() });

/** The newest edits of how a server is reached and what it is called, newest first. */
export async function listEdits(
  tx: TenantTx,
  { tenantId, serverId }: { tenantId: string; serverId: string },
): Promise<ServerEdit[]> {
  const acts = await tx.adminAudit.findMany({
    where: {
      tenantId,
      entityId: serverId,
      entityType: 'server',
      actorKind: 'person',
      action: { in: ['server.change_connection', 'server.update'] },
    },
    orderBy: [{ at: 'desc' }, { id: 'desc' }],
    take: EDITS,
  });
  const names = await getPersonNames(
    tx,
    tenantId,
    acts.map(({ actorId }) => actorId),
  );
  return acts.map(({ at, actorId, action, before, after }) => ({
    at,
    by: names.get(actorId),
    changed: action === 'server.change_connection' ? 'connection' : 'description',
    address: findMove(before, after),
  }));
}

function findMove(before: unknown, after: unknown): ServerEdit['address'] {
  const [from, to] = [Connected.safeParse(before), Connected.safeParse(after)];
  if (!from.success || !to.success || from.data.address === to.data.address) return null;
  return { before: from.data.address, after: to.data.address };
}
