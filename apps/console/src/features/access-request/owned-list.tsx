'use client';

import { useQuery } from '@tanstack/react-query';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Table } from '../../ui/layout/table.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { RelativeTime } from '../../ui/text/relative-time.tsx';

type Owned = ApiOutput['owner']['owned'][number];

/** What one answers for, and how it is used. Nothing at all for who owns nothing. */
export function OwnedList() {
  const path = usePath();
  const owned = useQuery(useTRPC().owner.owned.queryOptions());
  return (
    <Loaded query={owned} errorTitle="What you own could not be loaded">
      {(rows) =>
        rows.length > 0 && (
          <section aria-labelledby="owned">
            <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
              <h2 id="owned" className="text-base font-semibold">
                What you own
              </h2>
              <LinkButton size="small" href={path('/access-requests')}>
                Access requests
              </LinkButton>
            </div>
            <Table
              label="What you own"
              rows={rows}
              getRowKey={({ id }) => id}
              columns={[
                { key: 'name', header: 'Name', share: 'w-1/2', cell: ({ name }) => name },
                { key: 'kind', header: 'Kind', hideBelow: 'md', cell: ({ kind }) => (kind === 'profile' ? 'Profile' : 'Server') },
                {
                  key: 'people',
                  header: 'May use it',
                  align: 'end',
                  hideBelow: 'lg',
                  cell: ({ people }) => (people === null ? '–' : people.toLocaleString('en')),
                },
                {
                  key: 'calls',
                  header: 'Calls, 30 days',
                  align: 'end',
                  cell: ({ calls, callers }) => <Calls calls={calls} callers={callers} />,
                },
                {
                  key: 'used',
                  header: 'Last used',
                  hideBelow: 'md',
                  cell: ({ lastUsedAt }) => (lastUsedAt ? <RelativeTime at={lastUsedAt} className="text-subtle" /> : '–'),
                },
                { key: 'waits', header: 'Waits for you', cell: (row) => <Waiting of={row} /> },
              ]}
              footer="Owned by you, alone or in a group."
            />
          </section>
        )
      }
    </Loaded>
  );
}

/** The review of a server, or the new version of a profile, that waits for its owner to agree. */
function Waiting({ of: { openReviewId, openRequestId } }: { of: Owned }) {
  const path = usePath();
  const to = openRequestId === null ? openReviewId && `/reviews/${openReviewId}` : `/publish-requests/${openRequestId}`;
  if (to === null) return '–';
  return (
    <LinkButton size="small" href={path(to)}>
      Look at it
    </LinkButton>
  );
}

function Calls({ calls, callers }: Pick<Owned, 'calls' | 'callers'>) {
  return (
    <span title={calls === 0 ? undefined : `by ${describeCount(callers, 'person', 'people')}`}>{calls.toLocaleString('en')}</span>
  );
}
