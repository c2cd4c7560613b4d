import { randomUUID } from 'node:crypto';

import type { z } from 'zod';

import { presentKey, runInLookup, runInTenant } from '@gatehouse/db/tenant';

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
  return link.byMail
    ? renewPassword(runtime, link, { membershipId, passwordHash, ...(await findMember(runtime, link, membershipId)) })
    : replaceAccount(runtime, link, { membershipId, userId: randomUUID(), passwordHash });
}

/**
 * The mail proved the address, by which all workspaces of the account know it, so the account itself gets the password. Sessions and passkeys end: somebody
 * else may have had the account before. A code of an authenticator app is still asked for: a mailbox alone opens no account that asks for two things.
 */
async function renewPassword(
  runtime: Runtime,
  link: OpenLink,
  { membershipId, userId, passwordHash }: { membershipId: string; userId: string; passwordHash: string },
): Promise<Joined> {
  const { tenantId, tenant, role, email } = link;
  const ctx = createContext(runtime, tenant, { kind: 'person', userId, membershipId, role });
  authorize(ctx, 'account.own');
  return mutate(ctx, async (m) => {
    await spendLink(m, ctx, link);
    const member = await lockMemberOf(m, link, membershipId);
    if (member.userId !== userId) throw createMisfitError();
    await presentKey(m.tx, { userId });
    await m.tx.user.updateMany({ where: { id: userId }, data: { passwordHash, passwordDue: false } });
    await endSessions(m.tx, { userId, now: runtime.now(), keepSessionId: null });
    await m.tx.passkey.deleteMany({ where: { userId } });
    await m.tx.userEmail.createMany({ data: [{ email, userId, verifiedAt: runtime.now() }], skipDuplicates: true });
    const after = { linkId: link.id, byMail: true };
    await m.audit({ action: 'member.reset_password', entityType: 'member', entityId: membershipId, after });
    m.signal('member', membershipId);
    return { tenantId, tenantSlug: tenant.slug, membershipId, email };
  });
}

/** Whose membership it is. Throws `expired` when it has ended, or the account is known elsewhere by another address by now. */
async function findMember(runtime: Runtime, { tenantId, email }: OpenLink, membershipId: string): Promise<{ userId: string }> {
  const where = { tenantId_id: { tenantId, id: membershipId }, endedAt: null };
  const member = await runInTenant(runtime.db, tenantId, (tx) => tx.membership.findUnique({ where, select: { userId: true } }));
  if (!member) throw createMisfitError();
  const { userId } = member;
  const elsewhere = { userId, endedAt: null, email: { not: email } };
  const others = await runInLookup(runtime.db, { userId }, (tx) => tx.membership.count({ where: elsewhere }));
  if (others > 0) throw createMisfitError();
  return member;
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
  throw createMisfitError();
}

function createMisfitError(): ServiceError {
  return new ServiceError('expired', 'This link does not fit the member any more. Ask for a new one.');
}
