'use client';

import { QueryClientProvider } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, httpLink, httpSubscriptionLink, splitLink } from '@trpc/client';
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

/** Characters of an input that goes into an address; more, like two hundred ids, is sent as a body. */
const LONGEST_IN_URL = 1_000;

function createApiClient(tenant: string) {
  const url = `/t/${tenant}/api/trpc`;
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({ url, transformer }),
        false: splitLink({
          condition: ({ type, input }) => type === 'query' && JSON.stringify(input ?? null).length > LONGEST_IN_URL,
          true: httpLink({ url, transformer, methodOverride: 'POST' }),
          false: httpBatchLink({ url, transformer, maxURLLength: 4_000, maxItems: MAX_BATCH }),
        }),
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
