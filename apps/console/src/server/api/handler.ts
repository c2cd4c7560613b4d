import { randomUUID } from 'node:crypto';

import { getServerSession } from 'next-auth';

import { getEnv } from '../../env.ts';
import { createChallengeCookie } from '../auth/challenge-cookie.ts';
import { createAuthOptions } from '../auth/options.ts';
import { SessionToken } from '../auth/session-token.ts';
import { isSameOrigin, withNoStore } from '../http.ts';
import { getRuntime, getStoppingSignal } from '../runtime.ts';
import { answerProcedures } from './answer-procedures.ts';

interface ApiRouteContext {
  params: Promise<{ tenant: string }>;
}

/** Serves /t/:tenant/api/trpc/*: the tenant is the one of the URL, through the person's membership. */
export async function handleApi(request: Request, context: ApiRouteContext): Promise<Response> {
  const { tenant } = await context.params;
  return answer(request, tenant);
}

/** Serves /api/account/*: the person's account, whatever the tenant. By POST alone: the input may be the secret of a link. */
export async function handleAccountApi(request: Request): Promise<Response> {
  return answer(request, null);
}

async function answer(request: Request, tenantSlug: string | null): Promise<Response> {
  const token = SessionToken.safeParse(await getServerSession(createAuthOptions()));
  const runtime = await getRuntime();
  const { NEXTAUTH_URL } = getEnv();
  let challengeCookie: string | undefined;
  const response = await answerProcedures(request, {
    runtime,
    token: token.success ? token.data : null,
    tenantSlug,
    // the console's listener put the address of the caller there
    ip: request.headers.get('x-forwarded-for')?.slice(0, 64) ?? 'unknown',
    requestId: randomUUID(),
    sameOrigin: isSameOrigin(request.headers, NEXTAUTH_URL),
    onChallenge: (secret) => (challengeCookie = createChallengeCookie({ secret, secure: NEXTAUTH_URL.startsWith('https:') })),
    stopping: getStoppingSignal(),
  });
  if (challengeCookie !== undefined) response.headers.append('set-cookie', challengeCookie);
  return withNoStore(response);
}
