import { openSessionChecker } from '@gatehouse/services/auth/session/session-checker';

import { readSessionToken, type TokenProof } from './session-token.ts';

/** Tells who is signed in from the Cookie header, before anything else of a request is read. */
export interface Standing {
  /** True for the browser of a session that lasts. Rejects when the database cannot say. */
  isSignedIn: (cookies: string | undefined) => Promise<boolean>;
  close: () => Promise<void>;
}

/** Asks the database over connections of its own; a made-up token costs no query. */
export function openStanding(proof: TokenProof, databaseUrl: string): Standing {
  const { checker, close } = openSessionChecker(databaseUrl);
  return {
    close,
    async isSignedIn(cookies) {
      const token = await readSessionToken(cookies, proof);
      return token !== null && checker.isLive({ sessionId: token.sid, userId: token.uid });
    },
  };
}
