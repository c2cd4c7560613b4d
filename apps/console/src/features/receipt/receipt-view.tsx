'use client';

import {
  CheckCircleIcon,
  FunnelSimpleIcon,
  MinusCircleIcon,
  SealCheckIcon,
  SealWarningIcon,
  XCircleIcon,
} from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { OutcomeChip, RiskBadge } from '../../ui/badge.tsx';
import { IconButton } from '../../ui/button.tsx';
import { KeyValue } from '../../ui/card.tsx';
import { CopyText } from '../../ui/copy.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { FullTime } from '../../ui/relative-time.tsx';
import { Skeleton } from '../../ui/states.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import { checkWords, reasonWords } from './reasons.ts';
import { RecordedFields } from './recorded-fields.tsx';
import type { AuditFilters } from './use-audit-filters.ts';

type ReceiptDetail = ApiOutput['receipt']['get'];
type SetFilters = (filters: Partial<AuditFilters['filters']>) => void;

export interface ReceiptViewProps {
  id: string;
  /** from the list's row; makes the look-up cheaper */
  receivedAt: Date | undefined;
  onFilter: SetFilters;
}

/** One call whole: the sentence, who, where, every check, what went in and came out, and the proof that nobody changed it. */
export function ReceiptView({ id, receivedAt, onFilter }: ReceiptViewProps) {
  const trpc = useTRPC();
  const receipt = useQuery(trpc.receipt.get.queryOptions({ id, receivedAt }, { staleTime: Infinity }));
  return (
    <Loaded query={receipt} skeleton={<Skeleton className="h-40" />} errorTitle="The call could not be loaded">
      {(detail) => (
        <div className="flex flex-col gap-6">
          <Sentence detail={detail} />
          <Arguments detail={detail} />
          <Result detail={detail} />
          <Checks detail={detail} />
          <Who detail={detail} onFilter={onFilter} />
          <Integrity detail={detail} />
        </div>
      )}
    </Loaded>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-2 text-xs font-medium text-subtle">{title}</h3>
      {children}
    </section>
  );
}

function Sentence({ detail }: { detail: ReceiptDetail }) {
  const { person, tool, profile, outcome, reasonCode, risk } = detail;
  return (
    <div>
      <p className="text-base">
        <span className="font-medium">{person?.name ?? 'Somebody who was not recognised'}</span> called{' '}
        <span className="font-mono text-sm">{tool === null ? 'an unknown tool' : <UntrustedText text={tool} />}</span>
        {profile && (
          <>
            {' '}
            through {profile.name}
            {profile.version !== null && <> v{profile.version}</>}
          </>
        )}
        {outcome === 'allowed' ? '.' : `: ${reasonWords(reasonCode)}.`}
      </p>
      <p className="mt-2 flex gap-2">
        <OutcomeChip outcome={outcome} />
        {risk && <RiskBadge risk={risk} />}
      </p>
    </div>
  );
}

function Filterable({ label, onFilter, children }: { label: string; onFilter: () => void; children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1">
      {children}
      <IconButton label={label} size="small" icon={<FunnelSimpleIcon size={12} />} onClick={onFilter} />
    </span>
  );
}

function Who({ detail, onFilter }: { detail: ReceiptDetail; onFilter: SetFilters }) {
  const { person, client, tool, profile, server, agent, document } = detail;
  return (
    <Part title="Who and where">
      <KeyValue
        items={[
          {
            label: 'Person',
            value: person && (
              <Filterable label={`Only calls of ${person.name}`} onFilter={() => onFilter({ person: person.id })}>
                <span title={person.email ?? undefined}>{person.name}</span>
              </Filterable>
            ),
          },
          { label: 'AI client', value: client && <UntrustedText text={client} /> },
          {
            label: 'Tool',
            value:
              tool === null ? (
                <span className="font-mono text-xs break-all">fingerprint {detail.toolFingerprint}</span>
              ) : (
                <Filterable label={`Only calls of ${tool}`} onFilter={() => onFilter({ tool })}>
                  <span className="font-mono text-xs">
                    <UntrustedText
                      text={
                        detail.advertisedName === tool || !detail.advertisedName ? tool : `${detail.advertisedName} (${tool})`
                      }
                    />
                  </span>
                </Filterable>
              ),
          },
          {
            label: 'Profile',
            value: profile && (
              <Filterable label={`Only calls through ${profile.name}`} onFilter={() => onFilter({ profile: profile.id })}>
                {profile.name}
                {profile.version !== null && ` v${profile.version}`}
              </Filterable>
            ),
          },
          { label: 'Server', value: server?.name },
          { label: 'Agent', value: `${agent.name ?? 'removed agent'}${agent.siteSlug ? ` · ${agent.siteSlug}` : ''}` },
          { label: 'Credential', value: document.credential && <span className="font-mono text-xs">{document.credential}</span> },
          { label: 'Session', value: document.sessionId && <CopyText text={document.sessionId} label="session id" /> },
          { label: 'At the agent', value: <FullTime at={detail.eventAt} /> },
          { label: 'Received', value: <FullTime at={detail.receivedAt} /> },
        ]}
      />
    </Part>
  );
}

