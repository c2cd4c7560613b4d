'use client';

import { UserPlusIcon } from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/layout/card.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import { AddPeople } from './add-people.tsx';
import { DeleteGroup } from './delete-group.tsx';
import { EditGroup } from './edit-group.tsx';
import { GroupPeople } from './group-people.tsx';

export type GroupDetail = ApiOutput['group']['get'];

/** One group: who is in it, and what it was given. */
export function GroupPage({ groupId }: { groupId: string }) {
  const group = useQuery(useTRPC().group.get.queryOptions({ groupId }));
  return (
    <Loaded isPage query={group} errorTitle="The group could not be loaded">
      {(data) => <Detail group={data} />}
    </Loaded>
  );
}

function Detail({ group }: { group: GroupDetail }) {
  const { can } = useMe();
  const [open, setOpen] = useState<'edit' | 'add' | null>(null);
  const close = (): void => setOpen(null);
  const mayManage = can('group.manage');
  const isOurs = group.source === 'manual';
  return (
    <>
      <PageHeader
        title={group.name}
        status={!isOurs && <Badge>Identity provider</Badge>}
        sub={group.description || 'No description yet.'}
        actions={mayManage && <Button onClick={() => setOpen('edit')}>Edit group…</Button>}
        primary={
          mayManage && (
            <Button
              variant="primary"
              icon={UserPlusIcon}
              disabledReason={isOurs ? undefined : 'Your identity provider says who is in it.'}
              onClick={() => setOpen('add')}
            >
              Add people
            </Button>
          )
        }
      />
      <div className="flex flex-col gap-5">
        <div className="grid items-start gap-5 xl:grid-cols-[2fr_1fr]">
          <GroupPeople group={group} mayRemove={mayManage && isOurs} />
          <Profiles group={group} />
        </div>
        {mayManage && <DeleteGroup group={group} />}
      </div>
      {open === 'edit' && <EditGroup group={group} onClose={close} />}
      {open === 'add' && <AddPeople group={group} onClose={close} />}
    </>
  );
}

function Profiles({ group: { profiles, profileCount } }: { group: GroupDetail }) {
  const path = usePath();
  return (
    <Card title={profiles.length === 0 ? 'Profiles' : describeCount(profileCount, 'profile')} padded={profiles.length === 0}>
      {profiles.length === 0 ? (
        <p className="text-muted">It was given none yet. Open a profile and give it to the group under Access.</p>
      ) : (
        <ul className="divide-y divide-line">
          {profiles.map(({ id, slug, name, grantedAt }) => (
            <li key={id} className="flex min-h-9 items-center justify-between gap-3 px-4 py-1">
              <Link
                href={path(`/profiles/${slug}?tab=access`)}
                className="inline-flex min-w-0 items-center text-accent-fg hover:underline pointer-coarse:min-h-10"
              >
                <span className="truncate">{name}</span>
              </Link>
              <RelativeTime at={grantedAt} className="shrink-0 text-xs text-subtle" />
            </li>
          ))}
          {profiles.length < profileCount && (
            <li className="px-4 py-2 text-xs text-subtle">The first {profiles.length} by name.</li>
          )}
        </ul>
      )}
    </Card>
  );
}
