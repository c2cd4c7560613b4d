import type { TenantTx } from '@gatehouse/db/tenant';

import { describeDeciders, isAuthor, loadPeople, type Subjects } from '../authors.ts';
import { isPermitted } from '../authz.ts';
import { getActorId, type ServiceContext } from '../context.ts';
import { denyFor, type Permitted, PERMITTED } from '../permitted.ts';

/**
 * Whether the actor may switch it on again: what another person has switched off, no author of it does while somebody else could. `by`: the act that did
 * that.
 */
export async function maySwitchOn(
  tx: TenantTx,
  { tenantId, actor }: Pick<ServiceContext, 'tenantId' | 'actor'>,
  { entityType, id, permission, by = 'disable' }: Omit<Subjects, 'ids'> & { id: string; by?: 'disable' | 'archive' },
): Promise<Permitted> {
  const people = (await loadPeople(tx, tenantId, { entityType, ids: [id], permission }))(id);
  const others = describeDeciders(people, actor);
  if (!isPermitted(actor, permission)) return denyFor(`Your role does not switch this on. ${others ?? ''}`.trimEnd());
  const last = await tx.adminAudit.findFirst({
    where: { tenantId, entityId: id, entityType, actorKind: 'person', action: `${entityType}.${by}` },
    orderBy: { id: 'desc' },
    select: { actorId: true },
  });
  if (last === null || last.actorId === getActorId(actor) || others === null) return PERMITTED;
  if (isAuthor(actor, people)) return denyFor(`Somebody else switched this off, and you are an author of it. ${others}`);
  const hand = people.led.get(getActorId(actor));
  if (hand === undefined) return PERMITTED;
  return denyFor(
    `Somebody else switched this off. ${hand} had the link to your account in hand, so it may be an author's. ${others}`,
  );
}
