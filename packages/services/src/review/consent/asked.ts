import type { TenantTx } from '@gatehouse/db/tenant';

import { loadPeople, type People } from '../../authors.ts';
import { isPermitted } from '../../authz.ts';
import { type Actor, getActorId } from '../../context.ts';
import type { OwnerView } from '../../owner/owner.ts';
import { denyFor, type Permitted, PERMITTED } from '../../permitted.ts';
import { MEMBER_NAME } from '../../person-names.ts';

/** Whose consent is asked for before what is approved of a server takes effect. */
export interface Asked {
  owner: OwnerView;
  /** membership ids of those who can give it, as the database says now: authors brought it in themselves */
  bearers: ReadonlySet<string>;
}

/** What the rules below ask about a review. */
export interface ConsentFacts {
  /** null: nobody owns the server, or only who has brought in what it offers */
  asked: Asked | null;
  /** somebody has agreed to what this review is about, or gone on without the owner */
  hasConsent: boolean;
  /** a decision waits, and needs no second person any more */
  isSeconded: boolean;
}

/** Of each server who is asked: everybody who owns it, alone or in a group, and is no author of it. */
export async function loadAsked(
  tx: TenantTx,
  tenantId: string,
  serverIds: readonly string[],
): Promise<(serverId: string, people: Pick<People, 'authors'>) => Asked | null> {
  const rows = await tx.$queryRaw<(OwnerView & { serverId: string; membershipId: string; userId: string })[]>`
    select s.id as "serverId", m.id as "membershipId", m.user_id as "userId", coalesce(g.id, m.id) as id,
      case when g.id is null then 'person' else 'group' end as kind, coalesce(g.name, ${MEMBER_NAME}) as name
    from server s
    left join person_group g on g.tenant_id = s.tenant_id and g.id = s.owner_group_id
    join membership m on m.tenant_id = s.tenant_id and (m.id = s.owner_membership_id or exists (
      select from group_member gm where gm.tenant_id = s.tenant_id and gm.group_id = g.id and gm.membership_id = m.id))
    join "user" u on u.id = m.user_id
    where s.tenant_id = ${tenantId}::uuid and s.id = any(${serverIds}::uuid[]) and m.ended_at is null and u.disabled_at is null`;
  const byServer = Map.groupBy(rows, (row) => row.serverId);
  return (serverId, { authors }) => {
    const asked = (byServer.get(serverId) ?? []).filter((row) => !authors.has(row.membershipId) && !authors.has(row.userId));
    const [first] = asked;
    if (!first) return null;
    const { kind, id, name } = first;
    return { owner: { kind, id, name }, bearers: new Set(asked.map(({ membershipId }) => membershipId)) };
  };
}

/** Whoever reads reviews anyway, and who is asked about this one. */
export function maySeeReview(actor: Actor, { asked }: Pick<ConsentFacts, 'asked'>): boolean {
  return isPermitted(actor, 'review.read') || (asked?.bearers.has(getActorId(actor)) ?? false);
}

/** Of one server who is asked. */
export async function loadAskedAbout(tx: TenantTx, tenantId: string, serverId: string): Promise<Asked | null> {
  const ids = [serverId];
  const peopleOf = await loadPeople(tx, tenantId, { entityType: 'server', ids, permission: 'review.decide' });
  return (await loadAsked(tx, tenantId, ids))(serverId, peopleOf(serverId));
}

/** Whoever comments on reviews anyway, and who is asked about this one: before and after having agreed. */
export function mayComment(actor: Actor, { asked }: Pick<ConsentFacts, 'asked'>): boolean {
  return isPermitted(actor, 'review.comment') || (asked?.bearers.has(getActorId(actor)) ?? false);
}

/** Whether what this person approves has to wait for the owner: an owner who approves has agreed by that. */
export function takesConsent(actor: Actor, { asked, hasConsent }: ConsentFacts): boolean {
  return asked !== null && !hasConsent && !asked.bearers.has(getActorId(actor));
}

/** Whether the actor agrees as the owner; who owns the workspace goes on without the owner, with a reason. */
export function mayConsent(actor: Actor, { asked, hasConsent, isSeconded }: ConsentFacts): Permitted & { takesReason: boolean } {
  const [own, takesReason] = [{ takesReason: false }, { takesReason: true }];
  if (hasConsent) return { ...denyFor('Somebody has agreed to this already.'), ...own };
  if (asked?.bearers.has(getActorId(actor))) return { ...PERMITTED, ...own };
  if (asked === null && !isSeconded) return { ...denyFor('No owner is asked about this.'), ...own };
  if (actor.kind === 'person' && actor.role === 'owner') return { ...PERMITTED, ...takesReason };
  return { ...denyFor(`${describeAsked(asked)} An owner of the workspace can go on without, with a reason.`), ...own };
}

/** "Ada owns it and is asked." */
export function describeAsked(asked: Asked | null): string {
  if (asked === null) return 'Whoever owned this server is not there any more.';
  const { name, kind } = asked.owner;
  return kind === 'group' ? `Somebody in ${name} has to agree, who own it.` : `${name} has to agree, who owns it.`;
}
