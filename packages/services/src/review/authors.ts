import { Prisma, type Role } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { listRolesOf } from '../authz.ts';
import type { Actor } from '../context.ts';

/** Somebody who takes part in the workspace now. */
export interface Member {
  /** membership id */
  id: string;
  userId: string;
  name: string;
  role: Role;
}

/** Who has to do with what one server offers. */
export interface ReviewPeople {
  /** membership ids, and ids of the accounts behind them: who leaves and comes back is the same person */
  authors: ReadonlySet<string>;
  /** those who may decide: their role does, and they are no authors */
  deciders: readonly Member[];
}

/**
 * What a person may do to a server without becoming an author of what it offers. Everything else that the log says of a server makes one,
 * also what a verb of later does: adding it, importing its description, having an agent look at it.
 */
const NO_AUTHORSHIP = ['server.enable', 'server.disable'];

/** The one answer to "who authored this", for verbs and screens alike. By server id. */
export async function loadReviewPeople(
  tx: TenantTx,
  tenantId: string,
  serverIds: readonly string[],
): Promise<(serverId: string) => ReviewPeople> {
  const rows = await tx.$queryRaw<{ serverId: string; membershipId: string; userId: string | null }[]>`
    select made.server_id as "serverId", made.by as "membershipId", m.user_id as "userId"
    from (
      select id::text as server_id, created_by::text as by from server where tenant_id = ${tenantId}::uuid and id = any(${serverIds}::uuid[])
      union
      select entity_id, actor_id from admin_audit
      where tenant_id = ${tenantId}::uuid and entity_id = any(${serverIds}::text[]) and entity_type = 'server' and actor_kind = 'person'
        and action <> all(${NO_AUTHORSHIP}::text[])
    ) made
    left join membership m on m.tenant_id = ${tenantId}::uuid and m.id::text = made.by`;
  const byServer = Map.groupBy(rows, ({ serverId }) => serverId);
  const members = await listDeciders(tx, tenantId);
  return (serverId) => {
    const made = byServer.get(serverId) ?? [];
    const authors = new Set(
      made.flatMap(({ membershipId, userId }) => (userId === null ? [membershipId] : [membershipId, userId])),
    );
    return { authors, deciders: members.filter(({ id, userId }) => !authors.has(id) && !authors.has(userId)) };
  };
}

/** True when this person brought in what is to be decided, whatever the role is now. */
export function isAuthor(actor: Actor, { authors }: Pick<ReviewPeople, 'authors'>): boolean {
  return actor.kind === 'person' && (authors.has(actor.membershipId) || authors.has(actor.userId));
}

/** Everybody whose role decides reviews, as the database says now. */
async function listDeciders(tx: TenantTx, tenantId: string): Promise<Member[]> {
  const roles = listRolesOf('review.decide').map((role) => Prisma.sql`${role}::role`);
  return tx.$queryRaw<Member[]>`
    select m.id, m.user_id as "userId", u.name, m.role
    from membership m join "user" u on u.id = m.user_id
    where m.tenant_id = ${tenantId}::uuid and m.role in (${Prisma.join(roles)}) and u.disabled_at is null
    order by u.name, m.id`;
}
