'use client';

import { ClockCounterClockwiseIcon } from '@phosphor-icons/react/ssr';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';

import { type ApiOutput, useTRPC } from '../../../trpc/client.tsx';
import { useMe } from '../../../trpc/use-me.ts';
import { usePath } from '../../../trpc/use-path.ts';
import { Button } from '../../../ui/button.tsx';
import { Expandable } from '../../../ui/layout/expandable.tsx';
import { Badge } from '../../../ui/status/badge.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { Bar, EmptyState } from '../../../ui/status/states.tsx';
import { describeCount } from '../../../ui/text/count.ts';
import { RelativeTime } from '../../../ui/text/relative-time.tsx';
import type { ProfileDetail, StaffDraft } from '../draft/draft.ts';
import type { DraftEditor } from '../draft/use-draft.ts';
import { VersionChanges } from '../publish/version-changes-list.tsx';
import { toVersionContent } from '../publish/version-changes.ts';
import { describeCalls } from './history-words.ts';
import { RollBackDialog } from './roll-back-dialog.tsx';
import { StartDraft } from './start-draft.tsx';

type Version = ApiOutput['profile']['versions']['rows'][number];

/** What agents are asked for again while it is looked at, milliseconds. */
const EVERY_MS = 10_000;

export interface ProfileHistoryProps {
  detail: ProfileDetail;
  stored: StaffDraft;
  editor: DraftEditor;
}

/** Every version that was published: who made it and when, what it changed, what it served, and the ways back to it. */
export function ProfileHistory(props: ProfileHistoryProps) {
  const trpc = useTRPC();
  const { profile } = props.detail;
  const versions = useInfiniteQuery(
    trpc.profile.versions.infiniteQueryOptions(
      { profileId: profile.id, limit: 20 },
      { getNextPageParam: ({ nextCursor }) => nextCursor, refetchInterval: EVERY_MS },
    ),
  );
  const [target, setTarget] = useState<number | null>(null);
  return (
    <Loaded query={versions} errorTitle="The history could not be loaded">
      {({ pages }) => {
        const rows = pages.flatMap((page) => page.rows);
        const others = pages[0]?.otherAgents;
        if (rows.length === 0) return <NoVersion />;
        return (
          <section aria-label="Versions" className="overflow-hidden rounded-card border border-line bg-surface">
            <h2 className="sr-only">Versions</h2>
            <ul className="divide-y divide-line">
              {rows.map((row) => (
                <li key={row.number}>
                  <VersionRow {...props} row={row} onRollBack={() => setTarget(row.number)} />
                </li>
              ))}
            </ul>
            <footer className="flex min-h-8 flex-wrap items-center gap-3 border-t border-line px-4 py-1 text-xs text-subtle">
              {describeCount(rows.length, 'version')}
              {versions.hasNextPage && (
                <Button
                  variant="ghost"
                  size="small"
                  loading={versions.isFetchingNextPage}
                  onClick={() => void versions.fetchNextPage()}
                >
                  Load more
                </Button>
              )}
              {others && others.total > 0 && (
                <span>
                  Not known to run a version of it: <Agents {...others} />
                </span>
              )}
            </footer>
            {target !== null && <RollBackDialog detail={props.detail} version={target} onClose={() => setTarget(null)} />}
          </section>
        );
      }}
    </Loaded>
  );
}

function NoVersion() {
  return (
    <div className="rounded-card border border-line bg-surface">
      <EmptyState icon={ClockCounterClockwiseIcon} title="Nothing is published yet">
        Each version is listed here with who published it and what it changed. Any of them can be brought back.
      </EmptyState>
    </div>
  );
}

function VersionRow({ row, onRollBack, ...props }: ProfileHistoryProps & { row: Version; onRollBack: () => void }) {
  const { can } = useMe();
  const { profile } = props.detail;
  return (
    <Expandable
      defaultOpen={row.isCurrent}
      summary={<VersionSummary row={row} />}
      actions={
        <>
          {can('profile.edit') && <StartDraft {...props} version={row.number} />}
          {can('profile.publish') && !row.isCurrent && (
            <Button
              size="small"
              disabledReason={profile.disabledAt === null ? undefined : 'The profile is off. Turn it on first.'}
              onClick={onRollBack}
            >
              Roll back to version {row.number}
            </Button>
          )}
        </>
      }
    >
      <VersionDetails profileId={profile.id} row={row} />
    </Expandable>
  );
}

function VersionSummary({
  row: { number, publishedAt, publishedBy, agreedBy, withoutOwner, rolledBackTo, isCurrent, entryCount, callCount },
}: {
  row: Version;
}) {
  return (
    <span className="flex min-w-0 flex-wrap items-baseline gap-x-3 gap-y-0.5">
      <span className="font-medium">Version {number}</span>
      {isCurrent && <Badge tone="ok">Served</Badge>}
      {rolledBackTo !== null && <Badge>Version {rolledBackTo} again</Badge>}
      <span className="text-muted">
        {publishedBy.name}, <RelativeTime at={publishedAt} />
        {agreedBy && (withoutOwner === null ? `, agreed by ${agreedBy.name}` : ', without its owner')}
      </span>
      <span className="text-xs text-subtle tabular-nums">
        {describeCount(entryCount, 'entry', 'entries')} · {describeCalls(callCount)}
      </span>
    </span>
  );
}

function VersionDetails({ profileId, row }: { profileId: string; row: Version }) {
  const trpc = useTRPC();
  const version = useQuery(trpc.profile.version.queryOptions({ profileId, version: row.number }, { staleTime: Infinity }));
  return (
    <div className="flex flex-col gap-3 px-4 py-3">
      {row.agreedBy && row.withoutOwner !== null && (
        <p className="break-words">
          {row.agreedBy.name} went on without the owner: “{row.withoutOwner}”
        </p>
      )}
      <p className="text-muted">
        {row.running.total === 0 ? (
          'No agent runs it.'
        ) : (
          <>
            Run by <Agents {...row.running} />.
          </>
        )}
      </p>
      <Loaded query={version} skeleton={<Bar className="h-16" />} errorTitle="The version could not be loaded">
        {({ number, document, before, serverNames }) => (
          <VersionChanges
            title={before ? `Different from version ${number - 1}` : 'The first version'}
            after={toVersionContent(document, serverNames)}
            before={before}
          />
        )}
      </Loaded>
    </div>
  );
}

/** Who runs it, and how sure that is. */
function Agents({ agents, total }: Version['running']) {
  const path = usePath();
  return (
    <>
      {agents.map(({ agentId, name, siteName, status }, index) => (
        <span key={agentId}>
          {index > 0 && ', '}
          <Link href={path(`/agents/${agentId}`)} className="font-medium text-fg hover:underline">
            {name}
          </Link>{' '}
          ({siteName}
          {status !== 'Connected' && `, ${status.toLowerCase()}`})
        </span>
      ))}
      {total > agents.length && ` and ${describeCount(total - agents.length, 'more agent')}`}
    </>
  );
}
