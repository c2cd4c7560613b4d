'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';

import { type ApiOutput, useTRPC } from '../../../trpc/client.tsx';
import { usePath } from '../../../trpc/use-path.ts';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { Bar } from '../../../ui/status/states.tsx';
import { describeCount } from '../../../ui/text/count.ts';
import { RelativeTime } from '../../../ui/text/relative-time.tsx';

export type ServerUse = ApiOutput['server']['use'];

/** What would stop working with a server, by name. */
export function ServerUseList({ serverId }: { serverId: string }) {
  const use = useQuery(useTRPC().server.use.queryOptions({ serverId }));
  return (
    <Loaded query={use} skeleton={<Bar className="w-40" />} errorTitle="It is not known what uses it">
      {(data) => <Uses use={data} />}
    </Loaded>
  );
}

function Uses({ use: { profiles, profileCount, people, lastCallAt } }: { use: ServerUse }) {
  const path = usePath();
  return (
    <div className="flex flex-col gap-2">
      {profiles.length === 0 ? (
        <p>No profile uses it.</p>
      ) : (
        <ul className="flex list-disc flex-col gap-1 pl-4">
          {profiles.map((profile) => (
            <li key={profile.id}>
              <Link href={path(`/profiles/${profile.slug}`)} className="underline">
                {profile.name}
              </Link>{' '}
              {describeProfileUse(profile)}
            </li>
          ))}
          {profiles.length < profileCount && <li>and {(profileCount - profiles.length).toLocaleString('en')} more</li>}
        </ul>
      )}
      {people > 0 && <p>{describeCount(people, 'person', 'people')} can call it with a client key now.</p>}
      <p>
        {lastCallAt === null ? (
          'It has not been called.'
        ) : (
          <>
            Called last <RelativeTime at={lastCallAt} />.
          </>
        )}
      </p>
    </div>
  );
}

/** "serves 3 entries of it, off", "has some of it in its draft" */
export function describeProfileUse({
  published,
  isInDraft,
  isDisabled,
}: Omit<ServerUse['profiles'][number], 'id' | 'slug' | 'name'>): string {
  const serves = published > 0 ? `serves ${describeCount(published, 'entry', 'entries')} of it` : '';
  const draft = isInDraft ? `has some of it in its draft` : '';
  return [[serves, draft].filter((part) => part !== '').join(' and '), ...(isDisabled ? ['it is off'] : [])].join('; ');
}
