import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import type { ServiceContext } from './context.ts';
import { createNotFoundError, ServiceError } from './errors.ts';
import { type PersonName, getPersonNames } from './person-names.ts';

/** What people edit: each is a row that counts its edits in `revision`. */
export type EditedKind = 'agent' | 'membership' | 'person_group' | 'profile' | 'server' | 'site' | 'tenant';

/** The `revision` that an editor saw, as every verb that edits takes it. */
export const SeenRevision = z.int().min(1).max(2_147_483_647);

/** What somebody else made of it meanwhile. Told only to whoever may edit it. */
export interface EditConflict<Values extends object = object> {
  /** of what is there now: what the next attempt is based on */
  revision: number;
  /** who edited it last; null: nobody whom the log knows */
  changedBy: PersonName | null;
  changedAt: Date | null;
  /** the fields of the verb's own input as they are now */
  present: Values;
}

/** A `conflict` that carries both sides: the form that gets it shows them field by field, and nothing typed is lost. */
export class EditConflictError extends ServiceError {
  readonly conflict: EditConflict;

  constructor(message: string, conflict: EditConflict) {
    super('conflict', message);
    this.conflict = conflict;
  }
}

/** What is edited, and from where. */
export interface Edit<Values extends object> {
  kind: EditedKind;
  /** which column counts these edits, where a row has a part that is edited apart from the rest; left out: `revision` */
  column?: 'draft_revision';
  /** as a message calls it: "server" */
  noun: string;
  id: string;
  /** the revision that the editor saw */
  seen: number;
  /** the actions of the log that raise the revision, for who was first */
  actions: readonly string[];
  /** Reads the fields of the input as they are now; called only when somebody else was first. */
  readPresent: () => Promise<Values> | Values;
}

/**
 * Inside of `mutate`, before anything is written: counts this edit and holds the row's lock until the transaction ends, so that of two editors who
 * saw the same one is first. Gives the new revision. Throws EditConflictError when somebody else was, and `not_found`.
 */
export async function countEdit<Values extends object>(
  tx: TenantTx,
  { tenantId }: Pick<ServiceContext, 'tenantId'>,
  edit: Edit<Values>,
): Promise<number> {
  const { kind, noun, id, seen } = edit;
  const column = Prisma.raw(edit.column ?? 'revision');
  const table = Prisma.raw(`"${kind}"`);
  const isIt = Prisma.sql`id = ${id}::uuid and ${Prisma.raw(kind === 'tenant' ? 'id' : 'tenant_id')} = ${tenantId}::uuid`;
  // first the lock: an edit under way ends before its revision is compared
  const [held] = await tx.$queryRaw<{ revision: number }[]>`select ${column} as revision from ${table} where ${isIt} for update`;
  if (!held) throw createNotFoundError(noun);
  if (held.revision !== seen) throw await createConflict(tx, tenantId, edit, held.revision);
  await tx.$executeRaw`update ${table} set ${column} = ${column} + 1 where ${isIt}`;
  return seen + 1;
}

async function createConflict<Values extends object>(
  tx: TenantTx,
  tenantId: string,
  { id, noun, actions, readPresent }: Edit<Values>,
  revision: number,
): Promise<EditConflictError> {
  const last = await tx.adminAudit.findFirst({
    where: { tenantId, entityId: id, actorKind: 'person', action: { in: [...actions] } },
    orderBy: [{ at: 'desc' }, { id: 'desc' }],
    select: { actorId: true, at: true },
  });
  const changedBy = last ? (await getPersonNames(tx, tenantId, [last.actorId])).get(last.actorId) : null;
  return new EditConflictError(
    `${changedBy?.name ?? 'Somebody'} changed this ${noun} while you were editing it. Nothing was saved; compare both versions and save again.`,
    { revision, changedBy, changedAt: last?.at ?? null, present: await readPresent() },
  );
}
