import { createHash } from 'node:crypto';

import type { Redis } from 'ioredis';
import { Pool } from 'pg';
import type { Logger } from 'pino';
import { RateLimiterPostgres, RateLimiterRedis, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible';

import { ServiceError } from '../errors.ts';

/** Attempts (`points`) per `duration` seconds. */
const LIMITS = {
  /** one person from one address */
  sign_in: { points: 10, duration: 15 * 60 },
  /** one person from anywhere: many addresses are cheap. Does not count browsers that signed in to the account before */
  sign_in_person: { points: 50, duration: 15 * 60 },
  /** one address, whoever it tries, failures only */
  sign_in_address: { points: 30, duration: 15 * 60 },
  /** one network, failures only: the addresses of one are cheap to whoever holds it */
  sign_in_network: { points: 300, duration: 15 * 60 },
  /** one account from one browser that signed in to it before, or by links of one workspace */
  sign_in_known: { points: 10, duration: 15 * 60 },
  /** one address that presents links of accounts, misses only */
  account_link: { points: 30, duration: 15 * 60 },
  /** one network, the same */
  account_link_network: { points: 300, duration: 15 * 60 },
  /** one person who gives a wrong present password */
  password_change: { points: 10, duration: 15 * 60 },
  /** one account from one browser that signed in to it before, or from any other, by a wrong code beside the right password */
  second_step: { points: 5, duration: 15 * 60 },
  second_step_day: { points: 20, duration: 24 * 3_600 },
  /** one address that asks for new passwords by mail, and one address that they are asked for */
  reset_request: { points: 20, duration: 3_600 },
  reset_request_network: { points: 200, duration: 3_600 },
  reset_request_person: { points: 3, duration: 3_600 },
  /** one address that begins to sign in by a passkey, each of which leaves a row for five minutes */
  passkey: { points: 60, duration: 15 * 60 },
  /** one network, the same */
  passkey_network: { points: 600, duration: 15 * 60 },
  /** one member who makes client keys, and who ends sessions of AI clients: each leaves an entry that all agents keep until the key has run out */
  client_key: { points: 100, duration: 24 * 3_600 },
  /** one member who asks for profiles */
  access_request: { points: 60, duration: 24 * 3_600 },
  session_end: { points: 60, duration: 3_600 },
  /** one address asking for the root key or enrolling */
  enrol_address: { points: 300, duration: 60 },
  /** one network, the same */
  enrol_network: { points: 1_000, duration: 60 },
  /** one agent that says what it sees, of all servers and of one: each time a whole list of definitions is stored */
  observation_agent: { points: 1_000, duration: 24 * 3_600 },
  observation_server: { points: 12, duration: 3_600 },
} as const;

/** Too many attempts; the next one may be made after `retryAfterMs`. */
export class RateLimitError extends ServiceError {
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    const minutes = Math.max(1, Math.ceil(retryAfterMs / 60_000));
    super('rate_limited', `Too many attempts. Try again in ${minutes === 1 ? '1 minute' : `${minutes} minutes`}.`);
    this.retryAfterMs = retryAfterMs;
  }
}

export type LimitName = keyof typeof LIMITS;

/** Counters shared by all processes, in Redis or Postgres. */
export interface Throttle {
  /** Counts one attempt. Throws RateLimitError, or `unavailable` when the counters cannot be reached. */
  consume(limit: LimitName, parts: readonly string[]): Promise<void>;
  /** Forgets the attempts, after a success. */
  reset(limit: LimitName, parts: readonly string[]): Promise<void>;
  /** Forgets one attempt, after a success that says nothing of the attempts before it. */
  giveBack(limit: LimitName, parts: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

/** Counters in Redis. The connection stays the caller's. */
export function openRedisThrottle(redis: Redis, log: Logger): Throttle {
  return createThrottle((name) => new RateLimiterRedis({ ...LIMITS[name], storeClient: redis, keyPrefix: `throttle:${name}` }), {
    log,
    close: async () => {},
  });
}

/** Counters in the table `rate_limit`, on a small pool of its own: a sign-in storm never takes the connections of others. */
export function openPostgresThrottle(options: { url: string; log: Logger }): Throttle {
  const pool = new Pool({ connectionString: options.url, max: 2, application_name: 'gatehouse-throttle' });
  pool.on('error', (error) => options.log.warn({ err: error }, 'throttle connection failed'));
  return createThrottle(
    (name) =>
      new RateLimiterPostgres({
        ...LIMITS[name],
        storeClient: pool,
        tableName: 'rate_limit',
        tableCreated: true,
        keyPrefix: name,
        clearExpiredByTimeout: false,
      }),
    { log: options.log, close: () => pool.end() },
  );
}

function createThrottle(
  open: (name: LimitName) => RateLimiterAbstract,
  options: { log: Logger; close: () => Promise<void> },
): Throttle {
  const limiters: Record<LimitName, RateLimiterAbstract> = {
    sign_in: open('sign_in'),
    sign_in_person: open('sign_in_person'),
    sign_in_address: open('sign_in_address'),
    sign_in_network: open('sign_in_network'),
    sign_in_known: open('sign_in_known'),
    account_link: open('account_link'),
    account_link_network: open('account_link_network'),
    password_change: open('password_change'),
    second_step: open('second_step'),
    second_step_day: open('second_step_day'),
    reset_request: open('reset_request'),
    reset_request_network: open('reset_request_network'),
    reset_request_person: open('reset_request_person'),
    passkey: open('passkey'),
    passkey_network: open('passkey_network'),
    client_key: open('client_key'),
    access_request: open('access_request'),
    session_end: open('session_end'),
    enrol_address: open('enrol_address'),
    enrol_network: open('enrol_network'),
    observation_agent: open('observation_agent'),
    observation_server: open('observation_server'),
  };
  const attempt = async (run: () => Promise<unknown>) => {
    try {
      await run();
    } catch (error) {
      if (error instanceof RateLimiterRes) throw new RateLimitError(error.msBeforeNext);
      options.log.error({ err: error }, 'throttle counters cannot be reached');
      throw new ServiceError('unavailable', 'This is not possible right now. Try again in a minute.', {
        cause: error,
      });
    }
  };
  return {
    consume: (limit, parts) => attempt(() => limiters[limit].consume(hashParts(parts))),
    giveBack: (limit, parts) => attempt(() => limiters[limit].reward(hashParts(parts))),
    reset: (limit, parts) => attempt(() => limiters[limit].delete(hashParts(parts))),
    close: options.close,
  };
}

/** A hash, so that no address or e-mail stands in the store; lengths keep ["ab","c"] and ["a","bc"] apart. */
function hashParts(parts: readonly string[]): string {
  const text = parts.map((part) => `${part.length}:${part}`).join('');
  return createHash('sha256').update(text).digest('base64url');
}
