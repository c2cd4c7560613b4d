import { type ReactNode, useId } from 'react';

import { Bar } from '../../ui/status/states.tsx';

/** One part of the account page. */
export function AccountSection({ title, children }: { title: string; children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="mt-10">
      <h2 id={id} className="mb-2 text-base font-semibold">
        {title}
      </h2>
      {children}
    </section>
  );
}

/** A row of two lines that is on its way. */
export function LineSkeleton() {
  return (
    <div className="rounded-card border border-line bg-surface px-4 py-2.5">
      <div className="flex h-5 items-center">
        <Bar className="w-36" />
      </div>
      <div className="flex h-4 items-center">
        <Bar className="h-3 w-56 max-w-full" />
      </div>
    </div>
  );
}
