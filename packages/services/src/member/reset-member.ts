import { z } from 'zod';

import { Slug } from '@gatehouse/policy/documents/definition';

import { mutate } from '../audit/mutate.ts';
import { NewEmail } from '../auth/email.ts';
import { makePasswordDue } from '../auth/make-password-due.ts';
import { endSessions } from '../auth/session/end-session.ts';
import { authorize } from '../authz.ts';
import { type Actor, createContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { type MadeLink, makeResetLink } from './make-link.ts';

export const ResetMember = z.strictObject({ tenantSlug: Slug, email: NewEmail });
export type ResetMember = z.input<typeof ResetMember>;

export interface ResetLink extends MadeLink {
  /** sessions of the console that were open and are not any more */
  endedSessions: number;
}

/**
 * Operator's verb: a link by which a member, also the only owner, chooses a new password. Earlier links for it work no more, and every session
 * that the account has ends at once; with the password of before another one has to be chosen first. Throws `not_found` for the workspace and for who is no member.
 */
export async function resetMember({ runtime, input }: { runtime: Runtime; input: ResetMember }): Promise<ResetLink> {
  const actor: Actor = { kind: 'system', job: 'operator' };
  authorize({ actor }, 'account_link.create');
  const { tenantSlug: slug, email } = parseInput(ResetMember, input);
  const tenant = await runtime.db.prisma.tenant.findUnique({ where: { slug } });
  if (!tenant) throw new ServiceError('not_found', `There is no workspace ${slug}.`, { field: 'tenantSlug' });
  const { id: tenantId } = tenant;
  const ctx = createContext(runtime, tenant, actor);
  return mutate(ctx, async (m) => {
    const member = await m.tx.membership.findFirst({ where: { tenantId, email, endedAt: null } });
    if (!member) {
      throw new ServiceError('not_found', `${email} is no member of ${slug}. Invite this person instead.`, { field: 'email' });
    }
    const link = await makeResetLink(m, ctx, member);
    await makePasswordDue(runtime, m.tx, { ...member, inAllWorkspaces: true });
    const endedSessions = await endSessions(m.tx, { userId: member.userId, now: runtime.now(), keepSessionId: null });
    const after = { linkId: link.id, endedSessions };
    await m.audit({ action: 'member.create_reset_link', entityType: 'member', entityId: member.id, after });
    m.signal('member', member.id);
    return { ...link, endedSessions };
  });
}
