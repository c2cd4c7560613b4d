'use client';

import { CaretDownIcon, CaretUpIcon, CaretUpDownIcon } from '@phosphor-icons/react/ssr';

/** The order that a table is in, and how to ask for another one. */
export interface ShownSort {
  by: string;
  direction: 'asc' | 'desc';
  onChange: (sort: { by: string; direction: 'asc' | 'desc' }) => void;
}

export interface SortButtonProps {
  sort: ShownSort;
  /** the order that the column stands for */
  column: { by: string; first: 'asc' | 'desc' };
  label: string;
}

/** The head of a column by which the rows can be ordered: once for its order, once more for the other way. */
export function SortButton({ sort, column, label }: SortButtonProps) {
  const isOn = sort.by === column.by;
  const other = sort.direction === 'asc' ? 'desc' : 'asc';
  const Picture = !isOn ? CaretUpDownIcon : sort.direction === 'asc' ? CaretUpIcon : CaretDownIcon;
  return (
    <button
      type="button"
      onClick={() => sort.onChange({ by: column.by, direction: isOn ? other : column.first })}
      className="-mx-1 inline-flex items-center gap-1 rounded-control px-1 hover:text-fg pointer-coarse:min-h-8"
    >
      {label}
      <Picture aria-hidden size={12} className={isOn ? 'text-fg' : 'opacity-50'} />
    </button>
  );
}
