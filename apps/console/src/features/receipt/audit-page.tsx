'use client';

import { ListMagnifyingGlassIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useQueryState } from 'nuqs';

import { useTRPC } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { useMe } from '../../trpc/use-me.ts';
import { CALL_COLUMNS } from '../../ui/entity/call-cells.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { ListTable } from '../../ui/list/list-table.tsx';
import { useListState } from '../../ui/list/use-list-state.ts';
import { Inspector } from '../../ui/overlay/inspector.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { AuditFilterFields } from './audit-filter-fields.tsx';
import { ReceiptView } from './receipt-view.tsx';
import { useAuditFilters } from './use-audit-filters.ts';

const PAGE = 100;

/** What happened: every call, who made it, with which argument, and what came back. */
export function AuditPage() {
  const trpc = useTRPC();
  const { can } = useMe();
  const audit = useAuditFilters();
  const state = useListState(['time']);
  const [peek, setPeek] = useQueryState('peek', { history: 'push' });
  const calls = useInfiniteQuery(
    trpc.receipt.list.infiniteQueryOptions({ ...state.asked, ...audit.query, limit: PAGE }, LIST_PAGES),
  );
  const rows = calls.data?.pages.flatMap((page) => page.rows) ?? [];
  const index = rows.findIndex(({ id }) => id === peek);

  function move(by: -1 | 1): void {
    const next = rows[index + by];
    if (next) void setPeek(next.id, { history: 'replace' });
    else if (by === 1 && calls.hasNextPage) void calls.fetchNextPage();
  }

  return (
    <>
      <PageHeader title="Audit" sub="Who called what, with which argument, and what came back?" />
      {can('receipt.read') && !can('receipt.values') && rows.some(({ hasValues }) => hasValues) && (
        <p data-beside className="mb-3 text-muted">
          You may not read values of other people’s calls: … stands for them. Ask an owner or admin, who gives that under Members.
        </p>
      )}
      <ListTable
        label="Calls"
        noun={['call', 'calls']}
        query={calls}
        state={state}
        narrowing={{ shown: <AuditFilterFields {...audit} />, isSet: audit.any, onClear: audit.clear }}
        errorTitle="The calls could not be loaded"
        columns={CALL_COLUMNS}
        getRowKey={({ id }) => id}
        onOpen={({ id }) => void setPeek(id === peek ? null : id)}
        selectedKey={peek}
        empty={
          can('receipt.read') ? (
            <EmptyState icon={ListMagnifyingGlassIcon} title="No calls yet">
              Every call of a tool, every prompt and every resource that is read leaves a receipt here, also the refused ones.
              Publish a profile and connect an AI client to see the first.
            </EmptyState>
          ) : (
            <EmptyState icon={ListMagnifyingGlassIcon} title="No calls of yours yet">
              Your role sees your own calls alone. What your AI clients call leaves a receipt here, also what is refused.
            </EmptyState>
          )
        }
      />
      <Inspector open={peek !== null} title="Call" onClose={() => void setPeek(null)} onMove={index === -1 ? undefined : move}>
        {peek !== null && (
          <ReceiptView id={peek} receivedAt={rows[index]?.receivedAt} onFilter={(filters) => void audit.setFilters(filters)} />
        )}
      </Inspector>
    </>
  );
}
