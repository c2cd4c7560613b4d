import { z } from 'zod';

import { type AccountTokenKind, Prisma, Role } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { read } from '../audit/mutate.ts';
import { authorize, mayReadValues } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { findPage, type ListPage, orderByIds, type SortKey } from '../list/find-page.ts';
import { buildListInput, buildSearchCondition, buildWhen } from '../list/list-input.ts';
import { getMemberName, getPersonNames, MEMBER_NAME, NAMED, type PersonName } from '../person-names.ts';

const SORTS = {
  name: { key: Prisma.sql`lower(${MEMBER_NAME})`, type: 'text', direction: 'asc' },
  email: { key: Prisma.sql`m.email`, type: 'text', direction: 'asc' },
  role: { key: Prisma.sql`m.role::text`, type: 'text', direction: 'asc' },
  seen: { key: Prisma.sql`coalesce(m.last_seen_at, 'epoch')`, type: 'time', direction: 'desc' },
  since: { key: Prisma.sql`m.created_at`, type: 'time', direction: 'desc' },
} as const satisfies Record<string, SortKey>;

export const ListMembers = z
  .strictObject({
    ...buildListInput(['name', 'email', 'role', 'seen', 'since']),
    role: z.enum(Role).optional(),
    /** those that have no access to this profile */
    withoutProfileId: z.uuid().optional(),
  })
  .prefault({});
export type ListMembers = z.input<typeof ListMembers>;

/** The newest link that a member followed: the account is of then, and duties follow who had the link in hand (`hands.ts`). */
export interface FollowedLink {
  kind: AccountTokenKind;
  usedAt: Date;
  /** null: the operator, who is nobody of the workspace */
  madeBy: PersonName | null;
  /** it went by mail, and was in nobody's hand */
  byMail: boolean;
  /** of an invitation that went by mail, or that somebody else has made a new link for since; null otherwise */
  invitedBy: PersonName | null;
}

export interface MemberView {
  /** membership id: the person's id in snapshots and receipts */
  id: string;
  name: string;
  /** the address that this workspace invited */
  email: string;
  role: Role;
  /** may read what arguments and results of other people's calls say */
  readsValues: boolean;
  createdAt: Date;
  /** when the person last opened this workspace in the console, to about a minute; null: not since this is kept */
  lastSeenAt: Date | null;
  /** client keys that work */
  liveKeys: number;
  /** that an edit of name and role is based on */
  revision: number;
  /** null for who was a member before there were links */
  link: FollowedLink | null;
}

/** Who is in the workspace, by name where nothing else is asked for. */
export async function listMembers({ ctx, input }: { ctx: ServiceContext; input?: ListMembers }): Promise<ListPage<MemberView>> {
  authorize(ctx, 'member.read');
  const asked = parseInput(ListMembers, input);
  const { tenantId, runtime } = ctx;
  return read(ctx, async (tx) => {
    const { ids, ...page } = await findMembers(tx, tenantId, asked);
    const members = await tx.membership.findMany({
      where: { tenantId, id: { in: ids }, endedAt: null },
      select: {
        id: true,
        email: true,
        role: true,
        readsValues: true,
        createdAt: true,
        lastSeenAt: true,
        revision: true,
        ...NAMED,
        _count: { select: { clientKeys: { where: { revokedAt: null, expiresAt: { gt: runtime.now() } } } } },
      },
    });
    const links = await loadLinks(tx, tenantId, ids);
    const rows = orderByIds(ids, members, ({ id }) => id).map(({ user, displayName, _count, ...member }) => ({
      ...member,
      name: getMemberName({ user, displayName }),
      readsValues: mayReadValues(member),
      liveKeys: _count.clientKeys,
      link: links.get(member.id) ?? null,
    }));
    return { rows, ...page };
  });
}

function findMembers(tx: TenantTx, tenantId: string, input: z.output<typeof ListMembers>) {
  const { role, withoutProfileId, search } = input;
  return findPage(tx, {
    from: Prisma.sql`membership m join "user" u on u.id = m.user_id`,
    where: Prisma.sql`m.tenant_id = ${tenantId}::uuid and m.ended_at is null
      ${buildWhen(role, (wanted) => Prisma.sql`m.role = ${wanted}::role`)}
      ${buildWhen(
        withoutProfileId,
        (profileId) => Prisma.sql`not exists (select from profile_access has
          where has.tenant_id = m.tenant_id and has.membership_id = m.id and has.profile_id = ${profileId}::uuid)`,
      )}
      ${buildSearchCondition([MEMBER_NAME, Prisma.sql`m.email`], search)}`,
    id: Prisma.sql`m.id`,
    sorts: SORTS,
    input,
  });
}

async function loadLinks(
  tx: TenantTx,
  tenantId: string,
  memberIds: readonly string[],
): Promise<ReadonlyMap<string, FollowedLink>> {
  const rows = await tx.$queryRaw<
    { memberId: string; kind: AccountTokenKind; usedAt: Date; byMail: boolean; madeBy: string | null; invitedBy: string | null }[]
  >`
    select distinct on (t.membership_id) t.membership_id as "memberId", t.kind::text as kind, t.used_at as "usedAt", t.by_mail as "byMail",
      t.created_by::text as "madeBy",
      (select act.actor_id from admin_audit act where act.tenant_id = t.tenant_id and act.entity_id = t.id::text
        and act.actor_kind = 'person' and act.action = 'member.invite' limit 1) as "invitedBy"
    from account_token t
    where t.tenant_id = ${tenantId}::uuid and t.membership_id = any(${memberIds}::uuid[]) and t.used_at is not null
    order by t.membership_id, t.used_at desc, t.id desc`;
  const people = await getPersonNames(
    tx,
    tenantId,
    rows.flatMap(({ madeBy, invitedBy }) => [madeBy, invitedBy]),
  );
  const name = (id: string | null) => (id === null ? null : people.get(id));
  return new Map(
    rows.map(({ memberId, kind, usedAt, byMail, madeBy, invitedBy }) => {
      return [memberId, { kind, usedAt, byMail, madeBy: name(madeBy), invitedBy: invitedBy === madeBy ? null : name(invitedBy) }];
    }),
  );
}
