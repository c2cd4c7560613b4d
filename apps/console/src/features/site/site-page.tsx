'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { type ReactNode, useState } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Button } from '../../ui/button.tsx';
import { Card, KeyValue } from '../../ui/layout/card.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { CopyText } from '../../ui/text/copy.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { FullTime, RelativeTime } from '../../ui/text/relative-time.tsx';
import { DeleteSite } from './delete-site.tsx';
import { EditSite } from './edit-site.tsx';

export type SiteDetail = ApiOutput['site']['get'];

/** One site: who is there, and what is served. */
export function SitePage({ slug }: { slug: string }) {
  const site = useQuery(useTRPC().site.get.queryOptions({ slug }));
  return (
    <Loaded isPage query={site} errorTitle="The site could not be loaded">
      {(data) => <Detail site={data} />}
    </Loaded>
  );
}

function Detail({ site }: { site: SiteDetail }) {
  const { can } = useMe();
  const [editing, setEditing] = useState(false);
  const mayManage = can('site.manage');
  return (
    <>
      <PageHeader
        title={site.name}
        sub={`${describeCount(site.inUse.agents, 'agent')}, ${describeCount(site.inUse.servers, 'server')} and ${describeCount(site.inUse.profiles, 'profile')} here.`}
        actions={mayManage && <Button onClick={() => setEditing(true)}>Edit site…</Button>}
      />
      <div className="flex flex-col gap-5">
        <div className="grid items-start gap-5 xl:grid-cols-2">
          <Facts site={site} />
          <div className="flex flex-col gap-5">
            <Agents site={site} />
            <Profiles site={site} />
            <Servers site={site} />
          </div>
        </div>
        {mayManage && <DeleteSite site={site} />}
      </div>
      {editing && <EditSite site={site} onClose={() => setEditing(false)} />}
    </>
  );
}

function Facts({ site: { slug, endpointUrl, configuration, createdAt } }: { site: SiteDetail }) {
  return (
    <Card title="Facts">
      <KeyValue
        items={[
          { label: 'Slug', value: <span className="font-mono">{slug}</span> },
          {
            label: 'Reached at',
            value: endpointUrl === null ? 'what its agents report' : <CopyText text={endpointUrl} label="address" />,
          },
          {
            label: 'Configuration',
            value: configuration && (
              <>
                v{configuration.version}, signed <RelativeTime at={configuration.createdAt} />
              </>
            ),
          },
          { label: 'Good until', value: configuration && <FullTime at={configuration.notAfter} /> },
          { label: 'Made', value: <FullTime at={createdAt} /> },
        ]}
      />
    </Card>
  );
}

interface ListProps<Row> {
  title: string;
  /** said when there are none */
  none: string;
  rows: readonly Row[];
  /** how many there are, and the list of them all */
  total: number;
  all: string;
  buildHref: (row: Row) => string;
  note: (row: Row) => ReactNode;
}

function LinkList<Row extends { id: string; name: string }>({ title, none, rows, total, all, buildHref, note }: ListProps<Row>) {
  return (
    <Card title={title} padded={rows.length === 0}>
      {rows.length === 0 ? (
        <p className="text-muted">{none}</p>
      ) : (
        <ul className="divide-y divide-line">
          {rows.map((row) => (
            <li key={row.id} className="flex min-h-9 items-center justify-between gap-3 px-4 py-1">
              <Link
                href={buildHref(row)}
                className="inline-flex min-w-0 items-center text-accent-fg hover:underline pointer-coarse:min-h-10"
              >
                <span className="truncate">{row.name}</span>
              </Link>
              <span className="shrink-0 text-xs text-subtle">{note(row)}</span>
            </li>
          ))}
          {rows.length < total && (
            <li className="px-4 py-2 text-xs text-subtle">
              {rows.length} of {total.toLocaleString('en')}.{' '}
              <Link href={all} className="text-accent-fg hover:underline">
                All of them
              </Link>
            </li>
          )}
        </ul>
      )}
    </Card>
  );
}

function Agents({ site: { id: siteId, agents, counts } }: { site: SiteDetail }) {
  const path = usePath();
  return (
    <LinkList
      title="Agents"
      none="No agent is enrolled here, so nothing is served."
      rows={agents}
      total={counts.agents}
      all={path(`/agents?site=${siteId}`)}
      buildHref={({ id }) => path(`/agents/${id}`)}
      note={({ status, ackedVersion }) => (ackedVersion === 0 ? status : `${status} · serves v${ackedVersion}`)}
    />
  );
}

function Profiles({ site: { id: siteId, profiles, counts } }: { site: SiteDetail }) {
  const path = usePath();
  return (
    <LinkList
      title="Profiles served here"
      none="No profile has this site."
      rows={profiles}
      total={counts.profiles}
      all={path(`/profiles?site=${siteId}`)}
      buildHref={({ slug }) => path(`/profiles/${slug}`)}
      note={({ publishedVersion, disabledAt, archivedAt }) =>
        archivedAt !== null ? (
          <Badge>Archived</Badge>
        ) : disabledAt !== null ? (
          <Badge>Off</Badge>
        ) : publishedVersion === null ? (
          'not published'
        ) : (
          `v${publishedVersion}`
        )
      }
    />
  );
}

function Servers({ site: { id: siteId, servers, counts } }: { site: SiteDetail }) {
  const path = usePath();
  return (
    <LinkList
      title="Servers reached from here"
      none="No server has this site."
      rows={servers}
      total={counts.servers}
      all={path(`/servers?site=${siteId}`)}
      buildHref={({ slug }) => path(`/servers/${slug}`)}
      note={({ disabledAt, archivedAt }) =>
        archivedAt !== null ? <Badge>Archived</Badge> : disabledAt !== null && <Badge>Disabled</Badge>
      }
    />
  );
}
