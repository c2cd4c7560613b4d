'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { Bar } from '../../ui/status/states.tsx';
import { AgentsCard } from './agents-card.tsx';
import { FirstRunCard } from './first-run-card.tsx';
import { isInStep } from './need-words.ts';
import { NeedsYou } from './needs-you.tsx';
import { RecentCalls } from './recent-calls.tsx';

/** As `server/api/load-overview.ts` reads them: the worst ones come first. */
const SHOWN_AGENTS = 8;

/**
 * First the way to the first governed call; once that was made, what needs somebody and what happened last. Begins with what the server knew when it made
 * the page, so nothing stands there for a moment that goes again.
 */
export function OverviewPage({ initial }: { initial: SectionsProps }) {
  const trpc = useTRPC();
  const { me } = useMe();
  const overview = useQuery(trpc.overview.get.queryOptions(undefined, { initialData: initial.overview }));
  const needs = useQuery(trpc.overview.needs.queryOptions(undefined, { initialData: initial.needs }));
  const agents = useQuery(trpc.agent.list.queryOptions({ limit: SHOWN_AGENTS }, { initialData: initial.agents }));
  return (
    <div className="flex max-w-6xl flex-col">
      <PageHeader
        title={me?.tenants.find(({ slug }) => slug === me.tenantSlug)?.name ?? 'Overview'}
        sub="What needs somebody, and what happened last."
      />
      <Loaded query={overview} skeleton={<OverviewSkeleton />} errorTitle="The overview could not be loaded">
        {(data) => (
          <Loaded query={needs} skeleton={<OverviewSkeleton />} errorTitle="What needs you could not be loaded">
            {(waiting) => (
              <Loaded query={agents} skeleton={<OverviewSkeleton />} errorTitle="The agents could not be loaded">
                {(list) => <Sections overview={data} needs={waiting} agents={list} />}
              </Loaded>
            )}
          </Loaded>
        )}
      </Loaded>
    </div>
  );
}

interface SectionsProps {
  overview: ApiOutput['overview']['get'];
  needs: ApiOutput['overview']['needs'];
  agents: ApiOutput['agent']['list'];
}

function Sections({ overview, needs, agents }: SectionsProps) {
  // Who watches the last step sees it ticked; the card is gone at the next visit.
  const [wasOpen] = useState(overview.firstRun.call === null);
  const begun = overview.firstRun.agent !== null;
  return (
    <div className="flex flex-col gap-5">
      {wasOpen && <FirstRunCard overview={overview} />}
      {(begun || needs.total > 0) && <NeedsYou needs={needs} inStep={agents.nextCursor === null && isInStep(agents.rows)} />}
      {(overview.lastCalls.length > 0 || !wasOpen) && <RecentCalls calls={overview.lastCalls} seesAll={overview.seesAllCalls} />}
      {begun && <AgentsCard agents={agents.rows} total={agents.total} />}
    </div>
  );
}

function OverviewSkeleton() {
  return (
    <div className="rounded-card border border-line bg-surface">
      <div className="flex h-12 items-center border-b border-line px-4">
        <Bar className="w-24" />
      </div>
      <div className="flex h-13 items-center px-4">
        <Bar className="w-64" />
      </div>
    </div>
  );
}
