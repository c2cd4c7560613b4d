'use client';

import { ToolSchema } from '../../ui/entity/tool-schema.tsx';
import { WordDiff } from '../../ui/text/word-diff.tsx';
import { ChangedText, DefinitionPart, DefinitionView } from './definition-view.tsx';
import { requestOf } from './request-of.ts';
import type { ReviewTool } from './summary.ts';

/** What a model reads of the tool. */
export function ToolDefinitionView({ tool: { name, definition, previousDefinition: before } }: { tool: ReviewTool }) {
  const changed = (key: 'inputSchema' | 'outputSchema' | 'annotations') =>
    before !== null && JSON.stringify(before[key] ?? null) !== JSON.stringify(definition[key] ?? null);
  const text = (key: 'title' | 'description') => ({ before: before && (before[key] ?? ''), now: definition[key] ?? '' });
  return (
    <DefinitionView name={name} definition={definition} before={before} title="As a model reads it">
      <Request definition={definition} before={before} />
      {(definition.title || before?.title) && (
        <DefinitionPart title="Title">
          <ChangedText {...text('title')} />
        </DefinitionPart>
      )}
      <DefinitionPart title="Description">
        <ChangedText {...text('description')} />
      </DefinitionPart>
      <DefinitionPart title="Arguments" changed={changed('inputSchema')}>
        <ToolSchema schema={definition.inputSchema} label={`Arguments of ${definition.name}`} />
      </DefinitionPart>
      {definition.outputSchema && (
        <DefinitionPart title="Result" changed={changed('outputSchema')}>
          <ToolSchema schema={definition.outputSchema} label={`Result of ${definition.name}`} />
        </DefinitionPart>
      )}
      {changed('annotations') && (
        <DefinitionPart title="What the server declares about it" changed>
          <WordDiff
            before={JSON.stringify(before?.annotations ?? {}, null, 1)}
            after={JSON.stringify(definition.annotations ?? {}, null, 1)}
          />
        </DefinitionPart>
      )}
    </DefinitionView>
  );
}

/** Of a REST tool: no model reads it, so only the reviewer can see that words and request belong together. */
function Request({ definition, before }: { definition: ReviewTool['definition']; before: ReviewTool['previousDefinition'] }) {
  const request = requestOf(definition);
  if (request === null) return null;
  return (
    <DefinitionPart title="What the agent sends to the API">
      <div className="font-mono text-xs">
        <ChangedText before={before && (requestOf(before) ?? '')} now={request} />
      </div>
    </DefinitionPart>
  );
}
