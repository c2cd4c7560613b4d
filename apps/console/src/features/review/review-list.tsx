'use client';

import { SealCheckIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';

import { sumCounts } from '@gatehouse/policy/documents/entry-counts';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { usePath } from '../../trpc/use-path.ts';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import type { Column } from '../../ui/layout/table.tsx';
import { Tabs } from '../../ui/layout/tabs.tsx';
import { ListTable } from '../../ui/list/list-table.tsx';
import { useListState } from '../../ui/list/use-list-state.ts';
import { Badge } from '../../ui/status/badge.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import { describeChanges } from './change-line.ts';

type ReviewRow = ApiOutput['review']['list']['rows'][number];

const STATES = ['open', 'decided', 'expired', 'superseded'] as const;
type State = (typeof STATES)[number];

const EMPTY: Record<State, { title: string; text: string }> = {
  open: {
    title: 'Nothing waits for a decision',
    text: 'A review opens when an agent finds a new server, or something new or changed at one you know.',
  },
  decided: { title: 'Nothing has been decided yet', text: 'Every decision stays here, with who made it and when.' },
  expired: {
    title: 'Nothing has lapsed',
    text: 'Approvals hold for a limited time. When one runs out, what it approved is off and it is listed here.',
  },
  superseded: { title: 'Nothing was replaced', text: 'A review that was open when a newer revision was found is listed here.' },
};

const COMMON: readonly Column<ReviewRow>[] = [
  {
    key: 'server',
    header: 'Review',
    sort: { by: 'server', first: 'asc' },
    share: 'w-4/12',
    cell: ({ server, revision }) => (
      <>
        {server.name} <span className="font-normal text-subtle">r{revision}</span>
      </>
    ),
  },
  {
    key: 'change',
    header: 'What changed',
    share: 'w-6/12',
    cell: (row) => <span className="whitespace-normal">{describeChanges(row)}</span>,
  },
  {
    key: 'by',
    header: 'Asked for by',
    hideBelow: 'md',
    share: 'w-2/12',
    cell: ({ requestedBy }) => requestedBy?.name ?? 'Nobody: it changed',
  },
];

const OPEN: readonly Column<ReviewRow>[] = [
  ...COMMON,
  {
    key: 'people',
    header: 'People',
    cell: ({ waiting }) => (waiting ? <Badge tone="warn">{describeWaiting(waiting)}</Badge> : '–'),
  },
  {
    key: 'age',
    header: 'Waits since',
    sort: { by: 'opened', first: 'desc' },
    hideBelow: 'md',
    cell: ({ createdAt }) => <RelativeTime at={createdAt} className="text-subtle" />,
  },
  {
    key: 'you',
    header: 'You',
    hideBelow: 'lg',
    cell: ({ canDecide, waiting }) =>
      canDecide.ok ? (
        <span className="font-medium text-accent-fg">{describeAct(waiting)}</span>
      ) : (
        <span className="text-subtle">may look</span>
      ),
  },
];

const PAST: readonly Column<ReviewRow>[] = [
  ...COMMON,
  {
    key: 'result',
    header: 'Approved',
    cell: ({ approved, offered }) => `${sumCounts(approved)} of ${sumCounts(offered)}`,
  },
  {
    key: 'decider',
    header: 'Decided by',
    hideBelow: 'md',
    cell: ({ decidedBy, confirmedBy }) => [decidedBy, confirmedBy].flatMap((person) => person?.name ?? []).join(' and ') || '–',
  },
  {
    key: 'decided',
    header: 'Decided',
    sort: { by: 'decided', first: 'desc' },
    hideBelow: 'md',
    cell: ({ decidedAt }) => (decidedAt ? <RelativeTime at={decidedAt} className="text-subtle" /> : '–'),
  },
  {
    key: 'valid',
    header: 'Valid',
    sort: { by: 'valid', first: 'asc' },
    hideBelow: 'lg',
    cell: ({ validUntil }) => (validUntil ? <RelativeTime at={validUntil} className="text-subtle" /> : '–'),
  },
];

/** The queue: what waits for a decision, and everything that was ever decided. */
export function ReviewList() {
  const trpc = useTRPC();
  const path = usePath();
  const [state, setState] = useQueryState(
    'state',
    parseAsStringLiteral(STATES).withDefault('open').withOptions({ history: 'push' }),
  );
  const list = useListState(['opened', 'decided', 'server', 'valid']);
  const reviews = useInfiniteQuery(trpc.review.list.infiniteQueryOptions({ ...list.asked, state }, LIST_PAGES));
  const open = useQuery(trpc.review.list.queryOptions({ state: 'open', limit: 1 }));
  return (
    <>
      <PageHeader title="Reviews" sub="What needs a decision before AI clients can use it?" />
      <Tabs
        label="State of the reviews"
        value={state}
        onValueChange={(next) => void setState(next)}
        className="mb-4"
        tabs={[
          { value: 'open', label: 'Open', count: open.data?.total },
          { value: 'decided', label: 'Decided' },
          { value: 'expired', label: 'Expired' },
          { value: 'superseded', label: 'Replaced' },
        ]}
      />
      <ListTable
        label="Reviews"
        noun={['review', 'reviews']}
        query={reviews}
        state={list}
        errorTitle="Reviews could not be loaded"
        columns={state === 'open' || state === 'superseded' ? OPEN : PAST}
        getRowKey={({ id }) => id}
        buildHref={({ id }) => path(`/reviews/${id}`)}
        density="comfortable"
        empty={
          <EmptyState icon={SealCheckIcon} title={EMPTY[state].title}>
            {EMPTY[state].text}
          </EmptyState>
        }
      />
    </>
  );
}

/** Who is missing of a decision that was made. */
function describeWaiting({ isInEffect, isSeconded }: NonNullable<ReviewRow['waiting']>): string {
  if (isInEffect) return 'Break-glass';
  return isSeconded ? 'Owner asked' : '1 of 2';
}

/** What the one who looks can do about it. */
function describeAct(waiting: ReviewRow['waiting']): string {
  if (waiting === null) return 'can decide';
  return waiting.isSeconded ? 'can agree' : 'can confirm';
}
