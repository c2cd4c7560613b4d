'use client';

import { type ReactNode, useState } from 'react';

import { Button } from '../../../ui/button.tsx';
import { FormError } from '../../../ui/form/form.tsx';
import { Card, KeyValue } from '../../../ui/layout/card.tsx';
import { EmptyState } from '../../../ui/status/states.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import type { ServerForm } from '../form/server-form.ts';
import type { Operation } from './openapi-choice.ts';
import { OpenapiOperations } from './openapi-operations.tsx';
import { OpenapiSource, type ReadOpenapi } from './openapi-source.tsx';

/** The description that was read, and which of its operations become tools. */
export interface OperationChoice {
  read: ReadOpenapi | null;
  setRead: (read: ReadOpenapi) => void;
  selected: ReadonlySet<string>;
  setSelected: (keys: ReadonlySet<string>) => void;
  /** keys of operations that are tools of the server already; selected at first */
  known: ReadonlySet<string>;
  /** those that are selected and can be tools */
  operations: readonly Operation[];
}

export function useOperationChoice(known: ReadonlySet<string>): OperationChoice {
  const [read, setRead] = useState<ReadOpenapi | null>(null);
  const [selected, setSelected] = useState(known);
  const operations = read?.preview.operations.filter(({ key, problem }) => problem === null && selected.has(key)) ?? [];
  return { read, setRead, selected, setSelected, known, operations };
}

export interface OpenapiColumnsProps {
  choice: OperationChoice;
  onRead: (read: ReadOpenapi) => void;
  disabled: boolean;
  /** what is asked once the description is read */
  children: (read: ReadOpenapi) => ReactNode;
}

/** Where the description comes from and what is asked about it on one side, its operations on the other. */
export function OpenapiColumns({ choice, onRead, disabled, children }: OpenapiColumnsProps) {
  const { read, selected, setSelected, known } = choice;
  return (
    <div className="grid items-start gap-6 xl:grid-cols-[minmax(0,26rem)_minmax(0,1fr)] xl:grid-rows-[auto_1fr]">
      <div className="min-w-0">
        <OpenapiSource onRead={onRead} disabled={disabled} />
      </div>
      {/* before what is asked: on a narrow screen the button that sends stands below what it sends */}
      <div className="min-w-0 xl:col-start-2 xl:row-span-2 xl:row-start-1">
        {read ? (
          <OpenapiOperations
            key={read.preview.textHash}
            operations={read.preview.operations}
            selected={selected}
            known={known}
            onSelect={setSelected}
            disabled={disabled}
          />
        ) : (
          <Card padded={false}>
            <EmptyState title="No description yet">
              Its operations stand here once it is read: each with its method, the tool that it becomes and what that costs.
            </EmptyState>
          </Card>
        )}
      </div>
      {read && <div className="min-w-0">{children(read)}</div>}
    </div>
  );
}

export interface SendCardProps {
  title: string;
  read: ReadOpenapi;
  /** operations that would be sent */
  count: number;
  sending: { error: unknown; isPending: boolean };
  children?: ReactNode;
}

/** What was read, what is asked, and the button that sends it. Stands inside a form. */
export function SendCard({ title, read: { preview }, count, sending, children }: SendCardProps) {
  const refusal = count === 0 ? 'Choose at least one operation.' : undefined;
  return (
    <Card title={title}>
      <KeyValue
        className="mb-4 border-b border-line pb-4"
        items={[
          { label: 'API', value: <UntrustedText text={`${preview.title} ${preview.version}`.trim()} /> },
          { label: 'Format', value: <UntrustedText text={`OpenAPI ${preview.openapi}`} /> },
          { label: 'Operations', value: preview.operations.length.toLocaleString('en') },
        ]}
      />
      <SecurityNotes notes={preview.security.notes} />
      {children}
      <FormError<ServerForm> error={sending.error} fields={{ name: 'name' }} className="mt-4" />
      <div className="mt-5 flex flex-wrap items-center justify-end gap-3 border-t border-line pt-4">
        {refusal !== undefined && <p className="text-subtle">{refusal}</p>}
        <Button type="submit" variant="primary" loading={sending.isPending} disabledReason={refusal}>
          {describeSending(count)}
        </Button>
      </div>
    </Card>
  );
}

/** What the description asks of a request and no request will carry. */
function SecurityNotes({ notes }: { notes: readonly string[] }) {
  if (notes.length === 0) return null;
  return (
    <ul aria-label="Credentials that are not sent" className="mb-4 flex list-disc flex-col gap-1 pl-4 text-xs text-warn-fg">
      {notes.map((note) => (
        <li key={note}>
          <UntrustedText text={note} />
        </li>
      ))}
    </ul>
  );
}

function describeSending(count: number): string {
  if (count === 0) return 'Send for review';
  return count === 1 ? 'Send 1 tool for review' : `Send ${count.toLocaleString('en')} tools for review`;
}
