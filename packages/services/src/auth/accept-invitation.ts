import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import { presentKey, type TenantTx } from '@gatehouse/db/tenant';

import { mutate, type Mutation } from '../audit/mutate.ts';
import { authorize, hasValuesByRole } from '../authz.ts';
import { createContext } from '../context.ts';
import { parseInput, ServiceError } from '../errors.ts';
import { createNameSchema } from '../name.ts';
import type { Runtime } from '../runtime.ts';
import { findOpenLink, type OpenLink, PresentedLink, spendLink } from './account-link.ts';
import { checkCredentials } from './check-credentials.ts';
import { checkSecondStep, GivenCode } from './code/check-second-step.ts';
import { WorkspaceSlug } from './find-account.ts';
import { hashNewPassword } from './new-password.ts';
import { PasswordText } from './password.ts';
import { refuseSamePassword, replacePassword } from './replace-password.ts';

/**
 * The account that joins: a new one, or one that the person has under this address. That one gets a new password at the same time: whoever
 * made it elsewhere may know the old one, and gets nothing here. Its passkeys are gone for the same reason.
 */
const JoiningAccount = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('new'), name: createNameSchema(120), newPassword: PasswordText }),
  z.strictObject({
    kind: z.literal('existing'),
    /** where the account is a member already */
    workspace: WorkspaceSlug,
    password: PasswordText.min(1),
    /** where the account asks for one */
    code: GivenCode,
    newPassword: PasswordText,
  }),
]);

export const AcceptInvitation = PresentedLink.extend({ account: JoiningAccount });
export type AcceptInvitation = z.input<typeof AcceptInvitation>;

export interface Joined {
  tenantId: string;
  tenantSlug: string;
  membershipId: string;
  /** with which the person signs in there */
  email: string;
}

/**
 * Makes the person who follows an invitation a member. Throws `expired` for a link that does not work, `not_permitted` for a wrong password
 * and for an account that there is not, alike.
 */
export async function acceptInvitation({ runtime, input }: { runtime: Runtime; input: AcceptInvitation }): Promise<Joined> {
  const { account, ...presented } = parseInput(AcceptInvitation, input);
  const link = await findOpenLink(runtime, presented, 'invitation');
  return joinTenant(runtime, link, await prepareAccount(runtime, link, account, presented.ip));
}

/** Acts as the member that this makes. */
async function joinTenant(runtime: Runtime, link: OpenLink, account: PreparedAccount): Promise<Joined> {
  const { tenantId, tenant, email, role } = link;
  const { userId, membershipId, write } = account;
  const ctx = createContext(runtime, tenant, { kind: 'person', userId, membershipId, role });
  authorize(ctx, 'account.own');
  return mutate(ctx, async (m) => {
    await spendLink(m, ctx, link);
    await refuseSecondMembership(m, link, userId);
    await presentKey(m.tx, { userId });
    await write(m.tx);
    // The operator's link, and one that went by mail, was in no workspace's hand: it proves the address.
    if (link.createdBy === null) {
      await m.tx.userEmail.createMany({ data: [{ email, userId, verifiedAt: runtime.now() }], skipDuplicates: true });
    }
    const readsValues = hasValuesByRole(role);
    await m.tx.membership.create({ data: { tenantId, id: membershipId, userId, email, role, readsValues } });
    await m.tx.accountToken.update({ where: { tenantId_id: { tenantId, id: link.id } }, data: { membershipId } });
    const after = { role, invitationId: link.id };
    await m.audit({ action: 'member.join', entityType: 'member', entityId: membershipId, after });
    m.signal('member', membershipId);
    return { tenantId, tenantSlug: tenant.slug, membershipId, email };
  });
}

async function refuseSecondMembership({ tx }: Mutation, { tenantId, email }: OpenLink, userId: string): Promise<void> {
  const same = { tenantId, endedAt: null, OR: [{ email }, { userId }] };
  if ((await tx.membership.count({ where: same })) === 0) return;
  throw new ServiceError('conflict', 'You are a member of this workspace already. Sign in.');
}

interface PreparedAccount {
  userId: string;
  /** of the membership to come */
  membershipId: string;
  /** writes the account, inside a transaction that was shown its id */
  write: (tx: TenantTx) => Promise<void>;
}

/** Does the slow part, before any transaction: checks and makes hashes. */
async function prepareAccount(
  runtime: Runtime,
  { tenantId, tenant, email }: OpenLink,
  account: z.output<typeof JoiningAccount>,
  ip: string,
): Promise<PreparedAccount> {
  const membershipId = randomUUID();
  const hash = (password: string, name: string) =>
    hashNewPassword({ password, about: [name, email, tenant.name, tenant.slug], origin: tenantId });
  if (account.kind === 'new') {
    const { name, newPassword } = account;
    const data = { id: randomUUID(), name, passwordHash: await hash(newPassword, name) };
    return { userId: data.id, membershipId, write: async (tx) => void (await tx.user.create({ data })) };
  }
  const { workspace, password, code, newPassword } = account;
  refuseSamePassword(password, newPassword);
  const user = await checkCredentials(runtime, { email, password, ip, knownAs: tenantId, workspace });
  await checkSecondStep(runtime, { userId: user.id, code, knownAs: tenantId });
  const to = await hash(newPassword, user.name);
  const change = { userId: user.id, from: user.passwordHash, to, now: runtime.now(), keepSessionId: null, keepPasskeys: false };
  return { userId: user.id, membershipId, write: (tx) => replacePassword(tx, change) };
}
