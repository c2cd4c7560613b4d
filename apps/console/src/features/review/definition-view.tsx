'use client';

import { type ReactNode, useState } from 'react';

import { Choice } from '../../ui/form/choice.tsx';
import { ScrollRegion } from '../../ui/layout/scroll-region.tsx';
import { JsonView } from '../../ui/text/json-view.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import { WordDiff } from '../../ui/text/word-diff.tsx';

export interface DefinitionViewProps {
  name: string;
  definition: object;
  /** of the last decision, when it was another */
  before: object | null;
  /** the definition by its fields, when nothing has changed: "As a model reads it" */
  title: string;
  /** the fields, in words */
  children: ReactNode;
}

/** A definition by its fields or exactly as it was sent; of a changed one, what is different from the last decision. */
export function DefinitionView({ name, definition, before, title, children }: DefinitionViewProps) {
  const [view, setView] = useState<'reading' | 'exact'>('reading');
  return (
    <div className="flex min-w-0 flex-col gap-5">
      <div className="flex items-center justify-between gap-3">
        <h3 className="text-xs font-medium text-subtle">{before ? 'What changed since the last decision' : title}</h3>
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
      {view === 'reading' && children}
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

/** One field of a definition. `changed`: it is too long to show its words side by side. */
export function DefinitionPart({ title, changed, children }: { title: string; changed?: boolean; children: ReactNode }) {
  return (
    <section className="min-w-0">
      <h4 className="mb-1 text-xs font-medium text-subtle">
        {title}
        {changed && <span className="ml-2 text-info-fg">changed: see the exact JSON</span>}
      </h4>
      <div className="text-base">{children}</div>
    </section>
  );
}

/** A text of a definition beside the one of the last decision; null before: there is nothing to compare with. */
export function ChangedText({ before, now }: { before: string | null; now: string }) {
  if (before !== null && before !== now) return <WordDiff before={before} after={now} />;
  return now === '' ? <span className="text-muted">None.</span> : <UntrustedText text={now} />;
}
