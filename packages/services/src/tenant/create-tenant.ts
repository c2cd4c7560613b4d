import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import { mutate } from '../audit/mutate.ts';
import { NewEmail } from '../auth/email.ts';
import { authorize } from '../authz.ts';
import { type Actor, createContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { describeRoot } from '../keyset/keep-keyset.ts';
import { writeKeyset } from '../keyset/write-keyset.ts';
import { makeInvitation } from '../member/make-link.ts';
import { createNameSchema } from '../name.ts';
import type { Runtime } from '../runtime.ts';
import { createRootKey } from '../signing/keys.ts';
import { createSlugTakenError, NewWorkspaceSlug } from '../slug.ts';

export const CreateTenant = z.strictObject({
  slug: NewWorkspaceSlug,
  name: createNameSchema(80),
  ownerEmail: NewEmail,
});
export type CreateTenant = z.input<typeof CreateTenant>;

/**
 * Operator's verb: makes a workspace with its signing key and the invitation of its first owner, whose secret is in this answer and nowhere
 * else. Throws `conflict` when the slug is taken.
 */
export async function createTenant({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: CreateTenant;
}): Promise<{ tenantId: string; token: string; expiresAt: Date }> {
  const actor: Actor = { kind: 'system', job: 'operator' };
  authorize({ actor }, 'tenant.create');
  const { slug, name, ownerEmail: email } = parseInput(CreateTenant, input);
  const tenantId = randomUUID();
  const ctx = createContext(runtime, { id: tenantId, slug }, actor);
  return mutate(ctx, async (m) => {
    const { count } = await m.tx.tenant.createMany({ data: [{ id: tenantId, slug, name }], skipDuplicates: true });
    if (count === 0) throw createSlugTakenError(slug);
    await createRootKey(m.tx, runtime.signer, tenantId);
    await writeKeyset(m, ctx, { version: 1, keys: [await describeRoot(m.tx, tenantId)] });
    const { id: invitationId, token, expiresAt } = await makeInvitation(m, ctx, { email, role: 'owner' });
    await m.audit({ action: 'tenant.create', entityType: 'tenant', entityId: tenantId, after: { slug, name, invitationId } });
    return { tenantId, token, expiresAt };
  });
}
