import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';
import { Slug } from '@gatehouse/policy/documents/definition';

import type { ServiceContext } from '../context.ts';
import { createNotFoundError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';

export const OpenContext = z.strictObject({ userId: z.uuid(), tenantSlug: Slug, requestId: z.string().max(100) });
export type OpenContext = z.input<typeof OpenContext>;

/**
 * The context in which a signed-in person acts in one workspace. Throws `not_found` alike for a workspace that does not exist and for one
 * that the person does not belong to.
 */
export async function openContext({ runtime, input }: { runtime: Runtime; input: OpenContext }): Promise<ServiceContext> {
  const parsed = OpenContext.safeParse(input);
  if (!parsed.success) throw createNotFoundError('workspace');
  const { userId, tenantSlug, requestId } = parsed.data;
  const membership = await runInLookup(runtime.db, { userId }, (tx) =>
    tx.membership.findFirst({
      where: { userId, tenant: { slug: tenantSlug } },
      select: { id: true, role: true, tenantId: true, user: { select: { disabledAt: true } } },
    }),
  );
  if (!membership || membership.user.disabledAt) throw createNotFoundError('workspace');
  const { id: membershipId, role, tenantId } = membership;
  return { runtime, tenantId, tenantSlug, actor: { kind: 'person', userId, membershipId, role }, requestId };
}
