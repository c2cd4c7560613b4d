'use client';

import { type RefObject, useEffect, useRef, useState } from 'react';

import { Choice } from '../../ui/form/choice.tsx';
import { ScrollRegion } from '../../ui/layout/scroll-region.tsx';
import { isSingleKey } from '../../ui/overlay/single-keys.ts';
import { JsonView } from '../../ui/text/json-view.tsx';
import { WordDiff } from '../../ui/text/word-diff.tsx';
import { ChangedText, DefinitionPart, PromptArguments, Request, ToolSchemas } from './definition-parts.tsx';
import type { ReviewEntry } from './summary.ts';

type View = 'reading' | 'exact';

/** E acts on the entry in which the focus is, while its definition is in sight: a page has many. */
function useToggleKey(own: RefObject<HTMLElement | null>, onToggle: () => void): void {
  useEffect(() => {
    const act = (event: KeyboardEvent): void => {
      const isHere = own.current?.checkVisibility() && own.current.closest('li')?.contains(document.activeElement);
      if (event.key !== 'e' || !isHere || !isSingleKey(event)) return;
      event.preventDefault();
      onToggle();
    };
    document.addEventListener('keydown', act);
    return () => document.removeEventListener('keydown', act);
  });
}

/** A definition by its fields or exactly as it was sent; of a changed one, what is different from the last decision. */
export function DefinitionView({ entry }: { entry: ReviewEntry }) {
  const { kind, name, definition, previousDefinition: before } = entry;
  const [view, setView] = useState<View>('reading');
  const own = useRef<HTMLDivElement>(null);
  useToggleKey(own, () => setView((shown) => (shown === 'reading' ? 'exact' : 'reading')));
  const reader = kind === 'tool' ? 'As a model reads it' : 'As AI clients read it';
  return (
    <div ref={own} className="flex min-w-0 flex-col gap-5">
      <div className="flex items-center justify-between gap-3">
        <h3 className="text-xs font-medium text-subtle">{before ? 'What changed since the last decision' : reader}</h3>
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
      {view === 'reading' && <Fields entry={entry} />}
      {view === 'exact' && !before && <JsonView value={definition} label={`Definition of ${name}`} />}
      {view === 'exact' && before && (
        <ScrollRegion
          label={`Change of ${name}`}
          className="rounded-card border border-line bg-sunken px-3 py-2.5 font-mono text-xs"
        >
          <WordDiff before={JSON.stringify(before, null, 2)} after={JSON.stringify(definition, null, 2)} />
        </ScrollRegion>
      )}
    </div>
  );
}

function Fields({ entry }: { entry: ReviewEntry }) {
  return (
    <>
      {entry.kind === 'tool' && <Request tool={entry} />}
      <Texts entry={entry} />
      {entry.kind === 'tool' && <ToolSchemas tool={entry} />}
      {entry.kind === 'prompt' && <PromptArguments prompt={entry} />}
    </>
  );
}

/** The texts that are there. A description is asked of everything but instructions, so a missing one is shown as missing. */
function Texts({ entry: { kind, definition, previousDefinition } }: { entry: ReviewEntry }) {
  const texts = [
    // A resource has an address and a name. The name of a tool or prompt is the heading already.
    ...(kind === 'tool' || kind === 'prompt' ? [] : [{ title: 'Name', key: 'name' }]),
    { title: 'Title', key: 'title' },
    { title: 'Description', key: 'description' },
    { title: 'Type', key: 'mimeType' },
    { title: 'Text', key: 'text' },
  ].map(({ title, key }) => ({
    title,
    now: readText(definition, key),
    before: previousDefinition && readText(previousDefinition, key),
  }));
  return texts
    .filter(({ title, now, before }) => now || before || (title === 'Description' && kind !== 'instructions'))
    .map(({ title, now, before }) => (
      <DefinitionPart key={title} title={title}>
        <ChangedText before={before} now={now} />
      </DefinitionPart>
    ));
}

function readText(definition: ReviewEntry['definition'], key: string): string {
  const value: unknown = Object.getOwnPropertyDescriptor(definition, key)?.value;
  return typeof value === 'string' ? value : '';
}
