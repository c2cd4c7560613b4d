'use client';

import { useParams, usePathname } from 'next/navigation';

/** Makes links inside the tenant of the URL: `path('/servers')` is "/t/acme/servers", `path('/')` is "/t/acme". */
export function usePath(): (path: string) => string {
  const { tenant } = useParams<{ tenant: string }>();
  return (path) => `/t/${tenant}${path === '/' ? '' : path}`;
}

/** The path of this page inside its tenant, the reverse of `usePath`: "/servers", and "/" for the first page. */
export function useHere(): string {
  return usePathname().replace(/^\/t\/[^/]+/, '') || '/';
}
