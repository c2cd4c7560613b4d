import type { TenantTx } from '@gatehouse/db/tenant';

import { loadPeople, type People } from '../../authors.ts';
import { isPermitted } from '../../authz.ts';
import type { Actor } from '../../context.ts';
import { type Asked, type ConsentFacts, isAsked, listOwnerBearers, toAsked } from '../../owner/asked.ts';

/** Of each server who is asked before what is approved of it takes effect: everybody who owns it, alone or in a group, and is no author of it. */
export async function loadAsked(
  tx: TenantTx,
  tenantId: string,
  serverIds: readonly string[],
): Promise<(serverId: string, people: Pick<People, 'authors'>) => Asked | null> {
  const byServer = Map.groupBy(
    await listOwnerBearers(tx, tenantId, { kind: 'server', ids: serverIds }),
    ({ ownedId }) => ownedId,
  );
  // authors brought it in themselves
  return (serverId, { authors }) =>
    toAsked((byServer.get(serverId) ?? []).filter((row) => !authors.has(row.membershipId) && !authors.has(row.userId)));
}

/** Whoever reads reviews anyway, and who is asked about this one. */
export function maySeeReview(actor: Actor, { asked }: Pick<ConsentFacts, 'asked'>): boolean {
  return isPermitted(actor, 'review.read') || isAsked(actor, asked);
}

/** Of one server who is asked. */
export async function loadAskedAbout(tx: TenantTx, tenantId: string, serverId: string): Promise<Asked | null> {
  const ids = [serverId];
  const peopleOf = await loadPeople(tx, tenantId, { entityType: 'server', ids, permission: 'review.decide' });
  return (await loadAsked(tx, tenantId, ids))(serverId, peopleOf(serverId));
}

/** Whoever comments on reviews anyway, and who is asked about this one: before and after having agreed. */
export function mayComment(actor: Actor, { asked }: Pick<ConsentFacts, 'asked'>): boolean {
  return isPermitted(actor, 'review.comment') || isAsked(actor, asked);
}
