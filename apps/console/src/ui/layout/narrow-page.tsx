import type { ReactNode } from 'react';

import { HelpLink } from '../help/help-link.tsx';
import { Brand } from './brand.tsx';

/** A page with one form, outside of any workspace. */
export function NarrowPage({ children }: { children: ReactNode }) {
  return (
    <main className="flex min-h-dvh flex-col items-center px-6 pt-[14vh] pb-16">
      <HelpLink className="absolute top-2 right-2" />
      <div className="w-full max-w-88">
        <Brand className="mb-10" />
        {children}
      </div>
    </main>
  );
}
