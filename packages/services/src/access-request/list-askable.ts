import type { AccessRequestState } from '@gatehouse/db/client';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { getOwners, type OwnerView } from '../owner/owner.ts';
import { buildUsableBy } from '../profile/effective-access.ts';
import { ASKABLE } from './askable.ts';

/** Most that are offered; whoever needs another one is given it by name. */
const MOST = 200;

/** A profile that the one who asks for the list has not, and what came of having asked for it. */
export interface AskableProfile {
  id: string;
  name: string;
  description: string;
  owner: OwnerView | null;
  /** the newest one; null: never asked for */
  request: {
    id: string;
    state: AccessRequestState;
    requestedAt: Date;
    wantedUntil: Date | null;
    decidedAt: Date | null;
    /** why it was refused */
    decision: string | null;
  } | null;
}

/** The published profiles by name that one may ask for. No tools and no endpoints of them. */
export async function listAskable({ ctx }: { ctx: ServiceContext }): Promise<AskableProfile[]> {
  authorize(ctx, 'profile.use');
  const { tenantId } = ctx;
  const membershipId = getActorId(ctx.actor);
  return read(ctx, async (tx) => {
    const profiles = await tx.profile.findMany({
      where: { tenantId, ...ASKABLE, NOT: buildUsableBy(membershipId, ctx.runtime.now()) },
      orderBy: [{ name: 'asc' }, { id: 'asc' }],
      take: MOST,
      select: {
        id: true,
        name: true,
        description: true,
        ownerMembershipId: true,
        ownerGroupId: true,
        accessRequests: {
          where: { membershipId },
          orderBy: [{ requestedAt: 'desc' }, { id: 'desc' }],
          take: 1,
          select: { id: true, state: true, requestedAt: true, wantedUntil: true, decidedAt: true, decision: true },
        },
      },
    });
    const owners = await getOwners(tx, tenantId, profiles);
    return profiles.map(({ id, name, description, accessRequests: [request = null], ...columns }) => {
      return { id, name, description, owner: owners.get(columns), request };
    });
  });
}
