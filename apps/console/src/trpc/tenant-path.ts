'use client';

import { useParams } from 'next/navigation';

/** Makes paths below the tenant of the URL: `path('/agents')` is `/t/acme/agents`. */
export function useTenantPath(): (path: string) => string {
  const { tenant } = useParams<{ tenant: string }>();
  return (path) => `/t/${tenant}${path === '/' ? '' : path}`;
}
