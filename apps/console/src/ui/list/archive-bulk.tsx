'use client';

import { Button } from '../button.tsx';
import type { ListBulk } from './list-table.tsx';
import type { useBulk } from './use-bulk.ts';

/** What is chosen in a list is archived, or restored where `archived` is what the list shows. */
export function buildArchiveBulk<Row extends { name: string }>(
  { selection, ask }: Pick<ReturnType<typeof useBulk<Row, 'archive' | 'restore'>>, 'selection' | 'ask'>,
  archived: boolean,
): ListBulk<Row> {
  return {
    ...selection,
    getLabel: ({ name }) => `Select ${name}`,
    present: (rows) => (
      <Button size="small" onClick={() => ask(archived ? 'restore' : 'archive', rows)}>
        {archived ? 'Restore…' : 'Archive…'}
      </Button>
    ),
  };
}
