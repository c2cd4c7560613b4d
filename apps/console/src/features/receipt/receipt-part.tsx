import type { ReactNode } from 'react';

import type { ApiOutput } from '../../trpc/client.tsx';

/** What `receipt.get` gives. */
export type ReceiptDetail = ApiOutput['receipt']['get'];

/** One titled part of a call. */
export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-2 text-xs font-medium text-subtle">{title}</h3>
      {children}
    </section>
  );
}
