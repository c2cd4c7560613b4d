import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import { Slug } from '@gatehouse/policy/documents/definition';

import { mutate } from '../audit/mutate.ts';
import { Email } from '../auth/email.ts';
import { hashPassword, NewPassword } from '../auth/password.ts';
import { authorize } from '../authz.ts';
import { type Actor, createContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { findOrCreateUser } from '../member/find-or-create-user.ts';
import type { Runtime } from '../runtime.ts';
import { createSigningKey } from '../signing/keys.ts';
import { createSlugTakenError } from '../slug.ts';

export const CreateTenant = z.strictObject({
  slug: Slug,
  name: z.string().trim().min(1).max(80),
  owner: z.strictObject({ email: Email, name: z.string().trim().min(1).max(120), password: NewPassword }),
});
export type CreateTenant = z.input<typeof CreateTenant>;

/**
 * Operator's verb: makes a workspace with its signing key and its first owner. When the address is known already, that person becomes
 * the owner and keeps their password. Throws `conflict` when the slug is taken.
 */
export async function createTenant({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: CreateTenant;
}): Promise<{ tenantId: string; ownerMembershipId: string }> {
  const actor: Actor = { kind: 'system', job: 'operator' };
  authorize({ actor }, 'tenant.create');
  const { slug, name, owner } = parseInput(CreateTenant, input);
  const tenantId = randomUUID();
  const ctx = createContext(runtime, { id: tenantId, slug }, actor);
  const passwordHash = await hashPassword(owner.password, tenantId);
  return mutate(ctx, async (m) => {
    const { count } = await m.tx.tenant.createMany({ data: [{ id: tenantId, slug, name }], skipDuplicates: true });
    if (count === 0) throw createSlugTakenError(slug);
    await createSigningKey(m.tx, runtime.signer, tenantId);
    const { userId } = await findOrCreateUser(m.tx, { email: owner.email, name: owner.name, passwordHash });
    const { id: ownerMembershipId } = await m.tx.membership.create({ data: { tenantId, userId, role: 'owner' } });
    const after = { slug, name, ownerMembershipId };
    await m.audit({ action: 'tenant.create', entityType: 'tenant', entityId: tenantId, after });
    return { tenantId, ownerMembershipId };
  });
}
