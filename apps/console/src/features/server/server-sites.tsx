'use client';

import Link from 'next/link';

import { usePath } from '../../trpc/use-path.ts';
import { Table } from '../../ui/layout/table.tsx';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import type { ServerDetail } from './server-state.tsx';

type Site = ServerDetail['sites'][number];

/** What the server offers at each of its sites, and how that is known: servers of one name need not be the same everywhere. */
export function ServerSites({ server }: { server: ServerDetail }) {
  const path = usePath();
  return (
    <Table
      label="Sites"
      rows={server.sites}
      getRowKey={({ id }) => id}
      columns={[
        { key: 'site', header: 'Site', share: 'w-1/3', cell: (site) => <Name site={site} /> },
        { key: 'revision', header: 'Has', cell: ({ revision }) => (revision === null ? 'Unknown' : `r${revision}`) },
        { key: 'seen', header: 'Seen', share: 'w-1/3', hideBelow: 'md', cell: (site) => <Seen site={site} /> },
        {
          key: 'review',
          header: 'Review',
          align: 'end',
          cell: ({ openReviewId, name }) =>
            openReviewId === null ? (
              <span className="text-subtle">–</span>
            ) : (
              <Link
                href={path(`/reviews/${openReviewId}`)}
                className="inline-flex items-center text-accent-fg hover:underline pointer-coarse:min-h-10"
                aria-label={`Waits for review: what ${name} has`}
              >
                Waits for review
              </Link>
            ),
        },
      ]}
    />
  );
}

/** In a narrow table with what was seen there, which has no column of its own then. */
function Name({ site }: { site: Site }) {
  return (
    <span title={site.name}>
      {site.name}
      <span className="block text-xs text-subtle @min-[30rem]:hidden">
        <Seen site={site} />
      </span>
    </span>
  );
}

function Seen({ site: { revision, observedAt, agentName } }: { site: Site }) {
  if (observedAt === null) {
    return <span className="text-subtle">{revision === null ? 'Nobody has looked yet' : 'No agent of the site has said'}</span>;
  }
  return (
    <>
      by {agentName ?? 'a former agent'}, <RelativeTime at={observedAt} className="text-subtle" />
    </>
  );
}
