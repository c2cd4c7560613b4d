import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { createActId } from '../audit/act-id.ts';
import { mutate } from '../audit/mutate.ts';
import { PasswordText, verifyPassword } from '../auth/password.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { DAY_MS } from '../durations.ts';
import { parseInput, ServiceError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { lockTenant, setStanding } from './stop-tenant.ts';

/** For so long the end of a workspace can be taken back. The database holds the console to it (policy `console_asks`). */
const GRACE_MS = 30 * DAY_MS;

export const RequestDeletion = z.strictObject({
  /** the slug of the workspace, typed */
  confirmation: z.string().max(200),
  /** of the owner who asks */
  password: PasswordText.min(1),
});
export type RequestDeletion = z.input<typeof RequestDeletion>;

/**
 * An owner asks for the end of the workspace. Everything in it is stopped at once; after thirty days the worker removes every row of it, and until then
 * `cancelDeletion` takes it back. Throws `invalid` at `confirmation`, `not_permitted` at `password`, `conflict` when somebody has asked before.
 */
export async function requestDeletion({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: RequestDeletion;
}): Promise<{ deleteAfter: Date }> {
  authorize(ctx, 'tenant.delete');
  const { confirmation, password } = parseInput(RequestDeletion, input);
  const { tenantId, tenantSlug, runtime, actor } = ctx;
  if (confirmation.trim() !== tenantSlug) {
    throw new ServiceError('invalid', `Type ${tenantSlug} to say which workspace is meant.`, { field: 'confirmation' });
  }
  if (actor.kind === 'person') await requirePassword(runtime, { userId: actor.userId, password });
  return mutate(
    ctx,
    async (m) => {
      const tenant = await lockTenant(m.tx, tenantId);
      if (tenant.deleteAfter) throw new ServiceError('conflict', 'Somebody has asked for this already. Reload the page.');
      const askedAt = runtime.now();
      const deleteAfter = new Date(askedAt.getTime() + GRACE_MS);
      const auditId = createActId();
      const after = { deleteAfter: deleteAfter.toISOString() };
      await m.audit({ id: auditId, action: 'tenant.request_deletion', entityType: 'tenant', entityId: tenantId, after });
      await setStanding(m, ctx, { tenant, next: { deletionAskedAt: askedAt, deleteAfter }, auditId });
      return { deleteAfter };
    },
    { whileStopped: true },
  );
}

/** An owner takes it back: everything goes on, unless the operator has suspended the workspace. Throws `conflict` when nobody has asked for its end. */
export async function cancelDeletion({ ctx }: { ctx: ServiceContext }): Promise<void> {
  authorize(ctx, 'tenant.delete');
  const { tenantId } = ctx;
  await mutate(
    ctx,
    async (m) => {
      const tenant = await lockTenant(m.tx, tenantId);
      if (!tenant.deleteAfter)
        throw new ServiceError('conflict', 'Nobody has asked for the end of this workspace. Reload the page.');
      if (tenant.deleteAfter <= ctx.runtime.now()) {
        throw new ServiceError('conflict', 'The thirty days are over, and what is here is being removed.');
      }
      const auditId = createActId();
      await m.audit({ id: auditId, action: 'tenant.cancel_deletion', entityType: 'tenant', entityId: tenantId });
      await setStanding(m, ctx, { tenant, next: { deletionAskedAt: null, deleteAfter: null }, auditId });
    },
    { whileStopped: true },
  );
}

/** Whoever sits down at an open browser does not end a workspace. */
async function requirePassword(runtime: Runtime, { userId, password }: { userId: string; password: string }): Promise<void> {
  await runtime.throttle.consume('password_change', [userId]);
  const user = await runInLookup(runtime.db, { userId }, (tx) => tx.user.findUnique({ where: { id: userId } }));
  if (!user || user.passwordHash === null || !(await verifyPassword(password, user.passwordHash, userId, { lane: 'known' }))) {
    throw new ServiceError('not_permitted', 'This is not your password.', { field: 'password' });
  }
  await runtime.throttle.reset('password_change', [userId]);
}
