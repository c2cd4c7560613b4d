import nextAuth from 'next-auth';
import type { NextRequest } from 'next/server';

import { getEnv } from '../../env.ts';
import { withNoStore } from '../http.ts';
import { CHALLENGE_COOKIE } from './challenge-cookie.ts';
import { createDeviceCookie, DEVICE_COOKIE, makeDeviceId, readDeviceId } from './device-cookie.ts';
import { explainFailedSignIn } from './failed-sign-in.ts';
import { createAuthOptions } from './options.ts';

interface AuthRouteContext {
  params: Promise<{ nextauth: string[] }>;
}

/** The parts of next-auth that the console uses. `session` would show the ids of a token, `_log` writes what a stranger sends. */
const ACTIONS: ReadonlySet<string> = new Set(['csrf', 'providers', 'signin', 'signout', 'callback', 'error']);

/** True when the target is anything but a path of this console or an absolute URL of its own origin. */
function leadsElsewhere(request: NextRequest): boolean {
  const target = request.nextUrl.searchParams.get('callbackUrl');
  if (target === null) return false;
  const origin = new URL(getEnv().NEXTAUTH_URL).origin;
  return !URL.canParse(target, origin) || new URL(target, origin).origin !== origin;
}

async function answer(request: NextRequest, context: AuthRouteContext): Promise<Response> {
  const { nextauth } = await context.params;
  const [action = ''] = nextauth;
  // Link scanners of mail systems send HEAD; next-auth would answer 400 and some start the flow.
  if (request.method === 'HEAD') return new Response(null, { status: 200 });
  if (!ACTIONS.has(action)) return new Response('Not found', { status: 404 });
  if (action === 'callback' && request.method !== 'POST') {
    return new Response('Use POST', { status: 405, headers: { allow: 'POST' } });
  }
  if (leadsElsewhere(request)) return new Response('callbackUrl must stay on this console', { status: 400 });
  let retryAfterMs: number | undefined;
  let deviceCookie: string | undefined;
  const { NEXTAUTH_SECRET: secret, NEXTAUTH_URL } = getEnv();
  const cookie = request.cookies.get(DEVICE_COOKIE)?.value;
  const options = createAuthOptions({
    challengeSecret: request.cookies.get(CHALLENGE_COOKIE)?.value ?? null,
    findDevice: (account) => readDeviceId(cookie, account, secret),
    onRefused: (waitMs) => (retryAfterMs = waitMs),
    onSignedIn(account, known) {
      const deviceId = known ?? makeDeviceId();
      deviceCookie = createDeviceCookie({ cookie, account, deviceId, secret, secure: NEXTAUTH_URL.startsWith('https:') });
    },
  });
  const response: unknown = await nextAuth(request, context, options);
  if (!(response instanceof Response)) return new Response('Not found', { status: 404 });
  if (deviceCookie !== undefined) response.headers.append('set-cookie', deviceCookie);
  return explainFailedSignIn(response, retryAfterMs);
}

/** Serves /api/auth/*: next-auth, narrowed to what the console needs, never stored. */
export async function handleAuth(request: NextRequest, context: AuthRouteContext): Promise<Response> {
  return withNoStore(await answer(request, context));
}
