'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, isTRPCClientError, splitLink } from '@trpc/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import { useState, type ReactNode } from 'react';
import superjson from 'superjson';

import type { AppRouter } from '../server/api/root.ts';
import { MAX_BATCH } from './batch.ts';

const context = createTRPCContext<AppRouter>();

/** Query, mutation and subscription options of every procedure: `useQuery(trpc.server.list.queryOptions())`. */
export const useTRPC = context.useTRPC;

/** What the procedures take and give, for props and state. */
export type ApiInput = inferRouterInputs<AppRouter>;
export type ApiOutput = inferRouterOutputs<AppRouter>;

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

function createQueryClient(): QueryClient {
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

function createApiClient(tenant: string) {
  const url = `/t/${tenant}/api/trpc`;
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({ url, transformer: superjson }),
        false: httpBatchLink({ url, transformer: superjson, maxURLLength: 4_000, maxItems: MAX_BATCH }),
      }),
    ],
  });
}

/** Gives everything below it the API of one tenant. Mount once per tenant, with `key={tenant}`: nothing cached crosses over. */
export function TRPCProvider({ tenant, children }: { tenant: string; children: ReactNode }) {
  const [queries] = useState(createQueryClient);
  const [api] = useState(() => createApiClient(tenant));
  return (
    <QueryClientProvider client={queries}>
      <context.TRPCProvider trpcClient={api} queryClient={queries}>
        {children}
      </context.TRPCProvider>
    </QueryClientProvider>
  );
}
