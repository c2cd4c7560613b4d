'use client';

import { PromptDefinition } from '@gatehouse/policy/documents/definition';
import { useState } from 'react';

import { Badge } from '../../ui/badge.tsx';
import { Choice } from '../../ui/choice.tsx';
import { JsonView } from '../../ui/json-view.tsx';
import { ScrollRegion } from '../../ui/scroll-region.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import { WordDiff } from '../../ui/word-diff.tsx';
import type { ReviewItem } from './summary.ts';

/** What AI clients read of a prompt or resource; of a changed one, what is different from the last decision. */
export function ItemDefinitionView({ item }: { item: ReviewItem }) {
  const { name, previousDefinition: before } = item;
  const [view, setView] = useState<'reading' | 'exact'>('reading');
  return (
    <div className="flex min-w-0 flex-col gap-5">
      <div className="flex items-center justify-between gap-3">
        <h3 className="text-xs font-medium text-subtle">
          {before ? 'What changed since the last decision' : 'As AI clients read it'}
        </h3>
        <Choice
          label={`View of ${name}`}
          value={view}
          onValueChange={setView}
          options={[
            { value: 'reading', label: before ? 'Words' : 'Fields' },
            { value: 'exact', label: 'Exact JSON' },
          ]}
        />
      </div>
      {view === 'exact' ? <Exact item={item} /> : <Reading item={item} />}
    </div>
  );
}

function Exact({ item: { name, definition, previousDefinition: before } }: { item: ReviewItem }) {
  if (!before) return <JsonView value={definition} label={`Definition of ${name}`} />;
  return (
    <ScrollRegion label={`Change of ${name}`} className="rounded-card border border-line bg-sunken px-3 py-2.5 font-mono text-xs">
      <WordDiff before={JSON.stringify(before, null, 2)} after={JSON.stringify(definition, null, 2)} />
    </ScrollRegion>
  );
}

function Reading({ item: { kind, name, definition, previousDefinition: before } }: { item: ReviewItem }) {
  const text = (from: ReviewItem['definition'] | null, key: string): string => {
    const value: unknown = from && Object.entries(from).find(([own]) => own === key)?.[1];
    return typeof value === 'string' ? value : '';
  };
  const fields = [
    // The name of a prompt is its heading already; a resource has an address and a name.
    ...(kind === 'prompt' ? [] : [{ title: 'Name', key: 'name' }]),
    { title: 'Text', key: 'text' },
    { title: 'Title', key: 'title' },
    { title: 'Description', key: 'description' },
    { title: 'Type', key: 'mimeType' },
  ].map(({ title, key }) => ({ title, now: text(definition, key), was: before && text(before, key) }));
  return (
    <>
      {fields
        .filter(({ title, now, was }) => now !== '' || (was ?? '') !== '' || (title === 'Description' && kind !== 'instructions'))
        .map(({ title, now, was }) => (
          <section key={title} className="min-w-0">
            <h4 className="mb-1 text-xs font-medium text-subtle">{title}</h4>
            <div className="text-base">
              {was !== null && was !== now ? <WordDiff before={was} after={now} /> : now && <UntrustedText text={now} />}
              {now === '' && (was ?? '') === '' && <span className="text-muted">None.</span>}
            </div>
          </section>
        ))}
      {kind === 'prompt' && <PromptArguments name={name} definition={definition} before={before} />}
    </>
  );
}

type Definition = ReviewItem['definition'];

function PromptArguments({ name, definition, before }: { name: string; definition: Definition; before: Definition | null }) {
  const argumentsOf = (from: Definition | null): unknown => (from && 'arguments' in from ? from.arguments : []) ?? [];
  const now = argumentsOf(definition);
  const changed = before !== null && JSON.stringify(argumentsOf(before)) !== JSON.stringify(now);
  const list = PromptDefinition.shape.arguments.safeParse(now).data ?? [];
  return (
    <section className="min-w-0">
      <h4 className="mb-1 text-xs font-medium text-subtle">
        Arguments
        {changed && <span className="ml-2 text-info-fg">changed: see the exact JSON</span>}
      </h4>
      {list.length === 0 ? (
        <p className="text-base text-muted">None.</p>
      ) : (
        <ul aria-label={`Arguments of ${name}`} className="divide-y divide-line rounded-card border border-line bg-surface">
          {list.map((entry) => (
            <li key={entry.name} className="px-3 py-1.5 text-xs">
              <span className="font-mono font-medium">
                <UntrustedText text={entry.name} />
              </span>
              {entry.required === true && (
                <span className="ml-2">
                  <Badge>required</Badge>
                </span>
              )}
              {entry.description !== undefined && (
                <p className="text-muted">
                  <UntrustedText text={entry.description} />
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
