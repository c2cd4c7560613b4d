'use client';

import { CSPProvider } from '@cloudflare/kumo/primitives/csp-provider';
import type { ReactNode } from 'react';

/** Hands the nonce of the request to components that bring a style sheet of their own. */
export function StyleNonce({ nonce, children }: { nonce: string | undefined; children: ReactNode }) {
  return <CSPProvider {...(nonce === undefined ? {} : { nonce })}>{children}</CSPProvider>;
}
