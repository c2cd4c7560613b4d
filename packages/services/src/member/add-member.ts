import { randomBytes } from 'node:crypto';

import { z } from 'zod';

import { Role } from '@gatehouse/db/client';

import { mutate } from '../audit/mutate.ts';
import { Email } from '../auth/email.ts';
import { hashPassword, NewPassword } from '../auth/password.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { findOrCreateUser } from './find-or-create-user.ts';
import { refuseOwnerByOthers } from './member-rules.ts';

export const AddMember = z.strictObject({
  email: Email,
  name: z.string().trim().min(1).max(120),
  role: z.enum(Role),
  /** of a person who is new here; made up when absent */
  initialPassword: NewPassword.optional(),
});
export type AddMember = z.input<typeof AddMember>;

/**
 * Adds a person to the workspace. `initialPassword` is returned once, and only for a person who was not known before; a known person keeps
 * name and password.
 */
export async function addMember({
  ctx,
  input,
}: {
  ctx: ServiceContext;
  input: AddMember;
}): Promise<{ membershipId: string; initialPassword?: string }> {
  authorize(ctx, 'member.manage');
  const { email, name, role, initialPassword = randomBytes(15).toString('base64url') } = parseInput(AddMember, input);
  refuseOwnerByOthers(ctx, [role]);
  const { tenantId } = ctx;
  const passwordHash = await hashPassword(initialPassword, ctx.tenantId);
  return mutate(ctx, async (m) => {
    const { userId, created } = await findOrCreateUser(m.tx, { email, name, passwordHash });
    const known = await m.tx.membership.findUnique({ where: { tenantId_userId: { tenantId, userId } } });
    if (known) throw new ServiceError('conflict', `${email} is already a member. Change the role instead.`, { field: 'email' });
    const { id } = await m.tx.membership.create({ data: { tenantId, userId, role } });
    await m.audit({ action: 'member.add', entityType: 'member', entityId: id, after: { role } });
    m.signal('member', id);
    return created ? { membershipId: id, initialPassword } : { membershipId: id };
  });
}
