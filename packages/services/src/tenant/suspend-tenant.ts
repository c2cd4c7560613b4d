import { z } from 'zod';

import { Slug } from '@gatehouse/policy/documents/definition';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { openOperatorContext } from './operator-context.ts';
import { lockTenant, setStanding } from './stop-tenant.ts';

export const SuspendTenant = z.strictObject({ tenantSlug: Slug });
export type SuspendTenant = z.input<typeof SuspendTenant>;

/**
 * Operator's verb: stops everything in a workspace. Its agents refuse every call as soon as they have the entry of the revocation log, its people read and
 * change nothing. Throws `not_found`, and `conflict` when it is suspended already.
 */
export async function suspendTenant({ runtime, input }: { runtime: Runtime; input: SuspendTenant }): Promise<void> {
  const { tenantSlug } = parseInput(SuspendTenant, input);
  await setSuspended(await openOperatorContext(runtime, tenantSlug), true);
}

/**
 * Operator's verb: takes a suspension back. Agents go on serving, unless an owner has asked for the end of the workspace. Throws `not_found`, and `conflict`
 * when it is not suspended.
 */
export async function resumeTenant({ runtime, input }: { runtime: Runtime; input: SuspendTenant }): Promise<void> {
  const { tenantSlug } = parseInput(SuspendTenant, input);
  await setSuspended(await openOperatorContext(runtime, tenantSlug), false);
}

async function setSuspended(ctx: ServiceContext, suspended: boolean): Promise<void> {
  authorize(ctx, 'tenant.suspend');
  const { tenantId, runtime } = ctx;
  await mutate(ctx, async (m) => {
    const tenant = await lockTenant(m.tx, tenantId);
    if ((tenant.suspendedAt !== null) === suspended) {
      throw new ServiceError('conflict', `${tenant.name} is ${suspended ? 'suspended already' : 'not suspended'}.`);
    }
    const auditId = createActId();
    const action = suspended ? 'tenant.suspend' : 'tenant.resume';
    await m.audit({ id: auditId, action, entityType: 'tenant', entityId: tenantId });
    await setStanding(m, ctx, { tenant, next: { suspendedAt: suspended ? runtime.now() : null }, auditId });
  });
}
