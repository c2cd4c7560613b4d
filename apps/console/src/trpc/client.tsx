'use client';

import { QueryClientProvider } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from '@trpc/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import { useState, type ReactNode } from 'react';

import type { AppRouter } from '../server/api/root.ts';
import { MAX_BATCH } from './batch.ts';
import { createQueryClient } from './query-client.ts';
import { transformer } from './transformer.ts';

const context = createTRPCContext<AppRouter>();

/** Query, mutation and subscription options of every procedure: `useQuery(trpc.server.list.queryOptions())`. */
export const useTRPC = context.useTRPC;

/** What the procedures take and give, for props and state. */
export type ApiInput = inferRouterInputs<AppRouter>;
export type ApiOutput = inferRouterOutputs<AppRouter>;

function createApiClient(tenant: string) {
  const url = `/t/${tenant}/api/trpc`;
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({ url, transformer }),
        false: httpBatchLink({ url, transformer, maxURLLength: 4_000, maxItems: MAX_BATCH }),
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
