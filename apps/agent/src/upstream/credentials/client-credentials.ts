import { raceAbort } from '../abort.ts';
import type { FetchedToken } from './token-endpoint.ts';

/** The access token of one client, fetched when it is first needed and again before it ends. */
export interface TokenSource {
  /** Rejects with SecretUnavailable or UpstreamFailure; with the reason of `signal` when the caller stopped waiting. */
  getToken(signal?: AbortSignal): Promise<string>;
  /** Forgets a token that was refused, so that the next one is another. */
  discard(token: string): void;
}

/** a token is not used in its last half minute: the request may take a while to arrive */
const MARGIN_MS = 30_000;
/** for a server that does not say how long its tokens are good */
const DEFAULT_LIFETIME_MS = 5 * 60_000;

interface Held {
  token: string;
  /** milliseconds since the epoch: from here on another one is fetched */
  renewAt: number;
  endsAt: number;
}

export function openTokenSource(fetchToken: () => Promise<FetchedToken>, readTime: () => Date): TokenSource {
  let held: Held | null = null;
  let fetching: Promise<Held> | null = null;

  /** However many calls wait, one request is under way. */
  function fetchOnce(): Promise<Held> {
    fetching ??= fetchToken()
      .then(({ token, lifetimeMs = DEFAULT_LIFETIME_MS }) => {
        const now = readTime().getTime();
        // a very short token is used for half of its life
        const margin = Math.min(MARGIN_MS, lifetimeMs / 2);
        held = { token, renewAt: now + lifetimeMs - margin, endsAt: now + lifetimeMs };
        return held;
      })
      .finally(() => {
        fetching = null;
      });
    return fetching;
  }

  return {
    async getToken(signal) {
      const now = readTime().getTime();
      if (held && now < held.renewAt) return held.token;
      const old = held;
      try {
        // one caller that gives up does not stop what others wait for
        return (await (signal ? raceAbort(fetchOnce(), signal) : fetchOnce())).token;
      } catch (error) {
        // the authorization server is away, but what it gave before is still good
        if (old && old === held && readTime().getTime() < old.endsAt && !signal?.aborted) return old.token;
        throw error;
      }
    },
    discard(token) {
      // another call may have seen the refusal first, and what is held now is newer
      if (held?.token === token) held = null;
    },
  };
}
