import { Prisma, type Role } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

/** A membership and the account behind it; null where that is not known. */
export interface Holder {
  /** membership id */
  id: string;
  userId: string | null;
}

/** Somebody who had a link in hand by which a member's account came about, and may have followed it. */
export interface Maker extends Holder {
  isOwner: boolean;
}

/** By membership id: who made the newest link that the member followed, who made that one's, and so on. */
export type Hands = (membershipId: string) => readonly Maker[];

/** Whose hands are asked for, as they were at a time: who follows another link later has decided what was decided. */
export interface HandsAt {
  membershipId: string;
  at: Date;
}

/**
 * In whose hand members' accounts were at these times. Only the newest link that a member had followed counts: with it account and password
 * were new. The operator's links were in nobody's hand.
 */
export async function loadHands(tx: TenantTx, tenantId: string, asked: readonly HandsAt[]): Promise<(at: Date) => Hands> {
  const rows = await tx.$queryRaw<(Maker & { of: string; at: Date })[]>`
    with recursive led (of, at, by) as (
      select m.id, asked.at, m.id from ${buildAsked(asked)} join membership m on m.tenant_id = ${tenantId}::uuid and m.id::text = asked.id
      union
      select led.of, led.at, newest.created_by from led cross join lateral (
        select t.created_by from account_token t
        where t.tenant_id = ${tenantId}::uuid and t.membership_id = led.by and t.used_at <= led.at
        order by t.used_at desc, t.id desc limit 1) newest
      where newest.created_by is not null
    )
    select led.of::text as of, led.at, m.id, m.user_id as "userId", ${buildRoleAt(Prisma.sql`led.at`)} = 'owner' as "isOwner"
    from led join membership m on m.tenant_id = ${tenantId}::uuid and m.id = led.by
    where led.of <> led.by`;
  const makersOf = Map.groupBy(rows, ({ of, at }) => toKey(of, at));
  return (at) => (membershipId) => makersOf.get(toKey(membershipId, at)) ?? [];
}

const toKey = (membershipId: string, at: Date): string => `${membershipId} ${at.getTime()}`;

/** A member at a time, with the role of then. */
export interface MemberAt extends Holder {
  at: Date;
  role: Role;
}

/** Those of these who were members then. */
export async function listMembersAt(tx: TenantTx, tenantId: string, asked: readonly HandsAt[]): Promise<MemberAt[]> {
  return tx.$queryRaw<MemberAt[]>`
    select m.id, m.user_id as "userId", asked.at, ${buildRoleAt(Prisma.sql`asked.at`)} as role
    from ${buildAsked(asked)} join membership m on m.tenant_id = ${tenantId}::uuid and m.id::text = asked.id and m.created_at <= asked.at`;
}

/** The log may name anything as somebody who acted. */
function buildAsked(asked: readonly HandsAt[]): Prisma.Sql {
  const [ids, times] = [asked.map(({ membershipId }) => membershipId), asked.map(({ at }) => at)];
  return Prisma.sql`unnest(${ids}::text[], ${times}::timestamptz[]) asked (id, at)`;
}

/** The role that a membership `m` had then: what the first change since then took away, else what it is now. */
function buildRoleAt(at: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`coalesce((
    select change.before ->> 'role' from admin_audit change
    where change.tenant_id = m.tenant_id and change.entity_id = m.id::text and change.actor_kind = 'person'
      and change.action = 'member.change_role' and change.at > ${at}
    order by change.at, change.id limit 1), m.role::text)`;
}

/** Whether somebody is none of these people, as far as can be told: none of them under another name, and in nobody's hand who had theirs. */
export function isSomebodyElse(hands: Hands, one: Holder, others: readonly Holder[]): boolean {
  return others.every((other) => !isSame(one, other) && findSameHand(hands, one, other) === null);
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
