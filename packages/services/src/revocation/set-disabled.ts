import { Prisma } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize, type PersonPermission } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { ServiceError } from '../errors.ts';
import { applySwitch } from './apply-switch.ts';
import { maySwitchOn } from './may-switch-on.ts';

/** What can be switched off and on, and what it takes. */
export interface Switchable<Input> {
  entityType: 'server' | 'profile';
  permission: PersonPermission;
  readId: (input: Input) => string;
  lock: (
    tx: TenantTx,
    tenantId: string,
    id: string,
  ) => Promise<{ name: string; disabledAt: Date | null; archivedAt?: Date | null }>;
  listSiteIds: (tx: TenantTx, tenantId: string, id: string) => Promise<string[]>;
}

/**
 * Stops what agents serve of it, or lifts every open stop of it. Throws `conflict` when it already is so, `precondition` while it is archived, `not_permitted` for an author who
 * would switch on what somebody else has switched off.
 */
export async function setDisabled<Input>(
  ctx: ServiceContext,
  { entityType, permission, readId, lock, listSiteIds }: Switchable<Input>,
  { input, disabled }: { input: Input; disabled: boolean },
): Promise<{ id: string }> {
  authorize(ctx, permission);
  const id = readId(input);
  const { tenantId } = ctx;
  const action = `${entityType}.${disabled ? 'disable' : 'enable'}` as const;
  return mutate(ctx, async (mutation) => {
    const { tx, audit, signal } = mutation;
    const { name, disabledAt, archivedAt = null } = await lock(tx, tenantId, id);
    if ((disabledAt !== null) === disabled) {
      throw new ServiceError('conflict', `${name} is already ${disabled ? 'disabled' : 'enabled'}. Reload the page.`);
    }
    if (archivedAt !== null) throw new ServiceError('precondition', `${name} is archived. Restore it first.`);
    if (!disabled) {
      const permitted = await maySwitchOn(tx, ctx, { entityType, id, permission });
      if (!permitted.ok) throw new ServiceError('not_permitted', permitted.reason);
    }
    await tx.$executeRaw`update ${Prisma.raw(entityType)} set disabled_at = ${disabled ? ctx.runtime.now() : null}
      where tenant_id = ${tenantId}::uuid and id = ${id}::uuid`;
    const auditId = createActId();
    await audit({ id: auditId, action, entityType, entityId: id, before: { disabled: !disabled }, after: { disabled } });
    const subject = { kind: entityType, id };
    const siteIds = await listSiteIds(tx, tenantId, id);
    await applySwitch(mutation, ctx, { subject, auditId, isOff: disabled, siteIds, reason: action });
    signal(entityType, id);
    return { id };
  });
}
