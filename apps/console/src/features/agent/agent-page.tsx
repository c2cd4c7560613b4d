'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { AgentStatus } from '../../ui/entity/agent-status.tsx';
import { Banner, Card, KeyValue } from '../../ui/layout/card.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { CopyText } from '../../ui/text/copy.tsx';
import { FullTime, RelativeTime } from '../../ui/text/relative-time.tsx';
import { AgentConfig } from './agent-config.tsx';
import { AgentServers } from './agent-servers.tsx';
import { RevokeAgent } from './revoke-agent.tsx';

export type AgentDetail = ApiOutput['agent']['get'];

/** One agent: alive, and running what was published? */
export function AgentPage({ agentId }: { agentId: string }) {
  const trpc = useTRPC();
  const agent = useQuery(trpc.agent.get.queryOptions({ agentId }));
  return (
    <Loaded isPage query={agent} errorTitle="The agent could not be loaded">
      {(data) => <Detail agent={data} />}
    </Loaded>
  );
}

function Detail({ agent }: { agent: AgentDetail }) {
  const { can } = useMe();
  return (
    <>
      <PageHeader title={agent.name} status={<AgentStatus {...agent} />} sub={`Serves the site ${agent.siteName}.`} />
      <div className="flex flex-col gap-5">
        {agent.status === 'Quarantined' && (
          <Banner tone="danger" title="Quarantined: two processes used this identity">
            A key may have been copied. Look at who can read its data directory and revoke this agent. Then make a join token and,
            in the same directory, start it with gatehouse-agent up --enroll TOKEN: it becomes another agent, and receipts that
            were not sent are kept there.
          </Banner>
        )}
        {agent.leftBehindAt && agent.revokedAt === null && (
          <Banner tone="danger" title="Not let in: this agent is too old">
            The signing key of this workspace was rotated, and version {agent.agentVersion} of the agent cannot follow that: it
            would refuse every configuration. Install version 0.2 or later over it, with the data directory that it has; it need
            not be enrolled again. Last tried <RelativeTime at={agent.leftBehindAt} />.
          </Banner>
        )}
        <div className="grid items-start gap-5 xl:grid-cols-2">
          <div className="flex flex-col gap-5">
            <AgentConfig agent={agent} />
            <AgentServers agent={agent} />
          </div>
          <Facts agent={agent} />
        </div>
        {can('agent.manage') && agent.revokedAt === null && <RevokeAgent agent={agent} />}
      </div>
    </>
  );
}

function Facts({ agent }: { agent: AgentDetail }) {
  const { hostname, platform, agentVersion, endpointUrl, clockSkewMs, openSessions, bufferedReceipts, stdioEntries } = agent;
  return (
    <Card title="Facts">
      <KeyValue
        items={[
          { label: 'Id', value: <CopyText text={agent.id} label="agent id" /> },
          { label: 'Host', value: [hostname, platform].filter((part) => part !== null).join(' · ') },
          { label: 'Version', value: agentVersion },
          { label: 'Listens on', value: endpointUrl && <CopyText text={endpointUrl} label="address" /> },
          { label: 'Profiles', value: <Profiles profiles={agent.profiles} /> },
          { label: 'Open sessions', value: openSessions },
          { label: 'Buffered receipts', value: bufferedReceipts === 0 ? 'none' : `${bufferedReceipts} not sent yet` },
          { label: 'Clock', value: formatClockSkew(clockSkewMs) },
          { label: 'Stdio entries', value: stdioEntries.length > 0 ? stdioEntries.join(', ') : 'none in its guardrails' },
          { label: 'Enrolled', value: <FullTime at={agent.enrolledAt} /> },
          {
            label: 'Connected since',
            value: agent.connectedAt && agent.disconnectedAt === null && <FullTime at={agent.connectedAt} />,
          },
          ...(agent.revokedAt ? [{ label: 'Revoked', value: <FullTime at={agent.revokedAt} /> }] : []),
        ]}
      />
    </Card>
  );
}

function Profiles({ profiles }: Pick<AgentDetail, 'profiles'>) {
  const path = usePath();
  if (profiles.length === 0) return 'none published here';
  return profiles.map(({ id, slug, name }, index) => (
    <span key={id}>
      {index > 0 && ', '}
      <Link href={path(`/profiles/${slug}`)} className="text-accent-fg hover:underline">
        {name}
      </Link>
    </span>
  ));
}

function formatClockSkew(skewMs: number | null): string | null {
  if (skewMs === null) return null;
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  if (seconds < 2) return 'in step';
  return `${seconds} s ${skewMs > 0 ? 'ahead' : 'behind'}`;
}
