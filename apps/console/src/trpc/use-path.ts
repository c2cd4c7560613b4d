'use client';

import { useParams } from 'next/navigation';

/** Makes links inside the tenant of the URL: `path('/servers')` is "/t/acme/servers", `path('/')` is "/t/acme". */
export function usePath(): (path: string) => string {
  const { tenant } = useParams<{ tenant: string }>();
  return (path) => `/t/${tenant}${path === '/' ? '' : path}`;
}
