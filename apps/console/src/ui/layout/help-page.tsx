'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';

import { cn } from '../cn.ts';
import { HelpLink } from '../help/help-link.tsx';
import { Brand } from './brand.tsx';

export interface HelpPageProps {
  documents: readonly { name: string; href: string; isCurrent: boolean }[];
  children: ReactNode;
}

/** A document to read, with the others beside it. */
export function HelpPage({ documents, children }: HelpPageProps) {
  return (
    <div className="mx-auto min-h-dvh max-w-240 px-4 pb-16 md:px-6">
      <header className="flex h-12 items-center justify-between gap-4">
        <Brand />
        <HelpLink />
      </header>
      <div className="mt-6 gap-12 md:flex">
        <nav aria-label="Documents" className="mb-6 md:sticky md:top-6 md:w-44 md:shrink-0 md:self-start">
          <ul className="flex flex-wrap gap-1 md:flex-col">
            {documents.map(({ name, href, isCurrent }) => (
              <li key={href}>
                <Link
                  href={href}
                  aria-current={isCurrent ? 'page' : undefined}
                  className={cn(
                    'block rounded-control px-2 py-1.5 text-muted hover:bg-active hover:text-fg',
                    isCurrent && 'bg-active font-medium text-fg',
                  )}
                >
                  {name}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <main className="max-w-[72ch] min-w-0 flex-1">{children}</main>
      </div>
    </div>
  );
}
