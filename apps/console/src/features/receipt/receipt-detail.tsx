'use client';

import { CheckIcon, MinusIcon, ShieldCheckIcon, WarningIcon, XIcon } from '@phosphor-icons/react/ssr';
import type { ReactNode } from 'react';

import type { ApiOutput } from '../../trpc/client.tsx';
import { KeyValue } from '../../ui/card.tsx';
import { CopyText } from '../../ui/copy.tsx';
import { FullTime } from '../../ui/relative-time.tsx';
import { reasonSentence } from './reasons.ts';
import { RecordedFields } from './recorded-fields.tsx';

type Receipt = ApiOutput['receipt']['get'];

const CHECK_WORDS: Record<Receipt['document']['checks'][number]['check'], string> = {
  identity: 'Client key',
  session: 'Session',
  profile: 'Profile',
  catalogue: 'Tool is in the profile',
  pin: 'Definition is the approved one',
  arguments: 'Arguments fit the schema',
  rules: 'Rules of the profile',
  intent: 'Intent written to disk',
  credential: 'Credential of the server',
  upstream: 'Server asked',
  response: 'Answer accepted',
  redaction: 'Redaction',
};

const MARKS = {
  pass: { icon: <CheckIcon size={14} className="text-ok-fg" />, word: 'passed' },
  fail: { icon: <XIcon size={14} className="text-danger-fg" />, word: 'failed' },
  skip: { icon: <MinusIcon size={14} className="text-subtle" />, word: 'not reached' },
} as const;

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="border-t border-line py-4 first:border-t-0 first:pt-0">
      <h3 className="mb-2 text-sm font-semibold">{title}</h3>
      {children}
    </section>
  );
}

function Checks({ checks }: { checks: Receipt['document']['checks'] }) {
  return (
    <ol className="space-y-1">
      {checks.map(({ check, result, code }) => (
        <li key={check} className="flex items-center gap-2">
          {MARKS[result].icon}
          <span className={result === 'skip' ? 'text-subtle' : undefined}>{CHECK_WORDS[check]}</span>
          <span className="sr-only">{MARKS[result].word}</span>
          {code !== undefined && <span className="text-subtle">{reasonSentence(code)}</span>}
        </li>
      ))}
    </ol>
  );
}

function milliseconds(value: number | null): string | null {
  return value === null ? null : `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
}

/** The five answers, the checks in their order, what went in and came out as shapes, and the record's place in its chain. */
export function ReceiptDetail({ receipt }: { receipt: Receipt }) {
  const { document, integrity, person, profile, server, agent } = receipt;
  return (
    <>
      <Section title={reasonSentence(receipt.reasonCode)}>
        <KeyValue
          items={[
            { label: 'Who', value: person && `${person.name}${person.email ? ` (${person.email})` : ''}` },
            { label: 'AI client', value: receipt.client },
            { label: 'Profile', value: profile && `${profile.name}${profile.version ? `, version ${profile.version}` : ''}` },
            { label: 'Server and tool', value: server && `${server.name} · ${receipt.tool ?? ''}` },
            {
              label: 'Credential',
              value: document.credential && <span className="font-mono text-xs">{document.credential}</span>,
            },
            { label: 'Agent', value: [agent.name, agent.siteSlug].filter((part) => part !== null).join(' · ') },
            { label: 'Called', value: <FullTime at={receipt.eventAt} /> },
            { label: 'Received', value: <FullTime at={receipt.receivedAt} /> },
            { label: 'Time taken', value: milliseconds(receipt.durationMs) },
            { label: 'Of that, the server', value: milliseconds(document.upstreamMs) },
          ]}
        />
      </Section>
      <Section title="Checks">
        <Checks checks={document.checks} />
      </Section>
      <Section title="Arguments">
        <RecordedFields
          fields={document.arguments?.fields ?? []}
          logged={document.arguments?.logged ?? []}
          bytes={document.arguments?.bytes ?? null}
        />
      </Section>
      <Section title="Result">
        {document.result?.content.map(({ type, size, mimeType }, index) => (
          <p key={`${type}-${index}`} className="text-muted">
            {type}
            {mimeType !== undefined && ` (${mimeType})`}, {size.toLocaleString('en')} {type === 'text' ? 'characters' : 'bytes'}
          </p>
        ))}
        <RecordedFields
          fields={document.result?.structured ?? []}
          logged={document.result?.logged ?? []}
          bytes={document.result?.bytes ?? null}
        />
      </Section>
      <Section title="Integrity">
        <p className="mb-2 flex items-center gap-2">
          {integrity.verified ? (
            <ShieldCheckIcon size={16} className="text-ok-fg" />
          ) : (
            <WarningIcon size={16} className="text-warn-fg" />
          )}
          {integrity.verified
            ? 'What is stored has the hash that the agent gave it.'
            : 'What is stored differs from what the agent hashed: a value was redacted on arrival, or the row was changed.'}
        </p>
        <KeyValue
          items={[
            { label: 'Place in the chain', value: <span className="tabular-nums">{integrity.seq}</span> },
            { label: 'Hash', value: <CopyText text={integrity.hash} label="hash" /> },
            { label: 'Hash before', value: <CopyText text={integrity.prevHash} label="hash before" /> },
            { label: 'Receipt', value: <CopyText text={receipt.id} label="receipt id" /> },
            { label: 'Configuration', value: `Snapshot ${document.configVersion}` },
          ]}
        />
      </Section>
    </>
  );
}
