import { randomUUID } from 'node:crypto';

import type { z } from 'zod';

import { presentKey } from '@gatehouse/db/tenant';

import { mutate, type Mutation } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import { createContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import type { Joined } from './accept-invitation.ts';
import { findOpenLink, type OpenLink, PresentedLink, spendLink } from './account-link.ts';
import { hashNewPassword } from './new-password.ts';
import { PasswordText } from './password.ts';
import { endSessions } from './session/end-session.ts';

export const ResetPassword = PresentedLink.extend({ newPassword: PasswordText });
export type ResetPassword = z.input<typeof ResetPassword>;

/** Gives a member a new password for one workspace. Throws `expired` for a link that does not work. */
export async function resetPassword({ runtime, input }: { runtime: Runtime; input: ResetPassword }): Promise<Joined> {
  const { newPassword, ...presented } = parseInput(ResetPassword, input);
  const link = await findOpenLink(runtime, presented, 'reset');
  const { membershipId, tenantId, tenant, email } = link;
  if (membershipId === null) throw new Error('A reset names its member');
  const passwordHash = await hashNewPassword({
    password: newPassword,
    about: [email, tenant.name, tenant.slug],
    origin: tenantId,
  });
  return replaceAccount(runtime, link, { membershipId, userId: randomUUID(), passwordHash });
}

/**
 * The workspace had this link in hand, and what is the workspace's is the membership: that gets a new account. The one that it had, by which
 * the person may be a member elsewhere, keeps its password; its sessions end.
 */
async function replaceAccount(
  runtime: Runtime,
  link: OpenLink,
  account: { membershipId: string; userId: string; passwordHash: string },
): Promise<Joined> {
  const { tenantId, tenant, role, email } = link;
  const { membershipId, userId, passwordHash } = account;
  const ctx = createContext(runtime, tenant, { kind: 'person', userId, membershipId, role });
  authorize(ctx, 'account.own');
  return mutate(ctx, async (m) => {
    await spendLink(m, ctx, link);
    const { name, userId: previous } = await lockMemberOf(m, link, membershipId);
    await presentKey(m.tx, { userId: previous });
    await endSessions(m.tx, { userId: previous, now: runtime.now(), keepSessionId: null });
    await presentKey(m.tx, { userId });
    await m.tx.user.create({ data: { id: userId, name, passwordHash } });
    await m.tx.membership.update({ where: { tenantId_id: { tenantId, id: membershipId } }, data: { userId } });
    await m.audit({ action: 'member.reset_password', entityType: 'member', entityId: membershipId, after: { linkId: link.id } });
    m.signal('member', membershipId);
    return { tenantId, tenantSlug: tenant.slug, membershipId, email };
  });
}

/** The account of the member, who is one still, with the role that the link was made for. */
async function lockMemberOf(
  { tx }: Mutation,
  { tenantId, role }: OpenLink,
  membershipId: string,
): Promise<{ name: string; userId: string }> {
  await tx.$executeRaw`select 1 from membership where tenant_id = ${tenantId}::uuid and id = ${membershipId}::uuid for update`;
  const member = await tx.membership.findFirst({
    where: { tenantId, id: membershipId, role, endedAt: null },
    select: { userId: true, user: { select: { name: true, disabledAt: true } } },
  });
  if (member && member.user.disabledAt === null) return { name: member.user.name, userId: member.userId };
  throw new ServiceError('expired', 'This link does not fit the member any more. Ask who gave it to you for a new one.');
}
