import type { TenantTx } from '@gatehouse/db/tenant';

/** A membership and the account behind it; null where that is not known. */
interface Holder {
  id: string;
  userId: string | null;
}

/** Somebody who had a link in hand by which a member's account came about, and may have followed it. */
interface Maker extends Holder {
  name: string;
  isOwner: boolean;
}

/** By membership id: who made the newest link that the member followed, who made that one's, and so on. */
export type Hands = (membershipId: string) => readonly Maker[];

/**
 * In whose hand these members' accounts were. Only the newest link that a member followed counts: with it account and password are new. The
 * operator's links were in nobody's hand.
 */
export async function loadHands(tx: TenantTx, tenantId: string, membershipIds: readonly string[]): Promise<Hands> {
  const rows = await tx.$queryRaw<(Maker & { of: string })[]>`
    with recursive led (of, by) as (
      select id, id from unnest(${membershipIds}::uuid[]) id
      union
      select led.of, newest.created_by from led cross join lateral (
        select t.created_by from account_token t
        where t.tenant_id = ${tenantId}::uuid and t.membership_id = led.by and t.used_at is not null
        order by t.used_at desc, t.id desc limit 1) newest
      where newest.created_by is not null
    )
    select led.of::text as of, m.id, m.user_id as "userId", coalesce(u.name, 'Somebody who has left') as name, m.role = 'owner' as "isOwner"
    from led join membership m on m.tenant_id = ${tenantId}::uuid and m.id = led.by left join "user" u on u.id = m.user_id
    where led.of <> led.by`;
  const makersOf = Map.groupBy(rows, ({ of }) => of);
  return (membershipId) => makersOf.get(membershipId) ?? [];
}

/**
 * Who may be behind both of two members: one of the two, or somebody who had the links of both in hand. An owner counts only as one of
 * the two: owners have invited nearly everybody. Null when they are two people as far as can be told.
 */
export function findSameHand(hands: Hands, one: Holder, other: Holder): Maker | null {
  const [ofOne, ofOther] = [hands(one.id), hands(other.id)];
  return (
    ofOne.find((maker) => isSame(maker, other)) ??
    ofOther.find((maker) => isSame(maker, one)) ??
    ofOne.find((maker) => !maker.isOwner && ofOther.some((another) => isSame(maker, another))) ??
    null
  );
}

const isSame = (one: Holder, other: Holder): boolean =>
  one.id === other.id || (one.userId !== null && one.userId === other.userId);
