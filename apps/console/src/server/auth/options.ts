import type { NextAuthOptions } from 'next-auth';
import credentialsProvider from 'next-auth/providers/credentials';
import { z } from 'zod';

import { CodeDueError, WrongCodeError } from '@gatehouse/services/auth/code/check-second-step';
import { SignedChallenge } from '@gatehouse/services/auth/passkey/browser-answer';
import { signInWithPasskey } from '@gatehouse/services/auth/passkey/sign-in-with-passkey';
import { PasswordText } from '@gatehouse/services/auth/password';
import { signOut } from '@gatehouse/services/auth/session/sign-out';
import { signIn } from '@gatehouse/services/auth/sign-in';
import { ServiceError, type ServiceErrorCode } from '@gatehouse/services/errors';
import type { Runtime } from '@gatehouse/services/runtime';
import { RateLimitError } from '@gatehouse/services/throttle/throttle';
import { BusyError } from '@gatehouse/services/work/bounded-queue';

import { getEnv } from '../../env.ts';
import { getMetrics } from '../ops/metrics.ts';
import { getRuntime } from '../runtime.ts';
import type { DeviceAccount } from './device-cookie.ts';
import { SessionToken } from './session-token.ts';

/** The browser keeps its token this long, seconds; the row in console_session decides, and may end it sooner. */
const TOKEN_SECONDS = 7 * 24 * 60 * 60;

const Credentials = z.object({
  email: z.string().min(1).max(320),
  password: PasswordText.min(1),
  /** slug of the workspace that the person signs in to; left out where there is one only */
  workspace: z.string().max(100).optional(),
  /** of an authenticator app, or a recovery code */
  code: z.string().max(60).optional(),
});

/** What the browser answered to `beginPasskeySignIn`, as JSON. */
const PasskeyAnswer = z.object({ answer: z.string().max(12_000).transform(readJson).pipe(SignedChallenge) });

function readJson(text: string, ctx: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    ctx.addIssue({ code: 'custom', message: 'is no JSON' });
    return z.NEVER;
  }
}

/** What the login page finds in `error` beside `CredentialsSignin` (wrong e-mail or password). */
export const SIGN_IN_ERRORS = {
  rate_limited: 'RateLimited',
  code_due: 'CodeDue',
  code_wrong: 'CodeWrong',
  passkey: 'PasskeyRefused',
  other: 'Unavailable',
} as const;

/** One request to sign in, with what next-auth has no place for. */
export interface SignInAttempt {
  /** of the cookie of a browser that began to sign in by a passkey */
  challengeSecret: string | null;
  /** the id of the browser when it signed in to this account before */
  findDevice: (account: DeviceAccount) => string | null;
  /** hears how many milliseconds an attempt that was refused for now has to wait */
  onRefused: (retryAfterMs: number) => void;
  /** hears who signed in, and from which known browser, if any */
  onSignedIn: (account: DeviceAccount, deviceId: string | null) => void;
}

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
  attempt?: SignInAttempt,
): Promise<{ id: string; sessionId: string } | null> {
  const credentials = Credentials.safeParse(given);
  if (!credentials.success) return null;
  const { ip, userAgent } = readBrowser(headers);
  const deviceId = attempt?.findDevice(credentials.data) ?? null;
  try {
    const session = await signIn({ runtime, input: { ...credentials.data, ip, userAgent, deviceId } });
    attempt?.onSignedIn(credentials.data, deviceId);
    getMetrics().signIns.inc({ result: 'ok' });
    return { id: session.userId, sessionId: session.sessionId };
  } catch (error) {
    if (error instanceof CodeDueError) throw new Error(SIGN_IN_ERRORS.code_due, { cause: error });
    const code = countFailure(runtime, error);
    if (error instanceof WrongCodeError) throw new Error(SIGN_IN_ERRORS.code_wrong, { cause: error });
    if (code === 'not_permitted' || code === 'invalid') return null;
    throw toOtherError(code, error);
  }
}

