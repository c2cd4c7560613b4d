import { checkSession } from '@gatehouse/services/auth/check-session';
import type { Runtime } from '@gatehouse/services/runtime';

/** How long an answer of the session table is believed, milliseconds. A revoked session is out after this at the latest. */
export const SESSION_CHECK_MS = 5_000;
const MAX_REMEMBERED = 10_000;

/** The person behind a live console session. */
export interface SignedInUser {
  userId: string;
  sessionId: string;
  name: string;
  /** somebody else chose the password */
  passwordDue: boolean;
}

interface Answer {
  user: SignedInUser | null;
  at: number;
}

const holder = globalThis as typeof globalThis & { gatehouseSessions?: Map<string, Answer> };
const answers = (holder.gatehouseSessions ??= new Map<string, Answer>());

/** Asks the session table, at most once per SESSION_CHECK_MS and session. Null: revoked, expired, unknown, or another person's. */
export async function findSignedInUser(runtime: Runtime, token: { sid: string; uid: string }): Promise<SignedInUser | null> {
  const now = runtime.now().getTime();
  const known = answers.get(token.sid);
  if (known && Math.abs(now - known.at) < SESSION_CHECK_MS) return keepIfOwned(known.user, token.uid);
  const found = await checkSession({ runtime, input: { sessionId: token.sid } });
  const user = found && { ...found, sessionId: token.sid };
  if (answers.size >= MAX_REMEMBERED) answers.clear();
  answers.set(token.sid, { user, at: now });
  return keepIfOwned(user, token.uid);
}

function keepIfOwned(user: SignedInUser | null, userId: string): SignedInUser | null {
  return user?.userId === userId ? user : null;
}

/** Makes the next request ask the table again: after sign-out and after a revoke in this process. */
export function forgetSession(sessionId: string): void {
  answers.delete(sessionId);
}
