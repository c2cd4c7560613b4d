import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { getAuditNames } from './audit-names.ts';

/** What the log can be narrowed to. */
export interface AdminAuditChoices {
  /** those who acted, by name; system jobs by their own */
  actors: { id: string; name: string; kind: string }[];
  /** codes, as `profile.publish` */
  actions: string[];
  entityTypes: string[];
}

/** Of so many newest entries: what nobody has done for long is searched for. */
const NEWEST = 10_000;
const MOST_ACTORS = 200;

/** Who acted in the workspace lately, in which ways, and on what kinds of things. */
export async function getAdminAuditFilters({ ctx }: { ctx: ServiceContext }): Promise<AdminAuditChoices> {
  authorize(ctx, 'admin_audit.read');
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const actors = await tx.$queryRaw<{ id: string; kind: string }[]>`
      select actor_id as id, min(actor_kind) as kind
      from (select actor_id, actor_kind from admin_audit where tenant_id = ${tenantId}::uuid order by at desc limit ${NEWEST}) newest
      group by actor_id order by count(*) desc, actor_id limit ${MOST_ACTORS}`;
    const kinds = await tx.$queryRaw<{ action: string; type: string }[]>`
      select distinct action, entity_type as type
      from (select action, entity_type from admin_audit where tenant_id = ${tenantId}::uuid order by at desc limit ${NEWEST}) newest`;
    const names = await getAuditNames(
      tx,
      tenantId,
      actors.map(({ id }) => ({ actorId: id, entityId: id, before: null, after: null })),
    );
    return {
      actors: actors
        .map(({ id, kind }) => ({ id, kind, name: names.get(id)?.name ?? id }))
        .toSorted((a, b) => a.name.localeCompare(b.name, 'en')),
      actions: [...new Set(kinds.map(({ action }) => action))].toSorted(),
      entityTypes: [...new Set(kinds.map(({ type }) => type))].toSorted(),
    };
  });
}
