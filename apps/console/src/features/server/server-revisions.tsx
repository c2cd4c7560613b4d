'use client';

import { sumCounts } from '@gatehouse/policy/documents/entry-counts';

import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Table } from '../../ui/layout/table.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import type { ServerDetail } from './server-state.tsx';

const REVIEW_WORD: Record<string, string> = {
  open: 'Open',
  decided: 'Decided',
  superseded: 'Replaced by a newer one',
  expired: 'Expired',
};

/** Everything that was ever found, newest first. No revision changes. */
export function ServerRevisions({ server }: { server: ServerDetail }) {
  const path = usePath();
  return (
    <Table
      label="Revisions"
      rows={server.revisions}
      getRowKey={({ id }) => id}
      empty={<EmptyState title="No revisions yet">A revision is what a server offers, as an agent found it.</EmptyState>}
      columns={[
        { key: 'number', header: 'Revision', cell: ({ number }) => `r${number}` },
        { key: 'tools', header: 'Tools', align: 'end', width: 'w-20', cell: ({ offered }) => offered.tool },
        {
          key: 'others',
          header: 'Prompts and resources',
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
        { key: 'review', header: 'Review', cell: ({ reviewState }) => (reviewState && REVIEW_WORD[reviewState]) ?? '–' },
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
      ]}
    />
  );
}
