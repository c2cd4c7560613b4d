'use client';

import { type ReactNode, type RefObject, useRef } from 'react';

import { Button } from '../button.tsx';
import { cn } from '../cn.ts';
import { Table, type TableProps, type TableSelection } from '../layout/table.tsx';
import { Loaded } from '../status/loaded.tsx';
import { EmptyState } from '../status/states.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { FilterSelect, type ListFilter } from './filter-select.tsx';
import { ListFooter } from './list-footer.tsx';
import { ListSearch } from './list-search.tsx';
import type { ListState } from './use-list-state.ts';

/** What `useInfiniteQuery` gave of a list verb. */
export interface ListQuery<Row> {
  data: { pages: readonly { rows: readonly Row[]; total: number }[] } | undefined;
  error: unknown;
  refetch: () => Promise<unknown>;
  /** what is shown is of before, and another answer is on its way */
  isPlaceholderData: boolean;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage: () => Promise<unknown>;
}

/** What may be done with several rows. Chosen rows that are not loaded any more are left out. */
export interface ListBulk<Row> extends TableSelection<Row> {
  /** buttons that stand in place of the toolbar while something is chosen */
  present: (rows: Row[]) => ReactNode;
}

/** Filters that are no choice out of a few: names that are searched for, times. */
export interface ListNarrowing {
  shown: ReactNode;
  isSet: boolean;
  onClear: () => void;
}

export interface ListTableProps<Row> extends Pick<
  TableProps<Row>,
  'label' | 'columns' | 'getRowKey' | 'buildHref' | 'onOpen' | 'selectedKey' | 'density' | 'className'
> {
  query: ListQuery<Row>;
  state: ListState;
  /** one row and several: "server", "servers" */
  noun: readonly [one: string, many: string];
  /** beside the search */
  filters?: readonly ListFilter[];
  /** after them: what narrows the list in ways of its own */
  narrowing?: ListNarrowing;
  /** names the failure: "The agents could not be loaded" */
  errorTitle: string;
  /** what stands there when there is nothing at all */
  empty: ReactNode;
  /** said after the count */
  note?: ReactNode;
  bulk?: ListBulk<Row>;
}

/** Every list: search, filters, order, what several rows have in common, and one page after another. What is found is found by the database. */
export function ListTable<Row>(props: ListTableProps<Row>) {
  const { query, state, noun, errorTitle, empty, note, bulk, filters = [], narrowing, ...table } = props;
  const toolbar = useRef<HTMLElement>(null);
  const rows = query.data?.pages.flatMap((page) => page.rows) ?? [];
  const total = query.data?.pages.at(-1)?.total ?? 0;
  const isNarrowed = state.search !== '' || narrowing?.isSet === true || filters.some(({ value }) => value !== null);
  // what is on its way stands below the toolbar that it will have, and a toolbar that was there stays, with the focus in it
  const isComing = (query.data === undefined && !query.error) || query.isPlaceholderData;
  const chosen = bulk ? rows.filter((row) => bulk.keys.has(table.getRowKey(row))) : [];

  // the buttons that clear go when nothing is left to clear, so the focus goes to the toolbar
  function clear(): void {
    if (state.search !== '') state.setSearch('');
    for (const { value, onChange } of filters) if (value !== null) onChange(null);
    if (narrowing?.isSet) narrowing.onClear();
    toolbar.current?.focus();
  }

  return (
    <>
      {/* both in one cell, so that ticking the first row does not move it away under the pointer */}
      <div data-beside={table.onOpen && true} className="mb-3 grid *:col-start-1 *:row-start-1 empty:hidden">
        {(isComing || rows.length > 0 || isNarrowed) && (
          <Toolbar
            ref={toolbar}
            plural={noun[1]}
            {...{ state, filters, narrowing }}
            isReplaced={chosen.length > 0}
            onClear={isNarrowed ? clear : null}
          />
        )}
        {bulk && chosen.length > 0 && (
          <BulkBar count={chosen.length} noun={noun} onClear={() => bulk.onChange(new Set())}>
            {bulk.present(chosen)}
          </BulkBar>
        )}
      </div>
      <Loaded query={query} errorTitle={errorTitle}>
        {() => (
          <Table
            {...table}
            rows={rows}
            sort={{ by: state.order.by, direction: getDirection(props), onChange: state.order.set }}
            selection={bulk}
            empty={isNarrowed || isComing ? <NoMatch plural={noun[1]} onClear={clear} /> : empty}
            footer={<ListFooter shown={rows.length} total={total} noun={noun} query={query} note={note} />}
          />
        )}
      </Loaded>
    </>
  );
}

function NoMatch({ plural, onClear }: { plural: string; onClear: () => void }) {
  return <EmptyState title={`No ${plural} match`} action={<Button onClick={onClear}>Clear the search</Button>} />;
}

interface ToolbarProps {
  plural: string;
  state: ListState;
  filters: readonly ListFilter[];
  narrowing: ListNarrowing | undefined;
  /** the bar of what is chosen stands in its place, which it keeps */
  isReplaced: boolean;
  /** null: there is nothing to clear */
  onClear: (() => void) | null;
  ref: RefObject<HTMLElement | null>;
}

/** In a line, which wraps; on a phone in two columns, and the search across both unless one filter alone stands beside it. */
function Toolbar({ plural, state, filters, narrowing, isReplaced, onClear, ref }: ToolbarProps) {
  return (
    <search
      ref={ref}
      tabIndex={-1}
      aria-label={`Find ${plural}`}
      className={cn(
        'flex min-w-0 flex-wrap items-center gap-2 outline-none max-sm:grid max-sm:grid-cols-2',
        isReplaced && 'invisible',
      )}
    >
      <ListSearch
        className={cn('max-sm:min-w-0', (narrowing || filters.length !== 1) && 'max-sm:col-span-2')}
        label={`Search ${plural}`}
        placeholder={`Search ${plural}`}
        value={state.search}
        onValueChange={state.setSearch}
      />
      {filters.map((filter) => (
        <FilterSelect key={filter.label} {...filter} />
      ))}
      {narrowing?.shown}
      {onClear && (
        <Button variant="ghost" size="small" onClick={onClear}>
          Clear
        </Button>
      )}
    </search>
  );
}

function getDirection<Row>({ state: { order }, columns }: ListTableProps<Row>): 'asc' | 'desc' {
  return order.direction ?? columns.find(({ sort }) => sort?.by === order.by)?.sort?.first ?? 'asc';
}
