'use client';

import { useState } from 'react';

import { Choice } from '../../ui/choice.tsx';
import { JsonView } from '../../ui/json-view.tsx';
import { ScrollRegion } from '../../ui/scroll-region.tsx';
import { ToolSchema } from '../../ui/tool-schema.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import { WordDiff } from '../../ui/word-diff.tsx';
import { requestOf } from './request-of.ts';
import type { ReviewTool } from './summary.ts';

/** What a model reads of the tool; of a changed one, what is different from the last decision. */
export function ToolDefinitionView({ tool }: { tool: ReviewTool }) {
  const { previousDefinition: before } = tool;
  const [view, setView] = useState<'reading' | 'exact'>('reading');
  return (
    <div className="flex min-w-0 flex-col gap-5">
      <div className="flex items-center justify-between gap-3">
        <h3 className="text-xs font-medium text-subtle">
          {before ? 'What changed since the last decision' : 'As a model reads it'}
        </h3>
        <Choice
          label={`View of ${tool.name}`}
          value={view}
          onValueChange={setView}
          options={[
            { value: 'reading', label: before ? 'Words' : 'Fields' },
            { value: 'exact', label: 'Exact JSON' },
          ]}
        />
      </div>
      {view === 'exact' ? <Exact tool={tool} /> : <Reading tool={tool} />}
    </div>
  );
}

function Exact({ tool: { definition, previousDefinition: before } }: { tool: ReviewTool }) {
  if (!before) return <JsonView value={definition} label={`Definition of ${definition.name}`} />;
  return (
    <ScrollRegion
      label={`Change of ${definition.name}`}
      className="rounded-card border border-line bg-sunken px-3 py-2.5 font-mono text-xs"
    >
      <WordDiff before={JSON.stringify(before, null, 2)} after={JSON.stringify(definition, null, 2)} />
    </ScrollRegion>
  );
}

function Reading({ tool: { definition, previousDefinition: before } }: { tool: ReviewTool }) {
  const changedText = (key: 'title' | 'description') => before !== null && (before[key] ?? '') !== (definition[key] ?? '');
  const schemaChanged = (key: 'inputSchema' | 'outputSchema' | 'annotations') =>
    before !== null && JSON.stringify(before[key] ?? null) !== JSON.stringify(definition[key] ?? null);
  return (
    <>
      <Request definition={definition} before={before} />
      {(definition.title || changedText('title')) && (
        <Part title="Title">
          {changedText('title') ? (
            <WordDiff before={before?.title ?? ''} after={definition.title ?? ''} />
          ) : (
            <UntrustedText text={definition.title ?? ''} />
          )}
        </Part>
      )}
      <Part title="Description">
        {changedText('description') && <WordDiff before={before?.description ?? ''} after={definition.description ?? ''} />}
        {!changedText('description') &&
          (definition.description ? <UntrustedText text={definition.description} /> : <span className="text-muted">None.</span>)}
      </Part>
      <Part title="Arguments" changed={schemaChanged('inputSchema')}>
        <ToolSchema schema={definition.inputSchema} label={`Arguments of ${definition.name}`} />
      </Part>
      {definition.outputSchema && (
        <Part title="Result" changed={schemaChanged('outputSchema')}>
          <ToolSchema schema={definition.outputSchema} label={`Result of ${definition.name}`} />
        </Part>
      )}
      {schemaChanged('annotations') && (
        <Part title="What the server declares about it" changed>
          <WordDiff
            before={JSON.stringify(before?.annotations ?? {}, null, 1)}
            after={JSON.stringify(definition.annotations ?? {}, null, 1)}
          />
        </Part>
      )}
    </>
  );
}

/** Of a REST tool: no model reads it, so only the reviewer can see that words and request belong together. */
function Request({ definition, before }: { definition: ReviewTool['definition']; before: ReviewTool['previousDefinition'] }) {
  const request = requestOf(definition);
  const requestBefore = requestOf(before);
  if (request === null) return null;
  const changed = before !== null && request !== requestBefore;
  return (
    <Part title="What the agent sends to the API">
      <div className="font-mono text-xs">
        {changed ? <WordDiff before={requestBefore ?? ''} after={request} /> : <UntrustedText text={request} />}
      </div>
    </Part>
  );
}

function Part({ title, changed, children }: { title: string; changed?: boolean; children: React.ReactNode }) {
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
