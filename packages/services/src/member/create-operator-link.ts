import { z } from 'zod';

import { Role } from '@gatehouse/db/client';
import { Slug } from '@gatehouse/policy/documents/definition';

import { mutate } from '../audit/mutate.ts';
import { NewEmail } from '../auth/email.ts';
import { authorize } from '../authz.ts';
import { type Actor, createContext } from '../context.ts';
import { createNotFoundError, parseInput, ServiceError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { type MadeLink, makeInvitation, makeResetLink } from './make-link.ts';

export const CreateOperatorLink = z.strictObject({
  tenantSlug: Slug,
  email: NewEmail,
  /** of who is no member yet */
  role: z.enum(Role).optional(),
});
export type CreateOperatorLink = z.input<typeof CreateOperatorLink>;

export interface OperatorLink extends MadeLink {
  /** the page that it opens: a member gets a new password by it, and anybody else joins */
  kind: 'invitation' | 'reset';
}

/**
 * Operator's verb: a link that nobody of the workspace had in hand, so that the account that comes of it is certainly somebody of its own.
 * Earlier links for the address work no more. Throws `not_found` for the workspace, `invalid` where a role is missing or is another one.
 */
export async function createOperatorLink({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: CreateOperatorLink;
}): Promise<OperatorLink> {
  const actor: Actor = { kind: 'system', job: 'operator' };
  authorize({ actor }, 'account_link.create');
  const { tenantSlug: slug, email, role } = parseInput(CreateOperatorLink, input);
  const tenant = await runtime.db.prisma.tenant.findUnique({ where: { slug } });
  if (!tenant) throw createNotFoundError('workspace');
  const { id: tenantId } = tenant;
  const ctx = createContext(runtime, tenant, actor);
  return mutate(ctx, async (m) => {
    const member = await m.tx.membership.findFirst({ where: { tenantId, email, endedAt: null } });
    if (member) {
      if (role !== undefined && role !== member.role) {
        throw new ServiceError('invalid', `${email} is a member with the role ${member.role}. Leave the role out.`, {
          field: 'role',
        });
      }
      const link = await makeResetLink(m, ctx, member);
      const after = { linkId: link.id };
      await m.audit({ action: 'member.create_reset_link', entityType: 'member', entityId: member.id, after });
      m.signal('member', member.id);
      return { kind: 'reset', ...link };
    }
    if (role === undefined) {
      throw new ServiceError('invalid', `${email} is no member yet. Name the role to invite for.`, { field: 'role' });
    }
    const open = { tenantId, email, kind: 'invitation', usedAt: null, withdrawnAt: null } as const;
    await m.tx.accountToken.updateMany({ where: open, data: { withdrawnAt: runtime.now() } });
    const link = await makeInvitation(m, ctx, { email, role });
    await m.audit({ action: 'member.invite', entityType: 'invitation', entityId: link.id, after: { role } });
    m.signal('member', link.id);
    return { kind: 'invitation', ...link };
  });
}
