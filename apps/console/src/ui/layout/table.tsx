'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type MouseEvent, type ReactNode, useEffect, useRef } from 'react';

import { cn } from '../cn.ts';
import { Checkbox } from '../form/checkbox.tsx';
import { ZoneName, ZoneNamedContext } from '../text/relative-time.tsx';
import { type ShownSort, SortButton } from './sort-button.tsx';

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
  /** boxes before the rows, for what can be done with several at once */
  selection?: TableSelection<Row>;
  /** "7 of 7", "Load more" */
  footer?: ReactNode;
  /** 32 px rows, or 40 px */
  density?: 'compact' | 'comfortable';
  className?: string;
}

export interface TableSelection<Row> {
  keys: ReadonlySet<string>;
  onChange: (keys: ReadonlySet<string>) => void;
  /** accessible name of the row's box: "Select Ada" */
  getLabel: (row: Row) => string;
  /** false: nothing can be done with this row by the one who looks */
  canSelect?: (row: Row) => boolean;
}

/** By the width of the table, not of the window: an open inspector makes it narrow too. */
const HIDE = { md: '@max-[30rem]:hidden', lg: '@max-[46rem]:hidden', xl: '@max-[62rem]:hidden' };

/** Without it a cell is as wide as its text, and one long name pushes the other columns out of sight. */
const SHARE = 'max-w-0 @max-[46rem]:w-auto @max-[46rem]:min-w-20 @max-[46rem]:max-w-none';
const SHARED_TEXT = 'block truncate @max-[46rem]:wrap-anywhere @max-[46rem]:whitespace-normal';

function getCellClass<Row>({ align, hideBelow, width, share }: Column<Row>): string {
  return cn(
    'px-3 first:pl-4 last:pr-4',
    align === 'end' && 'text-right',
    hideBelow && HIDE[hideBelow],
    width,
    share && [share, SHARE],
  );
}

/** A click on a link, a button or selected text inside the row is not a click on the row. */
function isRowClick(event: MouseEvent): boolean {
  const target = event.target instanceof Element ? event.target : null;
  return (
    !target?.closest('a, button, input, label, [role="menu"], [role="checkbox"]') && window.getSelection()?.isCollapsed !== false
  );
}

/** A dense list: sticky head, hairlines, one-line cells. */
export function Table<Row>(props: TableProps<Row>) {
  const { label, columns, rows, getRowKey, empty, footer, className } = props;
  if (rows.length === 0 && empty !== undefined) {
    return <div className={cn('min-w-0 rounded-card border border-line bg-surface', className)}>{empty}</div>;
  }
  return (
    <div className={cn('@container min-w-0 overflow-hidden rounded-card border border-line bg-surface', className)}>
      <div className="relative overflow-x-auto">
        <table aria-label={label} className="w-full border-collapse text-left">
          <thead>
            <tr className="h-8 border-b border-line bg-sunken text-xs font-medium text-subtle">
              {props.selection && <SelectAll rows={rows} getRowKey={getRowKey} selection={props.selection} />}
              {columns.map((column) => (
                <HeadCell key={column.key} column={column} sort={props.sort} />
              ))}
            </tr>
          </thead>
          <tbody className="divide-y divide-line">
            {rows.map((row) => (
              <TableRow key={getRowKey(row)} {...props} row={row} />
            ))}
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
        checked={able.length > 0 && chosen === able.length}
        indeterminate={chosen > 0 && chosen < able.length}
        disabled={able.length === 0}
        onCheckedChange={(checked) => onChange(new Set(checked ? able : []))}
      />
    </th>
  );
}

function SelectRow<Row>({ row, rowKey, selection }: { row: Row; rowKey: string; selection: TableSelection<Row> }) {
  const { keys, onChange, getLabel, canSelect } = selection;
  function toggle(checked: boolean): void {
    const next = new Set(keys);
    if (checked) next.add(rowKey);
    else next.delete(rowKey);
    onChange(next);
  }
  return (
    <td className="w-8 py-1 pl-4">
      {(canSelect?.(row) ?? true) && <Checkbox aria-label={getLabel(row)} checked={keys.has(rowKey)} onCheckedChange={toggle} />}
    </td>
  );
}

type RowProps<Row> = TableProps<Row> & { row: Row };

function TableRow<Row>(props: RowProps<Row>) {
  const { row, columns, getRowKey, buildHref, onOpen, selectedKey, density = 'compact' } = props;
  const router = useRouter();
  const href = buildHref?.(row) ?? null;
  const clickable = href !== null || onOpen !== undefined;

  function open(event: MouseEvent): void {
    if (!isRowClick(event)) return;
    if (onOpen) onOpen(row);
    else if (href !== null) router.push(href);
  }

  return (
    <tr
      data-selected={selectedKey === getRowKey(row) || undefined}
      onClick={clickable ? open : undefined}
      className={cn(
        density === 'compact' ? 'h-8 pointer-coarse:h-10' : 'h-10',
        clickable && 'cursor-pointer hover:bg-sunken',
        'data-selected:bg-active data-selected:shadow-[inset_2px_0_0_var(--color-accent)] data-selected:hover:bg-active',
      )}
    >
      {props.selection && <SelectRow row={row} rowKey={getRowKey(row)} selection={props.selection} />}
      {columns.map((column, index) => (
        <td key={column.key} className={cn(getCellClass(column), 'py-1 whitespace-nowrap')}>
          <Cell {...props} href={href} column={column} isFirst={index === 0} />
        </td>
      ))}
    </tr>
  );
}

/** What a cell shows; the first one of a row that opens something is its button or link. */
function Cell<Row>(props: RowProps<Row> & { href: string | null; column: Column<Row>; isFirst: boolean }) {
  const { row, href, column, isFirst, getRowKey, onOpen, selectedKey } = props;
  const content = column.zoned ? <ZoneNamedContext value>{column.cell(row)}</ZoneNamedContext> : column.cell(row);
  const title = column.share !== undefined && typeof content === 'string' ? content : undefined;
  const className = column.share === undefined ? 'max-w-full truncate' : SHARED_TEXT;
  if (isFirst && onOpen) {
    return (
      <OpenButton
        open={selectedKey === getRowKey(row)}
        anyOpen={selectedKey != null}
        onClick={() => onOpen(row)}
        title={title}
        className={className}
      >
        {content}
      </OpenButton>
    );
  }
  if (isFirst && href !== null) {
    return (
      <Link href={href} title={title} className={cn('font-medium', className)}>
        {content}
      </Link>
    );
  }
  if (column.share === undefined) return content;
  return (
    <div title={title} className={className}>
      {content}
    </div>
  );
}

interface OpenButtonProps {
  open: boolean;
  /** this row or another is open */
  anyOpen: boolean;
  onClick: () => void;
  title: string | undefined;
  className: string;
  children: ReactNode;
}

/** Opens its row beside the list. When that is closed again, the focus comes back here, to the row that was shown last. */
function OpenButton({ open, anyOpen, onClick, title, className, children }: OpenButtonProps) {
  const button = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(open);
  useEffect(() => {
    if (wasOpen.current && !anyOpen) button.current?.focus({ preventScroll: true });
    wasOpen.current = open;
  }, [open, anyOpen]);
  return (
    <button
      ref={button}
      type="button"
      aria-expanded={open}
      onClick={onClick}
      title={title}
      className={cn('text-left font-medium', className)}
    >
      {children}
    </button>
  );
}
