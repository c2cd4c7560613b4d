import type { AccountTokenKind, Role } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { getMemberName, getPersonNames, NAMED, type PersonName } from '../person-names.ts';

/** The newest link that a member followed: the account is of then, and duties follow who had the link in hand (`hands.ts`). */
export interface FollowedLink {
  kind: AccountTokenKind;
  usedAt: Date;
  /** null: the operator, who is nobody of the workspace */
  madeBy: PersonName | null;
  /** of an invitation that somebody else has made a new link for since; null otherwise */
  invitedBy: PersonName | null;
}

export interface MemberView {
  /** membership id: the person's id in snapshots and receipts */
  id: string;
  name: string;
  /** the address that this workspace invited */
  email: string;
  role: Role;
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

/** Everybody in the workspace, by name. */
export async function listMembers({ ctx }: { ctx: ServiceContext }): Promise<MemberView[]> {
  authorize(ctx, 'member.read');
  const { tenantId, runtime } = ctx;
  return read(ctx, async (tx) => {
    const members = await tx.membership.findMany({
      where: { tenantId, endedAt: null },
      select: {
        id: true,
        email: true,
        role: true,
        createdAt: true,
        lastSeenAt: true,
        revision: true,
        ...NAMED,
        _count: { select: { clientKeys: { where: { revokedAt: null, expiresAt: { gt: runtime.now() } } } } },
      },
      orderBy: { id: 'asc' },
    });
    const links = await loadLinks(tx, tenantId);
    return members
      .map(({ user, displayName, _count, ...member }) => ({
        ...member,
        name: getMemberName({ user, displayName }),
        liveKeys: _count.clientKeys,
        link: links.get(member.id) ?? null,
      }))
      .toSorted((a, b) => a.name.localeCompare(b.name, 'en'));
  });
}

async function loadLinks(tx: TenantTx, tenantId: string): Promise<ReadonlyMap<string, FollowedLink>> {
  const rows = await tx.$queryRaw<
    { memberId: string; kind: AccountTokenKind; usedAt: Date; madeBy: string | null; invitedBy: string | null }[]
  >`
    select distinct on (t.membership_id) t.membership_id as "memberId", t.kind::text as kind, t.used_at as "usedAt", t.created_by::text as "madeBy",
      (select act.actor_id from admin_audit act where act.tenant_id = t.tenant_id and act.entity_id = t.id::text
        and act.actor_kind = 'person' and act.action = 'member.invite' limit 1) as "invitedBy"
    from account_token t where t.tenant_id = ${tenantId}::uuid and t.membership_id is not null and t.used_at is not null
    order by t.membership_id, t.used_at desc, t.id desc`;
  const people = await getPersonNames(
    tx,
    tenantId,
    rows.flatMap(({ madeBy, invitedBy }) => [madeBy, invitedBy]),
  );
  const name = (id: string | null) => (id === null ? null : people.get(id));
  return new Map(
    rows.map(({ memberId, kind, usedAt, madeBy, invitedBy }) => {
      return [memberId, { kind, usedAt, madeBy: name(madeBy), invitedBy: invitedBy === madeBy ? null : name(invitedBy) }];
    }),
  );
}
