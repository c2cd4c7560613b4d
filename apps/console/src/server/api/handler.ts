import { randomUUID } from 'node:crypto';

import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { getServerSession } from 'next-auth';

import { env } from '../../env.ts';
import { authOptions, SessionToken } from '../auth/options.ts';
import { isSameOrigin, noStore } from '../http.ts';
import { consoleRuntime, stoppingSignal } from '../runtime.ts';
import { apiContext } from './context.ts';
import { appRouter } from './root.ts';

interface ApiRouteContext {
  params: Promise<{ tenant: string }>;
}

/** Serves /t/:tenant/api/trpc/*: the tenant is the one of the URL, through the person's membership. */
export async function handleApi(request: Request, context: ApiRouteContext): Promise<Response> {
  const { tenant } = await context.params;
  const token = SessionToken.safeParse(await getServerSession(authOptions()));
  const runtime = await consoleRuntime();
  const response = await fetchRequestHandler({
    endpoint: `/t/${tenant}/api/trpc`,
    req: request,
    router: appRouter,
    createContext: () =>
      apiContext({
        runtime,
        token: token.success ? token.data : null,
        tenantSlug: tenant,
        requestId: randomUUID(),
        sameOrigin: isSameOrigin(request.headers, env().NEXTAUTH_URL),
        stopping: stoppingSignal(),
      }),
  });
  return noStore(response);
}
