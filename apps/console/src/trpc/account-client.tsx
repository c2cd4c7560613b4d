'use client';

import { QueryClientProvider } from '@tanstack/react-query';
import { createTRPCClient, httpLink } from '@trpc/client';
import type { inferRouterOutputs } from '@trpc/server';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import { useState, type ReactNode } from 'react';

import type { AccountRouter } from '../server/api/account.ts';
import { createQueryClient } from './query-client.ts';
import { transformer } from './transformer.ts';

const context = createTRPCContext<AccountRouter>();

/** Query and mutation options of the procedures about one's own account. */
export const useAccountTRPC = context.useTRPC;

/** What the procedures give. */
export type AccountOutput = inferRouterOutputs<AccountRouter>;

/** Reads are sent like writes: what they ask with may be the secret of a link, and addresses are logged. */
function createAccountClient() {
  return createTRPCClient<AccountRouter>({
    links: [httpLink({ url: '/api/account', transformer, methodOverride: 'POST' })],
  });
}

/** Gives everything below it the API of a person's own account. */
export function AccountProvider({ children }: { children: ReactNode }) {
  const [queries] = useState(createQueryClient);
  const [api] = useState(createAccountClient);
  return (
    <QueryClientProvider client={queries}>
      <context.TRPCProvider trpcClient={api} queryClient={queries}>
        {children}
      </context.TRPCProvider>
    </QueryClientProvider>
  );
}
