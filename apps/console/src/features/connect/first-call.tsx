'use client';

import { CircleDashedIcon } from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { CalledName } from '../../ui/entity/call-cells.tsx';
import { OutcomeChip } from '../../ui/status/badge.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { Bar } from '../../ui/status/states.tsx';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';

export interface FirstCallProps {
  profileId: string;
  profileName: string;
}

/** The person's last call through the profile, as soon as its receipt arrives: the only proof that it works. */
export function FirstCall({ profileId, profileName }: FirstCallProps) {
  const trpc = useTRPC();
  const { me } = useMe();
  const calls = useQuery(
    trpc.receipt.list.queryOptions({ profileId, personId: me?.membershipId, limit: 1 }, { enabled: me !== undefined }),
  );
  return (
    <Loaded query={calls} skeleton={<Bar className="w-64" />} errorTitle="Your calls could not be loaded">
      {({ rows: [call] }) =>
        call ? (
          <output className="flex flex-wrap items-center gap-2">
            <OutcomeChip {...call} />
            <CalledName call={call} />
            <span className="text-muted">
              {call.client && (
                <>
                  from <UntrustedText text={call.client} />,{' '}
                </>
              )}
              <RelativeTime at={call.receivedAt} />
            </span>
          </output>
        ) : (
          <output className="flex items-center gap-2 text-muted">
            <CircleDashedIcon aria-hidden size={16} className="text-subtle" />
            Waiting for your first call to {profileName}. It appears here by itself.
          </output>
        )
      }
    </Loaded>
  );
}
