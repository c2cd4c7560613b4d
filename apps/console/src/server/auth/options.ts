import type { NextAuthOptions } from 'next-auth';
import credentialsProvider from 'next-auth/providers/credentials';
import { z } from 'zod';

import { signIn } from '@gatehouse/services/auth/sign-in';
import { signOut } from '@gatehouse/services/auth/sign-out';
import { ServiceError } from '@gatehouse/services/errors';
import type { Runtime } from '@gatehouse/services/runtime';
import { RateLimitError } from '@gatehouse/services/throttle/throttle';

import { getEnv } from '../../env.ts';
import { parseClientAddress } from '../http.ts';
import { getMetrics } from '../ops/metrics.ts';
import { getRuntime } from '../runtime.ts';
import { forgetSession } from './session-check.ts';

/** The browser keeps its token this long, seconds; the row in console_session decides, and may end it sooner. */
const TOKEN_SECONDS = 7 * 24 * 60 * 60;

/** The whole content of the browser's token. */
export const SessionToken = z.object({ sid: z.uuid(), uid: z.uuid() });
export type SessionToken = z.infer<typeof SessionToken>;

const Credentials = z.object({ email: z.string().min(1).max(320), password: z.string().min(1).max(200) });

/** What the login page finds in `error` beside `CredentialsSignin` (wrong e-mail or password). */
export const SIGN_IN_ERRORS = { rate_limited: 'RateLimited', other: 'Unavailable' } as const;

const readHeader = (headers: Record<string, unknown> | undefined, name: string): string | null => {
  const value = headers?.[name];
  return typeof value === 'string' ? value : null;
};

/**
 * Checks what the login form sent. Null: wrong e-mail or password, which of the two stays untold. Throws an Error whose message is one of
 * SIGN_IN_ERRORS.
 */
export async function checkPassword(
  runtime: Runtime,
  given: unknown,
  headers: Record<string, unknown> | undefined,
): Promise<{ id: string; sessionId: string } | null> {
  const credentials = Credentials.safeParse(given);
  if (!credentials.success) return null;
  const ip = parseClientAddress(readHeader(headers, 'x-forwarded-for'));
  const userAgent = readHeader(headers, 'user-agent')?.slice(0, 400) ?? null;
  try {
    const session = await signIn({ runtime, input: { ...credentials.data, ip, userAgent } });
    getMetrics().signIns.inc({ result: 'ok' });
    return { id: session.userId, sessionId: session.sessionId };
  } catch (error) {
    const code = error instanceof ServiceError ? error.code : 'failed';
    getMetrics().signIns.inc({ result: code });
    if (code === 'not_permitted' || code === 'invalid') return null;
    if (code === 'failed') runtime.log.error({ err: error }, 'sign-in failed');
    throw new Error(code === 'rate_limited' ? SIGN_IN_ERRORS.rate_limited : SIGN_IN_ERRORS.other, { cause: error });
  }
}

type RateLimitListener = (retryAfterMs: number) => void;

const createPasswordProvider = (onRateLimit?: RateLimitListener) =>
  credentialsProvider({
    id: 'credentials',
    name: 'Password',
    credentials: { email: {}, password: {} },
    async authorize(given, request) {
      // The message of an error ends up in an address; that of a database is nobody's business.
      const runtime = await getRuntime().catch((cause: unknown) => {
        throw new Error(SIGN_IN_ERRORS.other, { cause });
      });
      try {
        return await checkPassword(runtime, given, request.headers);
      } catch (error) {
        if (error instanceof Error && error.cause instanceof RateLimitError) onRateLimit?.(error.cause.retryAfterMs);
        throw error;
      }
    },
  });

/**
 * Options of next-auth for this process. Built per request, so that a changed environment or provider needs no module state; and
 * `onRateLimit` hears what next-auth has no place for: how many milliseconds a sign-in that was throttled has to wait.
 */
export function createAuthOptions(onRateLimit?: RateLimitListener): NextAuthOptions {
  return {
    secret: getEnv().NEXTAUTH_SECRET,
    providers: [createPasswordProvider(onRateLimit)],
    pages: { signIn: '/login', signOut: '/login', error: '/login' },
    session: { strategy: 'jwt', maxAge: TOKEN_SECONDS },
    callbacks: {
      jwt: ({ token, user }) => (user ? { sid: user.sessionId, uid: user.id } : token),
      session: ({ token }) => ({ expires: new Date(0).toISOString(), sid: token.sid, uid: token.uid }),
    },
    events: {
      async signOut({ token }) {
        const session = SessionToken.safeParse(token);
        if (!session.success) return;
        await signOut({ runtime: await getRuntime(), input: { sessionId: session.data.sid, userId: session.data.uid } });
        forgetSession(session.data.sid);
      },
    },
  };
}
