'use client';

import Link from 'next/link';

import { useHere, usePath } from '../../trpc/use-path.ts';
import { getCrumbs } from './navigation.ts';

/** Where the page is. `title` stands for the id or slug in the URL. */
export function Breadcrumbs({ title }: { title: string | null }) {
  const path = usePath();
  const here = useHere();
  return (
    <nav aria-label="Breadcrumb" className="min-w-0 flex-1">
      <ol className="flex min-w-0 items-center gap-1.5">
        {getCrumbs(here, title).map(({ label, path: to }, index) => (
          <li key={`${index}-${label}`} className="flex min-w-0 items-center gap-1.5 first:shrink-0 not-first:not-last:shrink-99">
            {index > 0 && (
              <span aria-hidden className="text-subtle">
                /
              </span>
            )}
            {to === undefined ? (
              <span aria-current="page" className="truncate font-medium">
                {label}
              </span>
            ) : (
              <Link href={path(to)} className="truncate text-muted hover:text-fg">
                {label}
              </Link>
            )}
          </li>
        ))}
      </ol>
    </nav>
  );
}
