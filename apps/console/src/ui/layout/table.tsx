'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type Dispatch, type MouseEvent, type ReactNode, type SetStateAction, useEffect, useRef } from 'react';

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
  onChange: Dispatch<SetStateAction<ReadonlySet<string>>>;
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
  const { label, columns, rows, getRowKey, buildHref, onOpen, selectedKey, empty, sort, selection, footer, density, className } =
    props;
  if (rows.length === 0 && empty !== undefined) {
    return <div className={cn('min-w-0 rounded-card border border-line bg-surface', className)}>{empty}</div>;
  }
  return (
    <div className={cn('@container min-w-0 overflow-hidden rounded-card border border-line bg-surface', className)}>
      <div className="relative overflow-x-auto">
        <table aria-label={label} className="w-full border-collapse text-left">
          <thead>
            <tr className="h-8 border-b border-line bg-sunken text-xs font-medium text-subtle">
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
        checked={able.length > 0 && chosen === able.length}
        indeterminate={chosen > 0 && chosen < able.length}
        disabled={able.length === 0}
        onCheckedChange={(checked) => onChange(new Set(checked ? able : []))}
      />
    </th>
  );
}

interface SelectRowProps {
  rowKey: string;
  /** null: nothing can be done with the row */
  label: string | null;
  checked: boolean;
  onChange: TableSelection<never>['onChange'];
}

function SelectRow({ rowKey, label, checked, onChange }: SelectRowProps) {
  function toggle(isChosen: boolean): void {
    onChange((keys) => {
      const next = new Set(keys);
      if (isChosen) next.add(rowKey);
      else next.delete(rowKey);
      return next;
    });
  }
  return (
    <td className="w-8 py-1 pl-4">
      {label !== null && <Checkbox aria-label={label} checked={checked} onCheckedChange={toggle} />}
    </td>
  );
}

interface RowProps<Row> extends Pick<TableProps<Row>, 'columns' | 'onOpen' | 'density'> {
  row: Row;
  href: string | null;
  /** it stands open beside the list */
  isOpen: boolean;
  /** this row or another does */
  anyOpen: boolean;
  /** its box, where rows have one */
  box: ReactNode;
}

/** What is open and what is chosen changes often, and its other cells do not: only the first is made again for it. */
function TableRow<Row>({ row, columns, href, onOpen, isOpen, anyOpen, box, density = 'compact' }: RowProps<Row>) {
  const router = useRouter();
  const [first, ...others] = columns;
  const clickable = href !== null || onOpen !== undefined;

  function open(event: MouseEvent): void {
    if (!isRowClick(event)) return;
    if (onOpen) onOpen(row);
    else if (href !== null) router.push(href);
  }

  return (
    <tr
      data-selected={isOpen || undefined}
      onClick={clickable ? open : undefined}
      className={cn(
        density === 'compact' ? 'h-8 pointer-coarse:h-10' : 'h-10',
        clickable && 'cursor-pointer hover:bg-sunken',
        'data-selected:bg-active data-selected:shadow-[inset_2px_0_0_var(--color-accent)] data-selected:hover:bg-active',
      )}
    >
      {box}
      {first && (
        <td className={getBodyClass(first)}>
          <Lead
            href={href}
            onOpen={onOpen && (() => onOpen(row))}
            isOpen={isOpen}
            anyOpen={anyOpen}
            {...describeCell(row, first)}
          />
        </td>
      )}
      {others.map((column) => (
        <td key={column.key} className={getBodyClass(column)}>
          <Cell row={row} column={column} />
        </td>
      ))}
    </tr>
  );
}

function getBodyClass<Row>(column: Column<Row>): string {
  return cn(getCellClass(column), 'py-1 whitespace-nowrap');
}

interface Shown {
  content: ReactNode;
  /** of a text that may be cut: all of it */
  title: string | undefined;
  /** null: as wide as its text */
  shareClass: string | null;
}

function describeCell<Row>(row: Row, { cell, zoned, share }: Column<Row>): Shown {
  const content = zoned ? <ZoneNamedContext value>{cell(row)}</ZoneNamedContext> : cell(row);
  const title = share !== undefined && typeof content === 'string' ? content : undefined;
  return { content, title, shareClass: share === undefined ? null : SHARED_TEXT };
}

function Cell<Row>({ row, column }: { row: Row; column: Column<Row> }) {
  return <Text {...describeCell(row, column)} />;
}

function Text({ content, title, shareClass }: Shown) {
  if (shareClass === null) return content;
  return (
    <div title={title} className={shareClass}>
      {content}
    </div>
  );
}

interface LeadProps extends Shown {
  href: string | null;
  onOpen: (() => void) | undefined;
  isOpen: boolean;
  anyOpen: boolean;
}

/** The first cell of a row: the button or link by which it opens, where it does. */
function Lead({ href, onOpen, isOpen, anyOpen, ...shown }: LeadProps) {
  const { content, title, shareClass } = shown;
  const className = shareClass ?? 'max-w-full truncate';
  if (onOpen) {
    return (
      <OpenButton open={isOpen} anyOpen={anyOpen} onClick={onOpen} title={title} className={className}>
        {content}
      </OpenButton>
    );
  }
  if (href === null) return <Text {...shown} />;
  return (
    <Link href={href} title={title} className={cn('font-medium', className)}>
      {content}
    </Link>
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