/** Checks what a browser signed with a passkey. Throws an Error whose message is one of SIGN_IN_ERRORS. */
export async function checkPasskey(
  runtime: Runtime,
  given: unknown,
  headers: Record<string, unknown> | undefined,
  secret: string | null,
): Promise<{ id: string; sessionId: string }> {
  const parsed = PasskeyAnswer.safeParse(given);
  if (!parsed.success || secret === null) throw new Error(SIGN_IN_ERRORS.passkey);
  const { answer } = parsed.data;
  try {
    const session = await signInWithPasskey({ runtime, input: { answer, secret, ...readBrowser(headers) } });
    getMetrics().signIns.inc({ result: 'ok' });
    return { id: session.userId, sessionId: session.sessionId };
  } catch (error) {
    const code = countFailure(runtime, error);
    const isRefused = code === 'not_permitted' || code === 'invalid' || code === 'precondition';
    throw isRefused ? new Error(SIGN_IN_ERRORS.passkey, { cause: error }) : toOtherError(code, error);
  }
}

function readBrowser(headers: Record<string, unknown> | undefined): { ip: string; userAgent: string | null } {
  return {
    // the console's listener put the address of the caller there
    ip: readHeader(headers, 'x-forwarded-for')?.slice(0, 64) ?? 'unknown',
    userAgent: readHeader(headers, 'user-agent')?.slice(0, 400) ?? null,
  };
}

/** The code of what went wrong, counted, and logged where nobody foresaw it. */
function countFailure({ log }: Runtime, error: unknown): ServiceErrorCode | 'failed' {
  const code = error instanceof ServiceError ? error.code : 'failed';
  getMetrics().signIns.inc({ result: code });
  if (code === 'failed') log.error({ err: error }, 'sign-in failed');
  return code;
}

function toOtherError(code: ServiceErrorCode | 'failed', cause: unknown): Error {
  return new Error(code === 'rate_limited' ? SIGN_IN_ERRORS.rate_limited : SIGN_IN_ERRORS.other, { cause });
}

const createPasswordProvider = (attempt?: SignInAttempt) =>
  credentialsProvider({
    id: 'credentials',
    name: 'Password',
    credentials: { email: {}, password: {}, workspace: {}, code: {} },
    async authorize(given, request) {
      const runtime = await getSignInRuntime();
      try {
        return await checkPassword(runtime, given, request.headers, attempt);
      } catch (error) {
        const cause = error instanceof Error ? error.cause : undefined;
        if (cause instanceof RateLimitError || cause instanceof BusyError) attempt?.onRefused(cause.retryAfterMs);
        throw error;
      }
    },
  });

const createPasskeyProvider = (attempt?: SignInAttempt) =>
  credentialsProvider({
    id: 'passkey',
    name: 'Passkey',
    credentials: { answer: {} },
    authorize: async (given, request) =>
      checkPasskey(await getSignInRuntime(), given, request.headers, attempt?.challengeSecret ?? null),
  });

/** The message of an error ends up in an address; that of a database is nobody's business. */
function getSignInRuntime(): Promise<Runtime> {
  return getRuntime().catch((cause: unknown) => {
    throw new Error(SIGN_IN_ERRORS.other, { cause });
  });
}

/**
 * Where next-auth leads afterwards, whoever named it: query, form or cookie. Its own rule throws at what is no URL, and answers 500.
 */
export function keepOnConsole({ url, baseUrl }: { url: string; baseUrl: string }): string {
  const target = URL.canParse(url, baseUrl) ? new URL(url, baseUrl) : null;
  return target?.origin === new URL(baseUrl).origin ? target.href : baseUrl;
}

/**
 * Options of next-auth for this process. Built per request, so that a changed environment or provider needs no module state. `attempt` is
 * needed where somebody may sign in.
 */
export function createAuthOptions(attempt?: SignInAttempt): NextAuthOptions {
  return {
    secret: getEnv().NEXTAUTH_SECRET,
    providers: [createPasswordProvider(attempt), createPasskeyProvider(attempt)],
    pages: { signIn: '/login', signOut: '/login', error: '/login' },
    session: { strategy: 'jwt', maxAge: TOKEN_SECONDS },
    callbacks: {
      redirect: keepOnConsole,
      jwt: ({ token, user }) => (user ? { sid: user.sessionId, uid: user.id } : token),
      session: ({ token }) => ({ expires: new Date(0).toISOString(), sid: token.sid, uid: token.uid }),
    },
    events: {
      async signOut({ token }) {
        const session = SessionToken.safeParse(token);
        if (!session.success) return;
        await signOut({ runtime: await getRuntime(), input: { sessionId: session.data.sid, userId: session.data.uid } });
      },
    },
  };
}
