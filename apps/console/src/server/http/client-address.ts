/**
 * Address of the caller for the sign-in throttle and the session list. The last entry is the one that the nearest proxy (or Next itself)
 * wrote; anything before it is whatever the caller claimed.
 */
export function clientAddress(forwardedFor: string | null | undefined): string {
  return forwardedFor?.split(',').at(-1)?.trim().slice(0, 64) || 'unknown';
}
