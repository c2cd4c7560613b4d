import { fetchRequestHandler } from '@trpc/server/adapters/fetch';

import { CONSOLE_LIMITS } from '../limits.ts';
import { accountRouter } from './account.ts';
import { createApiContext, type ApiRequest } from './context.ts';
import { appRouter } from './root.ts';

/** Answers one HTTP request to the procedures of a tenant, or of a person's account, of which it may name as many as one batch holds. */
export function answerProcedures(request: Request, asked: ApiRequest): Promise<Response> {
  const { tenantSlug } = asked;
  // a reading whose input does not fit into an address is sent as a body
  const common = { req: request, maxBatchSize: CONSOLE_LIMITS.batch, allowMethodOverride: true };
  const options = { ...common, createContext: () => createApiContext(asked) };
  return tenantSlug === null
    ? fetchRequestHandler({ ...options, endpoint: '/api/account', router: accountRouter })
    : fetchRequestHandler({ ...options, endpoint: `/t/${tenantSlug}/api/trpc`, router: appRouter });
}