const MARK = {
  pass: <CheckCircleIcon aria-hidden size={16} weight="fill" className="text-ok" />,
  fail: <XCircleIcon aria-hidden size={16} weight="fill" className="text-danger" />,
  skip: <MinusCircleIcon aria-hidden size={16} className="text-subtle" />,
} as const;
const SAID = { pass: 'passed', fail: 'failed', skip: 'not reached' } as const;

function Checks({ detail: { document } }: { detail: ReceiptDetail }) {
  const { durationMs, upstreamMs } = document;
  const own = durationMs - (upstreamMs ?? 0);
  return (
    <Part title="How it was decided">
      <ol className="flex flex-col gap-1">
        {document.checks.map(({ check, result, code }) => (
          <li key={check} className="flex items-center gap-2">
            {MARK[result]}
            <span className={result === 'skip' ? 'text-subtle' : undefined}>{checkWords(check)}</span>
            <span className="sr-only">{SAID[result]}</span>
            {code !== undefined && result === 'fail' && (
              <span className="ml-auto text-right text-xs text-danger-fg">{reasonWords(code)}</span>
            )}
          </li>
        ))}
      </ol>
      <div aria-hidden className="mt-3 flex h-1.5 overflow-hidden rounded-full bg-active">
        <div className="bg-accent" style={{ width: `${(own / Math.max(durationMs, 0.001)) * 100}%` }} />
      </div>
      <p className="mt-1.5 text-xs text-subtle tabular-nums">
        {durationMs.toFixed(1)} ms in all
        {upstreamMs === null ? '' : `: ${own.toFixed(1)} ms in the agent, ${upstreamMs.toFixed(1)} ms in the server`}
      </p>
    </Part>
  );
}

function Arguments({ detail: { document } }: { detail: ReceiptDetail }) {
  const recorded = document.arguments;
  return (
    <Part title="Arguments">
      {recorded ? (
        <RecordedFields
          label="Arguments"
          fields={recorded.fields}
          logged={recorded.logged}
          truncated={recorded.truncated}
          bytes={recorded.bytes}
        />
      ) : (
        <p className="text-muted">The call ended before its arguments were read.</p>
      )}
    </Part>
  );
}

function Result({ detail: { document } }: { detail: ReceiptDetail }) {
  const { result } = document;
  return (
    <Part title="Result">
      {result === null && <p className="text-muted">Nothing came back.</p>}
      {result && (
        <div className="flex flex-col gap-2">
          {result.isError && <p className="text-danger-fg">The tool says that it failed.</p>}
          {result.content.length > 0 && (
            <p className="text-muted">
              {result.content
                .map(
                  ({ type, size, mimeType }) =>
                    `${type}${mimeType ? ` (${mimeType})` : ''}, ${size.toLocaleString('en')} characters`,
                )
                .join(' · ')}
            </p>
          )}
          <RecordedFields
            label="Result"
            fields={result.structured}
            logged={result.logged}
            truncated={result.truncated}
            bytes={result.bytes}
          />
        </div>
      )}
    </Part>
  );
}

function Integrity({ detail: { integrity, document } }: { detail: ReceiptDetail }) {
  return (
    <Part title="Integrity">
      <p className="mb-2 flex items-center gap-2">
        {integrity.verified ? (
          <>
            <SealCheckIcon aria-hidden size={16} className="text-ok" /> Unchanged since the agent wrote it.
          </>
        ) : (
          <>
            <SealWarningIcon aria-hidden size={16} className="text-warn" /> Not what the agent wrote: something was redacted on
            arrival, or changed later.
          </>
        )}
      </p>
      <KeyValue
        items={[
          { label: 'Number', value: `${integrity.seq} of its stream` },
          { label: 'Hash', value: <CopyText text={integrity.hash} label="hash" /> },
          { label: 'Hash before', value: <CopyText text={integrity.prevHash} label="previous hash" /> },
          { label: 'Stream', value: <CopyText text={integrity.spoolId} label="stream id" /> },
          { label: 'Configuration', value: `c${document.configVersion}` },
          { label: 'Call id', value: <CopyText text={document.id} label="call id" /> },
          ...(document.lostBefore > 0 ? [{ label: 'Lost before it', value: `${document.lostBefore} best-effort receipts` }] : []),
        ]}
      />
    </Part>
  );
}
