import { getServerSession } from 'next-auth';

import { getRuntime } from '../runtime.ts';
import { createAuthOptions, SessionToken } from './options.ts';
import { findSignedInUser, type SignedInUser } from './session-check.ts';

/** The signed-in person of the current request (page or route handler), checked against the session table; null for anyone else. */
export async function findCurrentUser(): Promise<SignedInUser | null> {
  const token = SessionToken.safeParse(await getServerSession(createAuthOptions()));
  if (!token.success) return null;
  return findSignedInUser(await getRuntime(), token.data);
}
