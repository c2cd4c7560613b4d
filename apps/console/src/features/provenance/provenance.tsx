'use client';

import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';

import { type ApiInput, useTRPC } from '../../trpc/client.tsx';
import { Card, KeyValue, type KeyValueProps } from '../../ui/layout/card.tsx';
import { type Column, Table } from '../../ui/layout/table.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { EmptyState } from '../../ui/status/states.tsx';
import { CopyText } from '../../ui/text/copy.tsx';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import {
  describeBytes,
  describeContents,
  describeDeclared,
  describeFinder,
  describeNotKnown,
  describeRevisionChange,
  type ProvenanceDetail,
  type ProvenanceRevision,
} from './provenance-words.ts';

type Facts = KeyValueProps['items'];

/** Where a server comes from, as far as anybody has said so, and who said it: a tab of a review and of a server. */
export function Provenance({ of }: { of: ApiInput['server']['provenance'] }) {
  const provenance = useQuery(useTRPC().server.provenance.queryOptions(of));
  return (
    <Loaded query={provenance} errorTitle="The provenance could not be loaded">
      {(detail) => <Parts detail={detail} />}
    </Loaded>
  );
}

function Parts({ detail }: { detail: ProvenanceDetail }) {
  const { entered, revisions } = detail;
  const [newest] = revisions;
  const isRest = entered.transport.kind === 'rest';
  return (
    <div className="flex flex-col gap-4">
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Said title="Entered by people" note="As it stands now." facts={listEntered(detail)} />
        {newest && (
          <Said
            title={isRest ? 'Declared by the imported description' : 'Declared by the server'}
            note={`In revision ${newest.number}. Nobody has checked it: ${isRest ? 'a description' : 'a server'} can call itself anything.`}
            facts={listDeclared(newest, isRest)}
          />
        )}
        {newest && !isRest && (
          <Said
            title="Reported by agents"
            note={`Who found revision ${newest.number}: the last look at each site.`}
            facts={listReported(newest)}
          />
        )}
        {newest && (
          <Said title="Computed by Gatehouse" note={`Of revision ${newest.number}.`} facts={listComputed(newest, isRest)} />
        )}
      </div>
      <section aria-labelledby="last-revisions">
        <h2 id="last-revisions" className="mb-2 text-sm font-semibold">
          Last revisions
        </h2>
        <Table
          label="Last revisions"
          columns={COLUMNS}
          rows={revisions}
          getRowKey={({ number }) => String(number)}
          empty={<EmptyState title="No revisions yet">A revision is what a server offers, as an agent found it.</EmptyState>}
        />
      </section>
      <p className="max-w-[90ch] text-xs text-muted">{describeNotKnown(entered.transport)}</p>
    </div>
  );
}

/** What one source says; the source is the title. */
function Said({ title, note, facts }: { title: string; note: string; facts: Facts }) {
  return (
    <Card title={title}>
      <p className="mb-3 text-xs text-subtle">{note}</p>
      <KeyValue items={facts} />
    </Card>
  );
}

function listEntered({ entered: { transport, by, at, edits } }: ProvenanceDetail): Facts {
  const place = {
    http: { label: 'Address', value: transport.kind === 'http' && transport.url },
    rest: { label: 'Base URL', value: transport.kind === 'rest' && transport.baseUrl },
    stdio: { label: 'Guardrails entry', value: transport.kind === 'stdio' && transport.entry },
  }[transport.kind];
  return [
    { label: place.label, value: <span className="font-mono wrap-anywhere">{place.value}</span> },
    {
      label: 'Added',
      value: (
        <>
          by {by.name} <RelativeTime at={at} />
        </>
      ),
    },
    { label: 'Edited', value: edits.length === 0 ? 'Never' : <Edits edits={edits} /> },
  ];
}

function Edits({ edits }: Pick<ProvenanceDetail['entered'], 'edits'>) {
  return (
    <ul className="flex flex-col gap-1">
      {edits.map(({ at, by, changed, address }, index) => (
        <li key={index}>
          {changed === 'connection' ? 'How it is reached' : 'Name, purpose or limits'}, by {by.name} <RelativeTime at={at} />
          {address && (
            <span className="block font-mono text-xs wrap-anywhere text-muted">
              {address.before} → {address.after}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

const readDeclared = (text: string | undefined): ReactNode => text && <UntrustedText text={text} />;

function listDeclared({ declared, protocolVersion }: ProvenanceRevision, isRest: boolean): Facts {
  return [
    { label: isRest ? 'Title' : 'Name', value: readDeclared(declared.name) },
    { label: 'Version', value: readDeclared(declared.version) },
    ...(declared.title === undefined ? [] : [{ label: 'Title', value: readDeclared(declared.title) }]),
    { label: isRest ? 'Format' : 'Protocol version', value: readDeclared(protocolVersion) },
  ];
}

function listReported({ seen }: ProvenanceRevision): Facts {
  if (seen.length === 0) return [{ label: 'Looks', value: 'None is kept' }];
  return seen.map(({ siteName, agentName, at }) => ({
    label: siteName,
    value: (
      <>
        {agentName ?? 'An agent that was removed since'} <RelativeTime at={at} />
      </>
    ),
  }));
}

function listComputed({ contentHash, imported }: ProvenanceRevision, isRest: boolean): Facts {
  return [
    { label: 'Definitions, SHA-256', value: <CopyText text={contentHash} label="hash of the definitions" /> },
    ...(isRest
      ? [
          {
            label: 'Description, SHA-256',
            value: imported?.textHash ? (
              <CopyText text={imported.textHash} label="hash of the description" />
            ) : (
              'Not kept at its import'
            ),
          },
          { label: 'Read from', value: imported && (imported.source === 'file' ? 'A file' : imported.source) },
        ]
      : []),
  ];
}

/** On a phone a cell of words is as narrow as it has to be: nothing here could be focused to scroll the table by keys. */
const Wrapped = ({ children }: { children: ReactNode }) => <span className="whitespace-normal">{children}</span>;

const COLUMNS: Column<ProvenanceRevision>[] = [
  { key: 'number', header: 'Revision', cell: ({ number }) => `r${number}` },
  {
    key: 'declared',
    header: 'Declared',
    cell: (revision) => <UntrustedText text={describeDeclared(revision) || '–'} />,
    hideBelow: 'md',
  },
  { key: 'contents', header: 'Offers', cell: (revision) => <Wrapped>{describeContents(revision)}</Wrapped> },
  { key: 'bytes', header: 'Size', align: 'end', hideBelow: 'md', cell: ({ bytes }) => describeBytes(bytes) },
  { key: 'change', header: 'Change', cell: (revision) => <Wrapped>{describeRevisionChange(revision)}</Wrapped> },
  {
    key: 'found',
    header: 'Found',
    cell: (revision) => (
      <Wrapped>
        <RelativeTime at={revision.foundAt} />, {describeFinder(revision)}
        {revision.isOfOtherAddress && <span className="text-subtle">, at another address</span>}
      </Wrapped>
    ),
  },
  { key: 'seen', header: 'Seen at', cell: ({ seen }) => seen.map(({ siteName }) => siteName).join(', ') || '–', hideBelow: 'lg' },
];
