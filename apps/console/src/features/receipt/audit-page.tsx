'use client';

import { ListMagnifyingGlassIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useQueryState } from 'nuqs';
import { useRef } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { Button } from '../../ui/button.tsx';
import { CALL_COLUMNS } from '../../ui/entity/call-cells.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { Table } from '../../ui/layout/table.tsx';
import { Inspector } from '../../ui/overlay/inspector.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { AuditToolbar } from './audit-toolbar.tsx';
import { ReceiptView } from './receipt-view.tsx';
import { useAuditFilters } from './use-audit-filters.ts';

const PAGE = 100;

/** What happened: every call, who made it, with which argument, and what came back. */
export function AuditPage() {
  const trpc = useTRPC();
  const { can } = useMe();
  const audit = useAuditFilters();
  const toolbar = useRef<HTMLElement>(null);
  const [peek, setPeek] = useQueryState('peek', { history: 'push' });
  const calls = useInfiniteQuery(
    trpc.receipt.list.infiniteQueryOptions(
      { ...audit.query, limit: PAGE },
      { getNextPageParam: ({ nextCursor }) => nextCursor, placeholderData: (before) => before },
    ),
  );
  const rows = calls.data?.pages.flatMap((page) => page.rows) ?? [];
  const index = rows.findIndex(({ id }) => id === peek);

  function move(by: -1 | 1): void {
    const next = rows[index + by];
    if (next) void setPeek(next.id, { history: 'replace' });
    else if (by === 1 && calls.hasNextPage) void calls.fetchNextPage();
  }

  function clear(): void {
    audit.clear();
    toolbar.current?.focus();
  }

  return (
    <>
      <PageHeader title="Audit" sub="Who called what, with which argument, and what came back?" />
      <AuditToolbar audit={audit} onClear={clear} ref={toolbar} />
      {can('receipt.read') && !can('receipt.values') && rows.some(({ hasValues }) => hasValues) && (
        <p className="mb-3 text-muted">
          You may not read values of other people’s calls: … stands for them. Ask an owner or admin, who gives that under Members.
        </p>
      )}
      <Loaded query={calls} errorTitle="The calls could not be loaded">
        {({ pages }) => (
          <Table
            label="Calls"
            columns={CALL_COLUMNS}
            rows={rows}
            getRowKey={({ id }) => id}
            onOpen={({ id }) => void setPeek(id === peek ? null : id)}
            selectedKey={peek}
            empty={<NoCalls filtered={audit.any} onClear={clear} />}
            footer={<Footer shown={rows.length} total={pages.at(-1)?.total ?? 0} calls={calls} />}
          />
        )}
      </Loaded>
      <Inspector open={peek !== null} title="Call" onClose={() => void setPeek(null)} onMove={index === -1 ? undefined : move}>
        {peek !== null && (
          <ReceiptView id={peek} receivedAt={rows[index]?.receivedAt} onFilter={(filters) => void audit.setFilters(filters)} />
        )}
      </Inspector>
    </>
  );
}

interface FooterProps {
  shown: number;
  total: number;
  calls: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
}

function Footer({ shown, total, calls }: FooterProps) {
  return (
    <>
      <output>{describeShown(shown, total)}</output>
      {calls.hasNextPage && (
        <Button variant="ghost" size="small" loading={calls.isFetchingNextPage} onClick={() => void calls.fetchNextPage()}>
          Load more
        </Button>
      )}
    </>
  );
}

function describeShown(shown: number, total: number): string {
  const calls = describeCount(total, 'call');
  return shown < total ? `${shown.toLocaleString('en')} of ${calls}` : calls;
}

function NoCalls({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (filtered) return <EmptyState title="No calls match" action={<Button onClick={onClear}>Clear the filters</Button>} />;
  return (
    <EmptyState icon={ListMagnifyingGlassIcon} title="No calls yet">
      Every call of a tool, every prompt and every resource that is read leaves a receipt here, also the refused ones. Publish a
      profile and connect an AI client to see the first.
    </EmptyState>
  );
}
