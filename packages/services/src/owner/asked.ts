import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { type Actor, getActorId } from '../context.ts';
import { denyFor, type Permitted, PERMITTED } from '../permitted.ts';
import { MEMBER_NAME } from '../person-names.ts';
import type { OwnerView } from './owner.ts';

/** Whose consent is asked for before what changes a server or profile takes effect. */
export interface Asked {
  owner: OwnerView;
  /** membership ids of those who can give it, as the database says now */
  bearers: ReadonlySet<string>;
}

/** What the rules below ask about what is agreed to. */
export interface ConsentFacts {
  /** null: nobody owns it, or only who has brought it in */
  asked: Asked | null;
  /** somebody has agreed to exactly this, or gone on without the owner */
  hasConsent: boolean;
  /** it waits, and for the owner alone */
  isSeconded: boolean;
}

/** Somebody who owns a server or profile, alone or in a group. */
interface Bearer extends OwnerView {
  ownedId: string;
  membershipId: string;
  userId: string;
}

const TABLE = { profile: Prisma.sql`profile`, server: Prisma.sql`server` } as const;

/** Everybody who owns one of these now and is there: who has left, or whose account is off, is asked for nothing. */
export async function listOwnerBearers(
  tx: TenantTx,
  tenantId: string,
  { kind, ids }: { kind: keyof typeof TABLE; ids: readonly string[] },
): Promise<Bearer[]> {
  return tx.$queryRaw<Bearer[]>`
    select owned.id as "ownedId", m.id as "membershipId", m.user_id as "userId", coalesce(g.id, m.id) as id,
      case when g.id is null then 'person' else 'group' end as kind, coalesce(g.name, ${MEMBER_NAME}) as name
    from ${TABLE[kind]} owned
    left join person_group g on g.tenant_id = owned.tenant_id and g.id = owned.owner_group_id
    join membership m on m.tenant_id = owned.tenant_id and (m.id = owned.owner_membership_id or exists (
      select from group_member gm where gm.tenant_id = owned.tenant_id and gm.group_id = g.id and gm.membership_id = m.id))
    join "user" u on u.id = m.user_id
    where owned.tenant_id = ${tenantId}::uuid and owned.id = any(${ids}::uuid[]) and m.ended_at is null and u.disabled_at is null`;
}

/** Those of one server or profile who are asked; null: nobody is left. */
export function toAsked(bearers: readonly Bearer[]): Asked | null {
  const [first] = bearers;
  if (!first) return null;
  const { kind, id, name } = first;
  return { owner: { kind, id, name }, bearers: new Set(bearers.map(({ membershipId }) => membershipId)) };
}

/** Whether the actor is one of those who are asked. */
export function isAsked(actor: Actor, asked: Asked | null): boolean {
  return asked?.bearers.has(getActorId(actor)) ?? false;
}

/** Whether what this person does has to wait for the owner: an owner who does it has agreed by that. */
export function takesConsent(actor: Actor, { asked, hasConsent }: Pick<ConsentFacts, 'asked' | 'hasConsent'>): boolean {
  return asked !== null && !hasConsent && !isAsked(actor, asked);
}

/** Whether the actor agrees as the owner; who owns the workspace goes on without the owner, with a reason. */
export function mayConsent(actor: Actor, { asked, hasConsent, isSeconded }: ConsentFacts): Permitted & { takesReason: boolean } {
  const [own, takesReason] = [{ takesReason: false }, { takesReason: true }];
  if (hasConsent) return { ...denyFor('Somebody has agreed to this already.'), ...own };
  if (isAsked(actor, asked)) return { ...PERMITTED, ...own };
  if (asked === null && !isSeconded) return { ...denyFor('No owner is asked about this.'), ...own };
  if (actor.kind === 'person' && actor.role === 'owner') return { ...PERMITTED, ...takesReason };
  return { ...denyFor(`${describeAsked(asked)} An owner of the workspace can go on without, with a reason.`), ...own };
}

/** "Ada owns it and is asked." */
export function describeAsked(asked: Asked | null): string {
  if (asked === null) return 'Whoever owned it is not there any more.';
  const { name, kind } = asked.owner;
  return kind === 'group' ? `Somebody in ${name} has to agree, who own it.` : `${name} has to agree, who owns it.`;
}
