'use client';

import { ThemeProvider as NextThemes } from 'next-themes';
import type { ReactNode } from 'react';

/** In the browser the script has run already; as data React does not ask what it is for. */
const SCRIPT = typeof window === 'undefined' ? {} : { type: 'application/json' };

/** Light, dark or as the system; set before the first paint, so nothing flashes. */
export function ThemeProvider({ nonce, children }: { nonce: string | undefined; children: ReactNode }) {
  return (
    <NextThemes
      attribute="data-mode"
      defaultTheme="system"
      enableColorScheme={false}
      disableTransitionOnChange
      nonce={nonce}
      scriptProps={SCRIPT}
    >
      {children}
    </NextThemes>
  );
}
