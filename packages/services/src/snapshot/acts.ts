import { Prisma } from '@gatehouse/db/client';

/** Which act makes a row: what it is called, which entity it is about, and what it says of the row beyond that. */
interface Act {
  action:
    | 'client_key.create'
    | 'group.add_member'
    | 'profile.grant_access'
    | 'profile.grant_group'
    | 'profile.publish'
    | 'server.create'
    | 'server.change_connection'
    | 'server.update'
    | 'server.set_limits'
    | 'review.decide';
  entityId: Prisma.Sql;
  says?: Prisma.Sql;
  /** where the row holds the id of the act; left out: `audit_id` */
  column?: Prisma.Sql;
}

/**
 * Condition on a row of the table `row`: an act of a person in the log made it. Only the role of the process where people act can write such
 * an act, so a row that another process has put there is not signed. `act` is the log in `says`.
 */
export function buildActCondition(
  row: Prisma.Sql,
  { action, entityId, says = Prisma.sql`true`, column = Prisma.sql`audit_id` }: Act,
): Prisma.Sql {
  return Prisma.sql`exists (
    select from admin_audit act
    where act.tenant_id = ${row}.tenant_id and act.id = ${row}.${column} and act.actor_kind = 'person' and act.action = ${action}
      and act.entity_id = ${entityId}::text and ${says})`;
}
