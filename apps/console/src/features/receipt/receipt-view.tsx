'use client';

import { FunnelSimpleIcon, LockSimpleIcon } from '@phosphor-icons/react/ssr';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { IconButton, LinkButton } from '../../ui/button.tsx';
import { getCallWords } from '../../ui/entity/call-words.ts';
import { describeReason } from '../../ui/entity/reasons.ts';
import { KeyValue } from '../../ui/layout/card.tsx';
import { OutcomeChip, RiskBadge } from '../../ui/status/badge.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { Bar } from '../../ui/status/states.tsx';
import { CopyText } from '../../ui/text/copy.tsx';
import { FullTime } from '../../ui/text/relative-time.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import { ReceiptChecks } from './receipt-checks.tsx';
import { ReceiptIntegrity } from './receipt-integrity.tsx';
import { Part, type ReceiptDetail } from './receipt-part.tsx';
import { RecordedFields } from './recorded-fields.tsx';
import type { AuditFilters } from './use-audit-filters.ts';

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
    <Loaded query={receipt} skeleton={<Bar className="h-40" />} errorTitle="The call could not be loaded">
      {(detail) => (
        <div className="flex flex-col gap-6">
          <Sentence detail={detail} />
          <ValuesNote detail={detail} />
          <Arguments detail={detail} />
          <Result detail={detail} />
          <ReceiptChecks detail={detail} />
          <Who detail={detail} onFilter={onFilter} />
          <ReceiptIntegrity detail={detail} />
        </div>
      )}
    </Loaded>
  );
}

function Sentence({ detail }: { detail: ReceiptDetail }) {
  const { person, name: tool, profile, outcome, reasonCode, risk } = detail;
  const { verb, tried } = getCallWords(detail);
  return (
    <div>
      <p className="text-base">
        <span className="font-medium">{person?.name ?? 'Somebody who was not recognised'}</span> {tool === null ? tried : verb}{' '}
        {tool !== null && (
          <span className="font-mono text-sm">
            <UntrustedText text={tool} />
          </span>
        )}
        {profile && (
          <>
            {' '}
            through {profile.name}
            {profile.version !== null && <> v{profile.version}</>}
          </>
        )}
        {outcome === 'allowed' ? '.' : `: ${describeReason(reasonCode)}.`}
      </p>
      <Held detail={detail} />
      <p className="mt-2 flex gap-2">
        <OutcomeChip outcome={outcome} reasonCode={reasonCode} />
        {risk && <RiskBadge risk={risk} />}
      </p>
    </div>
  );
}

/** What the server has instead of what was approved, one click from the difference. */
function Held({ detail: { held, server } }: { detail: ReceiptDetail }) {
  const path = usePath();
  if (!held) return null;
  const { serverSlug, revision, reviewId, isOpen, isOffered } = held;
  const what = isOffered
    ? `${server?.name ?? serverSlug} defines it otherwise`
    : `${server?.name ?? serverSlug} does not offer it any more`;
  return (
    <p className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1 text-muted">
      <span>
        {what} in revision {revision}, which is {isOpen ? 'held for review' : 'what the site has now'}.
      </span>
      <LinkButton size="small" href={path(reviewId === null ? `/servers/${serverSlug}` : `/reviews/${reviewId}`)}>
        {reviewId === null ? 'Open the server' : 'See the difference'}
      </LinkButton>
    </p>
  );
}

function Filterable({ label, onFilter, children }: { label: string; onFilter: () => void; children: ReactNode }) {
  return (
    <span className="inline-flex items-center gap-1">
      {children}
      <IconButton label={label} size="inline" icon={<FunnelSimpleIcon size={12} />} onClick={onFilter} />
    </span>
  );
}

function Who({ detail, onFilter }: { detail: ReceiptDetail; onFilter: SetFilters }) {
  const { person, client, name: tool, nameFingerprint, profile, server, agent, document } = detail;
  const { word, unnamed } = getCallWords(detail);
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
            label: word,
            value:
              tool === null ? (
                <span className="font-mono text-xs break-all">
                  {nameFingerprint === null ? unnamed : `fingerprint ${nameFingerprint}`}
                </span>
              ) : (
                <Filterable label={`Only calls of ${tool}`} onFilter={() => onFilter({ tool })}>
                  <span className="min-w-0 font-mono text-xs">
                    <UntrustedText
                      isName
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
          { label: 'Agent', value: `${agent.name ?? 'removed agent'}${agent.siteName ? ` · ${agent.siteName}` : ''}` },
          { label: 'Credential', value: document.credential && <span className="font-mono text-xs">{document.credential}</span> },
          { label: 'Session', value: document.sessionId && <CopyText text={document.sessionId} label="session id" /> },
          { label: 'At the agent', value: <FullTime at={detail.eventAt} /> },
          { label: 'Received', value: <FullTime at={detail.receivedAt} /> },
        ]}
      />
    </Part>
  );
}

/** Whether values are kept from the one who looks, and else that looking is written down. */
function ValuesNote({ detail: { withheld, isRecorded } }: { detail: ReceiptDetail }) {
  if (withheld) {
    return (
      <p className="flex items-start gap-2 text-muted">
        <LockSimpleIcon aria-hidden size={16} className="mt-0.5 shrink-0" />
        <span>You may not read values of other people’s calls. Ask an owner or admin, who gives that under Members.</span>
      </p>
    );
  }
  return isRecorded ? <p className="text-xs text-subtle">That you read the values of this call is in the admin log.</p> : null;
}

function Arguments({ detail: { document, withheld } }: { detail: ReceiptDetail }) {
  const recorded = document.arguments;
  return (
    <Part title="Arguments">
      {recorded ? (
        <RecordedFields
          label="Arguments"
          withheld={withheld?.arguments}
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

function Result({ detail: { document, withheld } }: { detail: ReceiptDetail }) {
  const { result } = document;
  return (
    <Part title="Result">
      {result === null && <p className="text-muted">Nothing came back.</p>}
      {result && (
        <div className="flex flex-col gap-2">
          {result.isError && <p className="text-danger-fg">The server says that it failed.</p>}
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
            withheld={withheld?.result}
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
