'use client';

import Link from 'next/link';
import { useRouter } from 'next/navigation';
import { type MouseEvent, type ReactNode, useEffect, useRef } from 'react';

import { cn } from '../cn.ts';
import { Checkbox } from '../form/checkbox.tsx';
import { leaveBy } from '../form/leaving.ts';
import { ZoneNamedContext } from '../text/relative-time.tsx';
import type { Column, TableProps, TableSelection } from './table.tsx';

/** By the width of the table, not of the window: an open inspector makes it narrow too. */
const HIDE = { md: '@max-[30rem]:hidden', lg: '@max-[46rem]:hidden', xl: '@max-[62rem]:hidden' };

/** Without it a cell is as wide as its text, and one long name pushes the other columns out of sight. */
const SHARE = 'max-w-0 @max-[46rem]:w-auto @max-[46rem]:min-w-20 @max-[46rem]:max-w-none';
const SHARED_TEXT = 'block truncate @max-[46rem]:wrap-anywhere @max-[46rem]:whitespace-normal';

/** Of the cells of a column, its head among them. */
export function getCellClass<Row>({ align, hideBelow, width, share }: Column<Row>): string {
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

interface SelectRowProps {
  rowKey: string;
  /** null: nothing can be done with the row */
  label: string | null;
  checked: boolean;
  onChange: TableSelection<never>['onChange'];
}

/** The box before a row. */
export function SelectRow({ rowKey, label, checked, onChange }: SelectRowProps) {
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
export function TableRow<Row>({ row, columns, href, onOpen, isOpen, anyOpen, box, density = 'compact' }: RowProps<Row>) {
  const router = useRouter();
  const [first, ...others] = columns;
  const clickable = href !== null || onOpen !== undefined;

  function open(event: MouseEvent): void {
    if (!isRowClick(event)) return;
    if (onOpen) onOpen(row);
    else if (href !== null) leaveBy(() => router.push(href));
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
