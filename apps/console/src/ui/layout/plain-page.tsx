import type { ReactNode } from 'react';

import { HelpLink } from '../help/help-link.tsx';
import { Brand } from './brand.tsx';

export interface PlainPageProps {
  title: string;
  children: ReactNode;
  action?: ReactNode;
}

/** A page outside of any workspace: one statement, one way on. */
export function PlainPage({ title, children, action }: PlainPageProps) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-lg flex-col justify-center px-6 py-16">
      <HelpLink className="absolute top-2 right-2" />
      <Brand className="mb-8" />
      <h1 className="text-xl font-semibold">{title}</h1>
      <p className="mt-2 text-base text-pretty text-muted">{children}</p>
      {action !== undefined && <div className="mt-6 flex gap-2">{action}</div>}
    </main>
  );
}
