import { randomUUID } from 'node:crypto';

import type { Role } from '@gatehouse/db/client';
import { runInTenant } from '@gatehouse/db/tenant';

import { acceptInvitation, type Joined } from '../../src/auth/accept-invitation.ts';
import { openContext } from '../../src/auth/open-context.ts';
import { signIn } from '../../src/auth/sign-in.ts';
import type { ServiceContext } from '../../src/context.ts';
import { inviteMember } from '../../src/member/invite-member.ts';
import { updateMember } from '../../src/member/update-member.ts';
import type { Runtime } from '../../src/runtime.ts';
import { getFixtureDb } from './world.ts';

export const PASSWORD = 'correct horse battery';

/** An address of a documentation network that no other test comes from: throttles count by it. */
export const makeIp = (): string => `2001:db8:${randomUUID().slice(0, 4)}:${randomUUID().slice(0, 4)}::1`;

/** A person follows an invitation as somebody new. */
export const accept = (runtime: Runtime, token: string, newPassword = PASSWORD, name = 'Nea Newcomer'): Promise<Joined> =>
  acceptInvitation({ runtime, input: { token, ip: makeIp(), account: { kind: 'new', name, newPassword } } });

/** A person follows an invitation with the account by which that person is a member of `workspace`. */
export const acceptAs = (
  runtime: Runtime,
  token: string,
  workspace: string,
  password: string,
  newPassword: string,
): Promise<Joined> =>
  acceptInvitation({ runtime, input: { token, ip: makeIp(), account: { kind: 'existing', workspace, password, newPassword } } });

/** Invited by `ctx` and joined. */
export async function join(ctx: ServiceContext, email: string, role: Role = 'member', password = PASSWORD): Promise<Joined> {
  const { token } = await inviteMember({ ctx, input: { email, role } });
  return accept(ctx.runtime, token, password);
}

/** What a person with this password can open in a workspace. */
export async function enter(runtime: Runtime, tenantSlug: string, email: string, password: string): Promise<ServiceContext> {
  const { userId } = await signIn({ runtime, input: { email, password, ip: makeIp(), workspace: tenantSlug } });
  return openContext({ runtime, input: { userId, tenantSlug, requestId: 'test' } });
}

/** Somebody who looks at a member, as it is now, gives it this role. */
export async function changeRole({
  ctx,
  input: { membershipId, role },
}: {
  ctx: ServiceContext;
  input: { membershipId: string; role: Role };
}): Promise<void> {
  const member = await runInTenant(getFixtureDb(ctx.runtime), ctx.tenantId, (tx) =>
    tx.membership.findUnique({
      where: { tenantId_id: { tenantId: ctx.tenantId, id: membershipId }, endedAt: null },
      include: { user: true },
    }),
  );
  const name = member?.displayName ?? member?.user.name ?? 'Nobody';
  await updateMember({ ctx, input: { membershipId, role, name, revision: member?.revision ?? 1 } });
}
