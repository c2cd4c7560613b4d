'use client';

import { CheckCircleIcon, CircleDashedIcon, CircleNotchIcon, XCircleIcon } from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { ClockTime } from '../../ui/relative-time.tsx';
import { EmptyState } from '../../ui/states.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';

type RolloutRow = ApiOutput['profile']['rollout'][number];

/** How far each agent has come with the newest configuration of its site. */
export function Rollout({ profileId }: { profileId: string }) {
  const trpc = useTRPC();
  const path = usePath();
  const rollout = useQuery(trpc.profile.rollout.queryOptions({ profileId }));
  return (
    <Loaded query={rollout} errorTitle="The rollout could not be loaded">
      {(rows) => (
        <div className="overflow-hidden rounded-card border border-line bg-surface">
          {rows.length === 0 ? (
            <EmptyState title="No agent serves this yet" action={<LinkButton href={path('/agents/new')}>Run an agent</LinkButton>}>
              The profile is served as soon as an agent runs at one of its sites.
            </EmptyState>
          ) : (
            <ul className="divide-y divide-line">
              {rows.map((row) => (
                <li key={row.agentId} className="flex items-start gap-3 px-4 py-2.5">
                  <Mark row={row} />
                  <div className="min-w-0 flex-1">
                    <p className="font-medium">
                      {row.name} <span className="font-normal text-subtle">{row.siteSlug}</span>
                    </p>
                    <Fact row={row} />
                  </div>
                  <span className="font-mono text-xs leading-5 text-subtle">
                    {row.ackedVersion === row.desiredVersion ? `c${row.desiredVersion}` : `c${row.ackedVersion} → c${row.desiredVersion}`}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </div>
      )}
    </Loaded>
  );
}

/** The agent refused the version that it should serve now, not an older one. */
const refusedNow = ({ rejected, desiredVersion }: RolloutRow): boolean => rejected?.version === desiredVersion;

function Mark({ row }: { row: RolloutRow }) {
  if (row.serving) return <CheckCircleIcon aria-hidden size={16} weight="fill" className="mt-0.5 shrink-0 text-ok" />;
  if (refusedNow(row)) return <XCircleIcon aria-hidden size={16} weight="fill" className="mt-0.5 shrink-0 text-danger" />;
  if (row.status !== 'Connected') return <CircleDashedIcon aria-hidden size={16} className="mt-0.5 shrink-0 text-subtle" />;
  return <CircleNotchIcon aria-hidden size={16} className="mt-0.5 shrink-0 animate-spin text-accent-fg" />;
}

function Fact({ row }: { row: RolloutRow }) {
  if (row.desiredVersion === 0) return <p className="text-subtle">Nothing is published at this site yet.</p>;
  if (row.serving) {
    return (
      <p className="text-muted" role="status">
        Acknowledged and served
        {row.ackedAt && (
          <>
            {' '}
            since <ClockTime at={row.ackedAt} />
          </>
        )}
      </p>
    );
  }
  if (refusedNow(row)) {
    return (
      <p className="text-danger-fg" role="alert">
        Refused ({row.rejected?.code}): <UntrustedText text={row.rejected?.reason ?? ''} /> It keeps serving what it had.
      </p>
    );
  }
  if (row.status === 'Connected') return <p className="text-muted">Sent, not acknowledged yet.</p>;
  return <p className="text-subtle">{row.status}. It gets the configuration when it connects; until then it serves what it had.</p>;
}
