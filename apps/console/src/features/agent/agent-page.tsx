'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';

import { type ApiOutput, useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { AgentStatus } from '../../ui/entity/agent-status.tsx';
import { Banner, Card, KeyValue } from '../../ui/layout/card.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { CopyText } from '../../ui/text/copy.tsx';
import { FullTime, RelativeTime } from '../../ui/text/relative-time.tsx';
import { AgentConfig } from './agent-config.tsx';
import { AgentServers } from './agent-servers.tsx';
import { ArchiveAgent } from './archive-agent.tsx';
import { EditAgent } from './edit-agent.tsx';
import { LabelBadges } from './labels.tsx';
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
  const [editing, setEditing] = useState(false);
  const mayManage = can('agent.manage');
  return (
    <>
      <PageHeader
        title={agent.name}
        actions={mayManage && <Button onClick={() => setEditing(true)}>Edit agent…</Button>}
        status={<AgentStatus {...agent} />}
        sub={agent.revokedAt === null ? `Serves the site ${agent.siteName}.` : `Served the site ${agent.siteName}.`}
      />
      <div className="flex flex-col gap-5">
        <ShutOut agent={agent} />
        <div className="grid items-start gap-5 xl:grid-cols-2">
          <div className="flex flex-col gap-5">
            <AgentConfig agent={agent} />
            {agent.revokedAt === null && <AgentServers agent={agent} />}
          </div>
          <Facts agent={agent} />
        </div>
        {mayManage && (agent.revokedAt === null ? <RevokeAgent agent={agent} /> : <ArchiveAgent agent={agent} />)}
      </div>
      {editing && <EditAgent agent={agent} onClose={() => setEditing(false)} />}
    </>
  );
}

/** Why the agent is not let in, and how there is one again on that machine. Nothing while it may connect. */
function ShutOut({ agent: { status, revokedAt, leftBehindAt, agentVersion } }: { agent: AgentDetail }) {
  const path = usePath();
  const { can } = useMe();
  const install = can('agent.manage') && (
    <LinkButton size="small" href={path('/agents/new')}>
      Make a join token
    </LinkButton>
  );
  if (revokedAt !== null) {
    return (
      <Banner tone="info" title="Revoked: this agent serves nothing any more" action={install}>
        Its identity never works again. To have an agent on that machine again, make a join token and, in the same data directory,
        {RESTART}
      </Banner>
    );
  }
  if (status === 'Quarantined') {
    return (
      <Banner tone="danger" title="Quarantined: two processes used this identity" action={install}>
        A key may have been copied. Look at who can read its data directory and revoke this agent below. Then make a join token
        and, in the same directory,{RESTART}
      </Banner>
    );
  }
  if (leftBehindAt === null) return null;
  return (
    <Banner tone="danger" title="Not let in: this agent is too old">
      The signing key of this workspace was rotated, and version {agentVersion ?? 'unknown'} of the agent cannot follow that: it
      would refuse every configuration. Install version 0.2 or later over it, with the data directory that it has; it need not be
      enrolled again. Last tried <RelativeTime at={leftBehindAt} />.
    </Banner>
  );
}

const RESTART = (
  <>
    {' '}
    start it with <code>gatehouse-agent up --enroll TOKEN</code>: it becomes another agent, and receipts that were not sent are
    kept there.
  </>
);

function Facts({ agent }: { agent: AgentDetail }) {
  const { lastSeenAt, status } = agent;
  const { hostname, platform, agentVersion, endpointUrl, clockSkewMs, openSessions, bufferedReceipts, stdioEntries } = agent;
  return (
    <Card
      title="Facts"
      actions={
        lastSeenAt !== null &&
        status !== 'Connected' && (
          <span className="text-xs text-subtle">
            as it said <RelativeTime at={lastSeenAt} />
          </span>
        )
      }
    >
      <KeyValue
        items={[
          { label: 'Id', value: <CopyText text={agent.id} label="agent id" /> },
          { label: 'Site', value: <SiteLink agent={agent} /> },
          { label: 'Labels', value: Object.keys(agent.labels).length > 0 && <LabelBadges labels={agent.labels} /> },
          { label: 'Host', value: [hostname, platform].filter((part) => part !== null).join(' · ') },
          { label: 'Version', value: agentVersion },
          { label: 'Listens on', value: endpointUrl && <CopyText text={endpointUrl} label="address" /> },
          { label: 'Profiles', value: <Profiles agent={agent} /> },
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

function SiteLink({ agent: { siteName, siteSlug } }: { agent: AgentDetail }) {
  const path = usePath();
  return (
    <Link
      href={path(`/sites/${siteSlug}`)}
      className="inline-flex items-center text-accent-fg hover:underline pointer-coarse:min-h-10"
    >
      {siteName}
    </Link>
  );
}

function Profiles({ agent: { profiles, profileCount } }: { agent: AgentDetail }) {
  const path = usePath();
  if (profiles.length === 0) return 'none published here';
  return (
    <>
      {profiles.map(({ id, slug, name }, index) => (
        <span key={id}>
          {index > 0 && ', '}
          <Link
            href={path(`/profiles/${slug}`)}
            className="inline-flex items-center text-accent-fg hover:underline pointer-coarse:min-h-10"
          >
            {name}
          </Link>
        </span>
      ))}
      {profiles.length < profileCount && ` and ${(profileCount - profiles.length).toLocaleString('en')} more`}
    </>
  );
}

function formatClockSkew(skewMs: number | null): string | null {
  if (skewMs === null) return null;
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  if (seconds < 2) return 'in step';
  return `${seconds} s ${skewMs > 0 ? 'ahead' : 'behind'}`;
}
