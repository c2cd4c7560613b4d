import { getServerSession } from 'next-auth';

import { checkSession, type SignedInUser } from '@gatehouse/services/auth/check-session';

import { getRuntime } from '../runtime.ts';
import { createAuthOptions } from './options.ts';
import { SessionToken } from './session-token.ts';

/** The signed-in person of the current request (page or route handler), checked against the session table; null for anyone else. */
export async function findCurrentUser(): Promise<SignedInUser | null> {
  const token = SessionToken.safeParse(await getServerSession(createAuthOptions()));
  if (!token.success) return null;
  const { sid: sessionId, uid: userId } = token.data;
  return checkSession({ runtime: await getRuntime(), input: { sessionId, userId } });
}
