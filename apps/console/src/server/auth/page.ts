import { randomUUID } from 'node:crypto';

import { notFound, redirect } from 'next/navigation';
import { cache } from 'react';

import { listTenants } from '@gatehouse/services/auth/list-tenants';
import { openContext } from '@gatehouse/services/auth/open-context';
import type { ServiceContext } from '@gatehouse/services/context';
import { ServiceError } from '@gatehouse/services/errors';

import { getRuntime } from '../runtime.ts';
import type { SignedInUser } from './session-check.ts';
import { findCurrentUser } from './session.ts';

/** What a page below /t/:tenant starts from. */
export interface PageContext {
  user: SignedInUser;
  ctx: ServiceContext;
}

/**
 * The signed-in person in the tenant of the URL. Anyone else is sent to /login (and back to `path` afterwards); a tenant that does not
 * exist and one that the person does not belong to are the same 404. Answered once per request, so layout and page may both ask.
 */
export const requirePage = cache(async (tenantSlug: string, path?: string): Promise<PageContext> => {
  const user = await findCurrentUser();
  if (!user) redirect(`/login?callbackUrl=${encodeURIComponent(path ?? `/t/${tenantSlug}`)}`);
  const runtime = await getRuntime();
  try {
    const ctx = await openContext({ runtime, input: { userId: user.userId, tenantSlug, requestId: randomUUID() } });
    return { user, ctx };
  } catch (error) {
    if (error instanceof ServiceError && error.code === 'not_found') notFound();
    throw error;
  }
});

/** Where a person lands after sign-in: the first workspace, or null without any. */
export async function findHomePath(user: SignedInUser): Promise<string | null> {
  const [first] = await listTenants({ runtime: await getRuntime(), input: { userId: user.userId } });
  return first ? `/t/${first.slug}` : null;
}
