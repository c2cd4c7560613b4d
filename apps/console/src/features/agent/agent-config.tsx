'use client';

import type { ReactNode } from 'react';

import { ConfigVersion } from '../../ui/entity/agent-status.tsx';
import { Banner, Card } from '../../ui/layout/card.tsx';
import { ClockTime, FullTime, RelativeTime } from '../../ui/text/relative-time.tsx';
import type { AgentDetail } from './agent-page.tsx';

/** Published against acknowledged, with hashes, and the agent's own words when it refused. */
export function AgentConfig({ agent }: { agent: AgentDetail }) {
  const { desired, withheld, ackedVersion, ackedHash, ackedAt, rejectedVersion, rejectedCode, rejectedReason, rejectedAt } =
    agent;
  const refused = rejectedVersion !== null && rejectedVersion > ackedVersion;
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
      {withheld.length > 0 && (
        <Banner
          tone="warn"
          title={`v${ackedVersion} was applied without ${withheld.length === 1 ? 'one part' : `${withheld.length} parts`} of it`}
          className="mt-4"
        >
          <ul className="space-y-1">
            {withheld.map(({ kind, id, name, code, message }) => (
              <li key={id}>
                without {kind} <bdi className="font-medium">{name ?? id}</bdi> ({code}):{' '}
                <bdi className="break-words">{message}</bdi>
              </li>
            ))}
          </ul>
        </Banner>
      )}
      {desired && (
        <p className="mt-4 text-xs text-subtle">
          Signed. Without a newer one, agents stop serving it <RelativeTime at={desired.notAfter} />; it is renewed long before.
        </p>
      )}
    </Card>
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
