import { fetchRequestHandler } from '@trpc/server/adapters/fetch';

import { CONSOLE_LIMITS } from '../limits.ts';
import { createApiContext, type ApiRequest } from './context.ts';
import { appRouter } from './root.ts';

/** Answers one HTTP request to the procedures of a tenant, of which it may name as many as one batch holds. */
export function answerProcedures(request: Request, asked: ApiRequest): Promise<Response> {
  return fetchRequestHandler({
    endpoint: `/t/${asked.tenantSlug}/api/trpc`,
    req: request,
    router: appRouter,
    maxBatchSize: CONSOLE_LIMITS.batch,
    createContext: () => createApiContext(asked),
  });
}
