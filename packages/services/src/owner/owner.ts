import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { type Actor, getActorId } from '../context.ts';
import { createNotFoundError } from '../errors.ts';
import { lockGroup } from '../group/require-group.ts';
import { getMemberName, NAMED } from '../person-names.ts';

/** Somebody who is given a duty: a person by membership id, or everybody in a group. */
export const PartyChoice = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('person'), id: z.uuid() }),
  z.strictObject({ kind: z.literal('group'), id: z.uuid() }),
]);
export type PartyChoice = z.infer<typeof PartyChoice>;

/** Who answers for a profile or a server. Null: nobody yet. */
export const OwnerChoice = PartyChoice.nullable();
export type OwnerChoice = z.infer<typeof OwnerChoice>;

/** What a profile or server keeps of its owner: at most one of the two is set. */
export interface OwnerColumns {
  ownerMembershipId: string | null;
  ownerGroupId: string | null;
}

export interface OwnerView {
  kind: 'person' | 'group';
  /** membership id or group id */
  id: string;
  name: string;
}

export function toOwnerColumns(owner: OwnerChoice): OwnerColumns {
  return {
    ownerMembershipId: owner?.kind === 'person' ? owner.id : null,
    ownerGroupId: owner?.kind === 'group' ? owner.id : null,
  };
}

export function toOwnerChoice({ ownerMembershipId, ownerGroupId }: OwnerColumns): OwnerChoice {
  if (ownerMembershipId !== null) return { kind: 'person', id: ownerMembershipId };
  return ownerGroupId === null ? null : { kind: 'group', id: ownerGroupId };
}

/** Owners by name, for each of these rows. A person who has left owns nothing. */
export async function getOwners(
  tx: TenantTx,
  tenantId: string,
  owned: readonly OwnerColumns[],
): Promise<{ get(columns: OwnerColumns): OwnerView | null }> {
  const choices = owned.map(toOwnerChoice);
  const listIds = (kind: OwnerView['kind']) => [...new Set(choices.flatMap((owner) => (owner?.kind === kind ? [owner.id] : [])))];
  const people = await tx.membership.findMany({
    where: { tenantId, id: { in: listIds('person') }, endedAt: null },
    select: { id: true, ...NAMED },
  });
  const groups = await tx.personGroup.findMany({
    where: { tenantId, id: { in: listIds('group') } },
    select: { id: true, name: true },
  });
  const names = new Map([
    ...people.map((row) => [row.id, getMemberName(row)] as const),
    ...groups.map(({ id, name }) => [id, name] as const),
  ]);
  return {
    get: (columns) => {
      const owner = toOwnerChoice(columns);
      const name = owner === null ? undefined : names.get(owner.id);
      return owner === null || name === undefined ? null : { ...owner, name };
    },
  };
}

/** That the actor owns the row of this alias, a profile or a server, alone or in a group: true or false, never null. */
export function buildIsOwned(actor: Actor, row: Prisma.Sql): Prisma.Sql {
  return buildIsOwnedBy(Prisma.sql`${getActorId(actor)}`, row);
}

/** The same of whoever has the membership id that is this text. */
export function buildIsOwnedBy(membershipId: Prisma.Sql, row: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`(coalesce(${row}.owner_membership_id::text = ${membershipId}, false) or exists (
    select from group_member gm
    where gm.tenant_id = ${row}.tenant_id and gm.group_id = ${row}.owner_group_id and gm.membership_id::text = ${membershipId}))`;
}

/** That somebody owns it, alone or in a group: a condition on profiles and servers alike. */
export function buildOwnedBy(membershipId: string): { OR: (Prisma.ProfileWhereInput & Prisma.ServerWhereInput)[] } {
  return { OR: [{ ownerMembershipId: membershipId }, { ownerGroup: { members: { some: { membershipId } } } }] };
}

/** Whoever is given a duty is there, and stays there until this is done. Throws `not_found`. */
export async function requireParty(tx: TenantTx, tenantId: string, { kind, id }: PartyChoice): Promise<void> {
  if (kind === 'group') {
    await lockGroup(tx, tenantId, id);
    return;
  }
  const [person] = await tx.$queryRaw<unknown[]>`
    select 1 from membership where tenant_id = ${tenantId}::uuid and id = ${id}::uuid and ended_at is null for share`;
  if (!person) throw createNotFoundError('person');
}

/** Memberships `m`, of who is there and whose account is on, that own the row of this alias, alone or in a group. */
export function buildOwners(row: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    select m.id from membership m join "user" u on u.id = m.user_id
    where m.tenant_id = ${row}.tenant_id and m.ended_at is null and u.disabled_at is null and ${buildIsOwnedBy(Prisma.sql`m.id::text`, row)}`;
}

/** A server or profile in use whose owner is gone. */
export interface Ownerless {
  kind: 'server' | 'profile';
  id: string;
  slug: string;
  name: string;
  ownerMembershipId: string | null;
  /** name of the group that owns it, in which nobody is who is there; null: one person owned it */
  groupName: string | null;
  /** how many there are */
  total: number;
}

/**
 * Servers and profiles in use that somebody owned who has left or whose account is off, or a group with nobody else in it: nobody answers for them until an
 * owner is named. What nobody was ever to own is none of them.
 */
export function queryOwnersGone(tx: TenantTx, tenantId: string, most: number): Promise<Ownerless[]> {
  const of = (kind: Ownerless['kind']) => Prisma.sql`
    select s.id, ${kind} as kind, s.slug, s.name, s.owner_membership_id as "ownerMembershipId", g.name as "groupName"
    from ${Prisma.raw(kind)} s left join person_group g on g.tenant_id = s.tenant_id and g.id = s.owner_group_id
    where s.tenant_id = ${tenantId}::uuid and s.archived_at is null and (s.owner_membership_id is not null or s.owner_group_id is not null)
      and not exists (${buildOwners(Prisma.sql`s`)})`;
  return tx.$queryRaw<Ownerless[]>`
    select *, (count(*) over ())::int as total from (${of('server')} union all ${of('profile')}) ownerless
    order by name, id limit ${most}::int`;
}
