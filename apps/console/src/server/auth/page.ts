import { randomUUID } from 'node:crypto';

import { notFound, redirect } from 'next/navigation';
import { cache } from 'react';

import type { SignedInUser } from '@gatehouse/services/auth/check-session';
import { hasManyWorkspaces } from '@gatehouse/services/auth/find-account';
import { listTenants } from '@gatehouse/services/auth/list-tenants';
import { openContext, PasswordDueError, SessionEndedError } from '@gatehouse/services/auth/open-context';
import { findRelyingParty } from '@gatehouse/services/auth/passkey/relying-party';
import type { ServiceContext } from '@gatehouse/services/context';
import { ServiceError } from '@gatehouse/services/errors';

import { getRuntime } from '../runtime.ts';
import { findCurrentUser } from './session.ts';

/** What a page below /t/:tenant starts from. */
export interface PageContext {
  user: SignedInUser;
  ctx: ServiceContext;
}

/**
 * The signed-in person in the tenant of the URL. Anyone else is sent to /login (and back to `path` afterwards); a tenant that does not
 * exist and one that the person does not belong to are the same 404; who has yet to choose a password goes to /account. Answered once per request, so layout and page may both ask.
 */
export const requirePage = cache(async (tenantSlug: string, path?: string): Promise<PageContext> => {
  const user = await findCurrentUser();
  const login = `/login?callbackUrl=${encodeURIComponent(path ?? `/t/${tenantSlug}`)}`;
  if (!user) redirect(login);
  const runtime = await getRuntime();
  try {
    const { userId, sessionId } = user;
    const ctx = await openContext({ runtime, input: { userId, sessionId, tenantSlug, requestId: randomUUID() } });
    return { user, ctx };
  } catch (error) {
    if (error instanceof PasswordDueError) redirect('/account');
    if (error instanceof SessionEndedError) redirect(login);
    if (error instanceof ServiceError && error.code === 'not_found') notFound();
    throw error;
  }
});

/** Whether who signs in has to name the workspace. Without a database the form is shown all the same: it says why nobody gets in. */
export function isWorkspaceAsked(): Promise<boolean> {
  return getRuntime()
    .then(hasManyWorkspaces)
    .catch(() => true);
}

/** Whether people may sign in by passkeys: a matter of this console's address. False while it cannot be used at all. */
export function canHavePasskeys(): Promise<boolean> {
  return getRuntime()
    .then((runtime) => findRelyingParty(runtime) !== null)
    .catch(() => false);
}

/** Whether somebody who has forgotten the password can ask for a mail. False while the console cannot be used at all. */
export function isMailSent(): Promise<boolean> {
  return getRuntime()
    .then(({ settings }) => settings.sendsMail)
    .catch(() => false);
}

/** Where a person lands after sign-in, and the address there: the first workspace, or null without any. */
export async function findHome(user: SignedInUser): Promise<{ path: string; email: string } | null> {
  const [first] = await listTenants({ runtime: await getRuntime(), input: { userId: user.userId } });
  return first ? { path: `/t/${first.slug}`, email: first.email } : null;
}
