import { cookies, headers } from 'next/headers';
import type { ReactNode } from 'react';

import { Shell } from '../../../features/shell/shell.tsx';
import { getMe } from '../../../server/api/get-me.ts';
import { requirePage } from '../../../server/auth/page.ts';
import { TRPCProvider } from '../../../trpc/client.tsx';

interface TenantLayoutProps {
  params: Promise<{ tenant: string }>;
  children: ReactNode;
}

/** Everything of one workspace: only for its members, with its own API client and cache. */
export default async function TenantLayout({ params, children }: TenantLayoutProps) {
  const { tenant } = await params;
  const path = (await headers()).get('x-path') ?? undefined;
  const { user, ctx } = await requirePage(tenant, path);
  const me = await getMe(user, ctx);
  const sidebar = (await cookies()).get('gatehouse-sidebar')?.value;
  return (
    <TRPCProvider key={tenant} tenant={tenant}>
      <Shell me={me} sidebarCollapsed={sidebar === 'collapsed'}>
        {children}
      </Shell>
    </TRPCProvider>
  );
}
