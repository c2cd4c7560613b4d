import { getServerSession } from 'next-auth';

import { consoleRuntime } from '../runtime.ts';
import { authOptions, SessionToken } from './options.ts';
import { checkedSession, type SignedInUser } from './session-check.ts';

/** The signed-in person of the current request (page or route handler), checked against the session table; null for anyone else. */
export async function currentUser(): Promise<SignedInUser | null> {
  const token = SessionToken.safeParse(await getServerSession(authOptions()));
  if (!token.success) return null;
  return checkedSession(await consoleRuntime(), token.data);
}
