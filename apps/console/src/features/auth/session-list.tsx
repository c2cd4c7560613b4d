'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { type AccountOutput, useAccountTRPC } from '../../trpc/account-client.tsx';
import { forgetPerson } from '../../trpc/sign-out.ts';
import { Button } from '../../ui/button.tsx';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { ErrorLine } from '../../ui/status/states.tsx';
import { DayTime, RelativeTime } from '../../ui/text/relative-time.tsx';
import { AccountSection, LineSkeleton } from './account-section.tsx';
import { describeBrowser } from './browser-name.ts';

type Session = AccountOutput['listSessions'][number];

/** Where the person is signed in, and how to end it. */
export function SessionList() {
  const trpc = useAccountTRPC();
  const queries = useQueryClient();
  const toast = useToast();
  const [confirming, setConfirming] = useState(false);
  const sessions = useQuery(trpc.listSessions.queryOptions());
  const signOutAll = useMutation(trpc.signOutEverywhere.mutationOptions());
  const revoke = useMutation(
    trpc.revokeSession.mutationOptions({
      onSuccess: () => toast({ title: 'That browser is signed out' }),
      onSettled: () => queries.invalidateQueries(trpc.listSessions.pathFilter()),
    }),
  );
  return (
    <AccountSection title="Where you are signed in">
      {revoke.error && <ErrorLine error={revoke.error} className="mb-2" />}
      <Loaded query={sessions} skeleton={<LineSkeleton />} errorTitle="Your sessions could not be loaded">
        {(rows) => (
          <ul aria-label="Sessions" className="divide-y divide-line rounded-card border border-line bg-surface">
            {rows.map((session) => (
              <SessionRow
                key={session.id}
                session={session}
                isEnding={revoke.isPending && revoke.variables.sessionId === session.id}
                onEnd={() => revoke.mutate({ sessionId: session.id })}
              />
            ))}
          </ul>
        )}
      </Loaded>
      <Button className="mt-3" onClick={() => setConfirming(true)}>
        Sign out everywhere
      </Button>
      <ConfirmDialog
        open={confirming}
        onOpenChange={setConfirming}
        title="Sign out everywhere?"
        confirmLabel="Sign out everywhere"
        onConfirm={async () => {
          await signOutAll.mutateAsync();
          forgetPerson();
          window.location.assign('/login');
        }}
      >
        Every browser that is signed in to your account is signed out at once, this one too. Client keys of your AI clients go on
        working.
      </ConfirmDialog>
    </AccountSection>
  );
}

function SessionRow({ session, isEnding, onEnd }: { session: Session; isEnding: boolean; onEnd: () => void }) {
  const { isCurrent, userAgent, ip, createdAt, lastSeenAt } = session;
  const browser = describeBrowser(userAgent);
  return (
    <li className="flex items-center justify-between gap-3 px-4 py-2.5">
      <div className="min-w-0 flex-1 wrap-anywhere">
        <p className="font-medium">
          {browser} {isCurrent && <Badge>This browser</Badge>}
        </p>
        <p className="text-xs text-subtle">
          {ip ?? 'Unknown address'}, since <DayTime at={createdAt} />, last used <RelativeTime at={lastSeenAt} />
        </p>
      </div>
      {!isCurrent && (
        <Button
          variant="ghost"
          size="small"
          className="shrink-0"
          aria-label={`Sign out ${browser}`}
          loading={isEnding}
          onClick={onEnd}
        >
          Sign out
        </Button>
      )}
    </li>
  );
}
