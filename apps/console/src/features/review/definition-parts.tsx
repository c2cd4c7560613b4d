'use client';

import type { ReactNode } from 'react';

import { ToolSchema } from '../../ui/entity/tool-schema.tsx';
import { Badge } from '../../ui/status/badge.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import { WordDiff } from '../../ui/text/word-diff.tsx';
import { SchemaChanges } from './change/schema-changes.tsx';
import { describeRequest } from './describe-request.ts';
import type { ReviewEntry, ReviewTool } from './summary.ts';

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

/** Of a REST tool: no model reads it, so only the reviewer can see that words and request belong together. */
export function Request({ tool: { definition, previousDefinition } }: { tool: ReviewTool }) {
  const request = describeRequest(definition);
  if (request === null) return null;
  return (
    <DefinitionPart title="What the agent sends to the API">
      <div className="font-mono text-xs">
        <ChangedText before={previousDefinition && (describeRequest(previousDefinition) ?? '')} now={request} />
      </div>
    </DefinitionPart>
  );
}

/** What a tool takes and gives, and what its server declares about it when that has changed. */
export function ToolSchemas({ tool: { name, definition, previousDefinition: before } }: { tool: ReviewTool }) {
  const isDeclaredOtherwise =
    before !== null && JSON.stringify(before.annotations ?? null) !== JSON.stringify(definition.annotations ?? null);
  return (
    <>
      <DefinitionPart title="Arguments">
        {before && (
          <SchemaChanges before={before.inputSchema} after={definition.inputSchema} label={`Changed arguments of ${name}`} />
        )}
        <ToolSchema schema={definition.inputSchema} label={`Arguments of ${name}`} />
      </DefinitionPart>
      {(definition.outputSchema || before?.outputSchema) && (
        <DefinitionPart title="Result">
          {before && (
            <SchemaChanges before={before.outputSchema} after={definition.outputSchema} label={`Changed result of ${name}`} />
          )}
          {definition.outputSchema ? (
            <ToolSchema schema={definition.outputSchema} label={`Result of ${name}`} />
          ) : (
            <p className="text-muted">It does not say any more what it answers.</p>
          )}
        </DefinitionPart>
      )}
      {isDeclaredOtherwise && (
        <DefinitionPart title="What the server declares about it">
          <WordDiff
            before={JSON.stringify(before?.annotations ?? {}, null, 1)}
            after={JSON.stringify(definition.annotations ?? {}, null, 1)}
          />
        </DefinitionPart>
      )}
    </>
  );
}

type ReviewPrompt = Extract<ReviewEntry, { kind: 'prompt' }>;

/** What a prompt asks for. */
export function PromptArguments({ prompt: { name, definition, previousDefinition: before } }: { prompt: ReviewPrompt }) {
  const list = definition.arguments ?? [];
  const listBefore = (before && 'arguments' in before ? before.arguments : undefined) ?? [];
  const changed = before !== null && JSON.stringify(listBefore) !== JSON.stringify(list);
  return (
    <DefinitionPart title="Arguments" changed={changed}>
      {list.length === 0 ? (
        <p className="text-muted">None.</p>
      ) : (
        <ul aria-label={`Arguments of ${name}`} className="divide-y divide-line rounded-card border border-line bg-surface">
          {list.map((argument) => (
            <li key={argument.name} className="px-3 py-1.5 text-xs">
              <span className="font-mono font-medium">
                <UntrustedText text={argument.name} />
              </span>
              {argument.required === true && (
                <span className="ml-2">
                  <Badge>required</Badge>
                </span>
              )}
              {argument.description !== undefined && (
                <p className="text-muted">
                  <UntrustedText text={argument.description} />
                </p>
              )}
            </li>
          ))}
        </ul>
      )}
    </DefinitionPart>
  );
}
