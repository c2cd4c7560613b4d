'use client';

import Link from 'next/link';
import type { ReactNode } from 'react';

import { usePath } from '../../trpc/use-path.ts';
import { ConfigVersion } from '../../ui/entity/agent-status.tsx';
import { describeWithheld, WithheldList } from '../../ui/entity/withheld-list.tsx';
import { Banner, Card } from '../../ui/layout/card.tsx';
import { ClockTime, FullTime, RelativeTime } from '../../ui/text/relative-time.tsx';
import type { AgentDetail } from './agent-page.tsx';

/** Published against acknowledged, with hashes, and the agent's own words when it refused. Of one that is revoked only what it had. */
export function AgentConfig({ agent }: { agent: AgentDetail }) {
  const { desired, withheld, ackedVersion, ackedHash, ackedAt, rejectedVersion, rejectedCode, rejectedReason, rejectedAt } =
    agent;
  const isOver = agent.revokedAt !== null;
  const refused = !isOver && rejectedVersion !== null && rejectedVersion > ackedVersion;
  return (
    <Card title="Configuration" actions={<ConfigVersion {...agent} />}>
      <div className="grid gap-4 sm:grid-cols-2">
        <Side title="Published" version={desired?.version ?? 0} hash={desired?.contentHash ?? null}>
          {desired && <ClockTime at={desired.createdAt} />}
        </Side>
        <Side title="Acknowledged" version={ackedVersion} hash={ackedHash}>
          {ackedAt && <ClockTime at={ackedAt} />}
        </Side>
      </div>
      {refused && (
        <Banner tone="danger" title={`v${rejectedVersion} was refused (${rejectedCode ?? 'no code'})`} className="mt-4">
          {rejectedReason !== null && <bdi className="break-words">{rejectedReason}</bdi>}
          <p className="text-xs">
            {rejectedAt && <FullTime at={rejectedAt} />}. It goes on serving {ackedVersion === 0 ? 'nothing' : `v${ackedVersion}`}
            .
          </p>
        </Banner>
      )}
      {!isOver && withheld.length > 0 && (
        <Banner tone="warn" title={`v${ackedVersion} was applied without ${describeWithheld(withheld)}`} className="mt-4">
          <WithheldList
            label="What this agent leaves out"
            items={withheld.map(({ id, code, message, ...left }) => ({ id, code, message, name: <LeftOut id={id} {...left} /> }))}
          />
        </Banner>
      )}
      {!isOver && desired && (
        <p className="mt-4 text-xs text-subtle">
          Signed. Without a newer one, agents stop serving it <RelativeTime at={desired.notAfter} />; it is renewed long before.
        </p>
      )}
    </Card>
  );
}

function LeftOut({ id, kind, entity }: Pick<AgentDetail['withheld'][number], 'id' | 'kind' | 'entity'>) {
  const path = usePath();
  if (entity === null) return `${kind} ${id}`;
  return (
    <Link href={path(`/${kind}s/${entity.slug}`)} className="underline">
      {entity.name}
    </Link>
  );
}

function Side({ title, version, hash, children }: { title: string; version: number; hash: string | null; children: ReactNode }) {
  return (
    <div className="min-w-0">
      <h3 className="text-xs font-medium text-subtle">{title}</h3>
      <p className="text-2xl font-semibold tabular-nums">{version === 0 ? 'none' : `v${version}`}</p>
      <p className="truncate font-mono text-xs text-subtle" title={hash ?? undefined}>
        {hash === null ? '–' : `sha256 ${hash.slice(0, 16)}…`}
      </p>
      <p className="text-xs text-subtle">{children}</p>
    </div>
  );
}
