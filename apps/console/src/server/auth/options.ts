import type { NextAuthOptions } from 'next-auth';
import credentialsProvider from 'next-auth/providers/credentials';
import { z } from 'zod';

import { signIn } from '@gatehouse/services/auth/sign-in';
import { signOut } from '@gatehouse/services/auth/sign-out';
import { ServiceError } from '@gatehouse/services/errors';

import { env } from '../../env.ts';
import { clientAddress } from '../http/client-address.ts';
import { metrics } from '../ops/metrics.ts';
import { consoleRuntime } from '../runtime.ts';
import { forgetSession } from './session-check.ts';

/** The browser keeps its token this long, seconds; the row in console_session decides, and may end it sooner. */
const TOKEN_SECONDS = 7 * 24 * 60 * 60;

/** The whole content of the browser's token. */
export const SessionToken = z.object({ sid: z.uuid(), uid: z.uuid() });
export type SessionToken = z.infer<typeof SessionToken>;

const Credentials = z.object({ email: z.string().min(1).max(320), password: z.string().min(1).max(200) });

/**
 * What the login page finds in `error`: `CredentialsSignin` (wrong e-mail or password), `RateLimited` (too many attempts), `Unavailable`.
 */
function signInErrorCode(error: unknown): string {
  if (error instanceof ServiceError && error.code === 'rate_limited') return 'RateLimited';
  return 'Unavailable';
}

const header = (headers: Record<string, unknown> | undefined, name: string): string | null => {
  const value = headers?.[name];
  return typeof value === 'string' ? value : null;
};

const password = credentialsProvider({
  id: 'credentials',
  name: 'Password',
  credentials: { email: {}, password: {} },
  async authorize(given, request) {
    const credentials = Credentials.safeParse(given);
    if (!credentials.success) return null;
    const runtime = await consoleRuntime();
    try {
      const session = await signIn({
        runtime,
        input: {
          ...credentials.data,
          ip: clientAddress(header(request.headers, 'x-forwarded-for')),
          userAgent: header(request.headers, 'user-agent')?.slice(0, 400) ?? null,
        },
      });
      metrics().signIns.inc({ result: 'ok' });
      return { id: session.userId, sessionId: session.sessionId };
    } catch (error) {
      metrics().signIns.inc({ result: error instanceof ServiceError ? error.code : 'failed' });
      if (error instanceof ServiceError && error.code === 'not_permitted') return null;
      if (!(error instanceof ServiceError)) runtime.log.error({ err: error }, 'sign-in failed');
      throw new Error(signInErrorCode(error));
    }
  },
});

/** Options of next-auth for this process. Built per request, so that a changed environment or provider needs no module state. */
export function authOptions(): NextAuthOptions {
  return {
    secret: env().NEXTAUTH_SECRET,
    providers: [password],
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
        await signOut({ runtime: await consoleRuntime(), input: { sessionId: session.data.sid, userId: session.data.uid } });
        forgetSession(session.data.sid);
      },
    },
  };
}
