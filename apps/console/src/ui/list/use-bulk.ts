'use client';

import { useState } from 'react';

import type { ListBulk } from './list-table.tsx';

/** Which rows of a list are chosen, and what is being done with them. */
export function useBulk<Row, Act extends string>() {
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  const [asked, setAsked] = useState<{ act: Act; rows: Row[] } | null>(null);
  return {
    asked,
    ask: (act: Act, rows: Row[]): void => setAsked({ act, rows }),
    /** what a `BulkDialog` says when it closes */
    close: (refused: readonly string[] | null): void => {
      setAsked(null);
      if (refused !== null) setKeys(new Set(refused));
    },
    selection: { keys, onChange: setKeys } satisfies Pick<ListBulk<Row>, 'keys' | 'onChange'>,
  };
}
