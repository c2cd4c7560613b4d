'use client';

import type { Dispatch, ReactNode, SetStateAction } from 'react';

import { cn } from '../cn.ts';
import { Checkbox } from '../form/checkbox.tsx';
import { ZoneName } from '../text/relative-time.tsx';
import { type ShownSort, SortButton } from './sort-button.tsx';
import { getCellClass, SelectRow, TableRow } from './table-row.tsx';

export interface Column<Row> {
  key: string;
  header: string;
  /** its cells are clocks: the head names their zone, once */
  zoned?: true;
  /** the header is for assistive technology only: a column of buttons */
  headerHidden?: boolean;
  cell: (row: Row) => ReactNode;
  /** numbers go to the end */
  align?: 'start' | 'end';
  /** Tailwind width class: "w-40" */
  width?: string;
  /** for text of any length: Tailwind class of its share of the table ("w-1/3"). What does not fit is cut, and wraps in a narrow table */
  share?: string;
  /** the list can be in the order of this; which way it goes at first */
  sort?: { by: string; first: 'asc' | 'desc' };
  /** leaves a table narrower than 480, 736 or 992 px: about a window of 768, 1024 or 1280 px */
  hideBelow?: 'md' | 'lg' | 'xl';
}

export interface TableProps<Row> {
  /** accessible name: "Agents" */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  getRowKey: (row: Row) => string;
  /** page of the row: the first cell is the link, the whole row takes the click. Null for a row that leads nowhere, or not yet */
  buildHref?: (row: Row) => string | null;
  /** opens the row beside the list (inspector); the first cell is the button */
  onOpen?: (row: Row) => void;
  /** key of the row that is open */
  selectedKey?: string | null;
  /** what stands in place of the table when there are no rows */
  empty?: ReactNode;
  /** which column's order the rows are in; with it the heads of columns that have one are buttons */
  sort?: ShownSort;
  /** boxes before the rows, for what can be done with several at once; none where nothing can be done with any of them */
  selection?: TableSelection<Row>;
  /** "7 of 7", "Load more" */
  footer?: ReactNode;
  /** 32 px rows, or 40 px */
  density?: 'compact' | 'comfortable';
  className?: string;
}

export interface TableSelection<Row> {
  keys: ReadonlySet<string>;
  onChange: Dispatch<SetStateAction<ReadonlySet<string>>>;
  /** accessible name of the row's box: "Select Ada" */
  getLabel: (row: Row) => string;
  /** false: nothing can be done with this row by the one who looks */
  canSelect?: (row: Row) => boolean;
}

/** A dense list: sticky head, hairlines, one-line cells. */
export function Table<Row>(props: TableProps<Row>) {
  const { label, columns, rows, getRowKey, buildHref, onOpen, selectedKey, empty, sort, footer, density, className } = props;
  const selection = rows.some((row) => props.selection?.canSelect?.(row) ?? true) ? props.selection : undefined;
  if (rows.length === 0 && empty !== undefined) {
    return <div className={cn('min-w-0 rounded-card border border-line bg-surface', className)}>{empty}</div>;
  }
  return (
    <div className={cn('@container min-w-0 overflow-clip rounded-card border border-line bg-surface', className)}>
      {/* what scrolls sideways keeps its head at its own top: where there is room, nothing does, and the head stays at the top of the page */}
      <div className="relative overflow-x-auto @min-[56rem]:overflow-visible">
        <table aria-label={label} className="w-full border-collapse text-left">
          <thead className="sticky top-0 z-10 @min-[56rem]:top-(--sticky-top,0px)">
            {/* a collapsed border does not stay with the head */}
            <tr className="h-8 bg-sunken text-xs font-medium text-subtle *:shadow-[inset_0_-1px_0_var(--color-line)]">
              {selection && <SelectAll rows={rows} getRowKey={getRowKey} selection={selection} />}
              {columns.map((column) => (
                <HeadCell key={column.key} column={column} sort={sort} />
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {rows.map((row) => {
              const key = getRowKey(row);
              return (
                <TableRow
                  key={key}
                  row={row}
                  columns={columns}
                  href={buildHref?.(row) ?? null}
                  onOpen={onOpen}
                  isOpen={key === selectedKey}
                  anyOpen={selectedKey != null}
                  box={
                    selection && (
                      <SelectRow
                        rowKey={key}
                        label={(selection.canSelect?.(row) ?? true) ? selection.getLabel(row) : null}
                        checked={selection.keys.has(key)}
                        onChange={selection.onChange}
                      />
                    )
                  }
                  density={density}
                />
              );
            })}
          </tbody>
        </table>
      </div>
      {footer !== undefined && rows.length > 0 && (
        <div className="flex min-h-8 flex-wrap items-center gap-3 border-t border-line px-4 py-1 text-xs text-subtle">
          {footer}
        </div>
      )}
    </div>
  );
}

function HeadCell<Row>({ column, sort }: { column: Column<Row>; sort: ShownSort | undefined }) {
  const { header, headerHidden, zoned } = column;
  const words = headerHidden ? <span className="sr-only">{header}</span> : header;
  const isSorted = sort !== undefined && column.sort?.by === sort.by;
  return (
    <th
      scope="col"
      aria-sort={isSorted ? (sort.direction === 'asc' ? 'ascending' : 'descending') : undefined}
      className={cn(getCellClass(column), 'font-medium whitespace-nowrap')}
    >
      {sort && column.sort ? <SortButton sort={sort} column={column.sort} label={header} /> : words}
      {zoned && (
        <>
          {' '}
          <ZoneName />
        </>
      )}
    </th>
  );
}

interface SelectAllProps<Row> {
  rows: readonly Row[];
  getRowKey: (row: Row) => string;
  selection: TableSelection<Row>;
}

/** Of what is loaded. */
function SelectAll<Row>({ rows, getRowKey, selection: { keys, onChange, canSelect } }: SelectAllProps<Row>) {
  const able = rows.filter((row) => canSelect?.(row) ?? true).map(getRowKey);
  const chosen = able.filter((key) => keys.has(key)).length;
  return (
    <th scope="col" className="w-8 pl-4">
      <Checkbox
        aria-label="Select all that are loaded"
        checked={chosen === able.length}
        indeterminate={chosen > 0 && chosen < able.length}
        onCheckedChange={(checked) => onChange(new Set(checked ? able : []))}
      />
    </th>
  );
}
