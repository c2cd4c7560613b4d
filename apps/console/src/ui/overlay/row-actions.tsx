import { DotsThreeIcon } from '@phosphor-icons/react/ssr';
import type { ReactNode } from 'react';

import { Menu } from './menu.tsx';

/** The column of a table that holds RowActions. */
export const ACTIONS_COLUMN = { key: 'actions', header: 'Actions', headerHidden: true, width: 'w-12', align: 'end' } as const;

export interface RowActionsProps {
  /** accessible name: "Actions for Ada" */
  label: string;
  /** as in a Menu */
  children: ReactNode;
}

/** What can be done with one row of a table. */
export function RowActions({ label, children }: RowActionsProps) {
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={label}
          className="inline-flex size-6 items-center justify-center rounded-control align-middle hover:bg-active pointer-coarse:size-10"
        >
          <DotsThreeIcon aria-hidden size={16} weight="bold" />
        </button>
      }
    >
      {children}
    </Menu>
  );
}
