import { QueryClient } from '@tanstack/react-query';
import { isTRPCClientError } from '@trpc/client';

import type { AppRouter } from '../server/api/root.ts';

/** A refusal by the server (4xx) stays a refusal; only lost connections and 5xx are tried again. */
function shouldRetry(failures: number, error: unknown): boolean {
  const status = isTRPCClientError<AppRouter>(error) ? error.data?.httpStatus : undefined;
  return failures < 2 && (status === undefined || status >= 500);
}

/** A session that ended while a page was open: sign in and come back. */
function leaveIfSignedOut(error: unknown): void {
  if (!isTRPCClientError<AppRouter>(error) || error.data?.code !== 'UNAUTHORIZED') return;
  const here = window.location.pathname + window.location.search;
  window.location.assign(`/login?callbackUrl=${encodeURIComponent(here)}`);
}

/** What all reads and writes of a page go through. */
export function createQueryClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: { queries: { staleTime: 30_000, retry: shouldRetry }, mutations: { retry: false } },
  });
  client.getQueryCache().subscribe((event) => {
    if (event.type === 'updated' && event.action.type === 'error') leaveIfSignedOut(event.action.error);
  });
  client.getMutationCache().subscribe((event) => {
    if (event.type === 'updated' && event.action.type === 'error') leaveIfSignedOut(event.action.error);
  });
  return client;
}
