'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';

import { sumCounts } from '@gatehouse/policy/documents/entry-counts';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { LIST_PAGES } from '../../trpc/list-pages.ts';
import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import type { Column } from '../../ui/layout/table.tsx';
import { buildFilter } from '../../ui/list/filter-select.tsx';
import { ListTable } from '../../ui/list/list-table.tsx';
import { useListState } from '../../ui/list/use-list-state.ts';
import { EmptyState } from '../../ui/status/states.tsx';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import type { ServerDetail } from './server-state.tsx';

type Revision = ApiOutput['server']['revisions']['rows'][number];

const STATES = ['open', 'decided', 'superseded', 'expired'] as const;

const REVIEW_WORD = { open: 'Open', decided: 'Decided', superseded: 'Replaced by a newer one', expired: 'Expired' } as const;

const REVIEWS = STATES.map((value) => ({ value, label: REVIEW_WORD[value] }));

function getColumns(server: ServerDetail, path: ReturnType<typeof usePath>): Column<Revision>[] {
  return [
    { key: 'number', header: 'Revision', sort: { by: 'number', first: 'desc' }, cell: ({ number }) => `r${number}` },
    { key: 'tools', header: 'Tools', align: 'end', width: 'w-20', cell: ({ offered }) => offered.tool },
    {
      key: 'others',
      header: 'Other entries',
      align: 'end',
      hideBelow: 'md',
      cell: ({ offered }) => sumCounts(offered) - offered.tool || '–',
    },
    {
      key: 'found',
      header: 'Found',
      cell: ({ createdAt, number }) => (
        <>
          <RelativeTime at={createdAt} />
          {number <= server.formerRevisions && <span className="text-subtle"> at another address</span>}
        </>
      ),
    },
    { key: 'review', header: 'Review', cell: ({ reviewState }) => (reviewState ? REVIEW_WORD[reviewState] : '–') },
    {
      key: 'open',
      header: 'Open the review',
      headerHidden: true,
      align: 'end',
      cell: ({ reviewId, number }) =>
        reviewId !== null && (
          <LinkButton
            href={path(`/reviews/${reviewId}`)}
            variant="ghost"
            size="small"
            aria-label={`Review of revision ${number}`}
          >
            Open
          </LinkButton>
        ),
    },
  ];
}

/** Everything that was ever found, newest first. No revision changes. */
export function ServerRevisions({ server }: { server: ServerDetail }) {
  const path = usePath();
  const trpc = useTRPC();
  const state = useListState(['number']);
  const [review, setReview] = useQueryState('review', parseAsStringLiteral(STATES).withOptions({ history: 'push' }));
  const revisions = useInfiniteQuery(
    trpc.server.revisions.infiniteQueryOptions(
      { ...state.asked, serverId: server.id, review: review ?? undefined, limit: 20 },
      LIST_PAGES,
    ),
  );
  return (
    <ListTable
      label="Revisions"
      noun={['revision', 'revisions']}
      query={revisions}
      state={state}
      filters={[
        buildFilter({
          label: 'Review',
          any: 'Any review',
          options: REVIEWS,
          value: review,
          onChange: (next) => void setReview(next),
        }),
      ]}
      errorTitle="The revisions could not be loaded"
      getRowKey={({ id }) => id}
      empty={<EmptyState title="No revisions yet">A revision is what a server offers, as an agent found it.</EmptyState>}
      columns={getColumns(server, path)}
    />
  );
}
