import { CHALLENGE_MS } from '@gatehouse/services/auth/passkey/challenge';

export const CHALLENGE_COOKIE = 'gatehouse-passkey';

/** The browser in which somebody began to sign in by a passkey finishes it, and no other. Sent to the sign-in routes alone. */
export function createChallengeCookie({ secret, secure }: { secret: string; secure: boolean }): string {
  const age = CHALLENGE_MS / 1_000;
  return `${CHALLENGE_COOKIE}=${secret}; Path=/api/auth; Max-Age=${age}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}
