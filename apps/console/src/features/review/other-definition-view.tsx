'use client';

import { PromptDefinition } from '@gatehouse/policy/documents/definition';

import { Badge } from '../../ui/status/badge.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import { ChangedText, DefinitionPart, DefinitionView } from './definition-view.tsx';
import type { OtherEntry } from './summary.ts';

/** What AI clients read of a prompt, a resource or instructions. */
export function OtherDefinitionView({ entry }: { entry: OtherEntry }) {
  const { kind, name, definition, previousDefinition: before } = entry;
  const fields = [
    // The name of a prompt is its heading already; a resource has an address and a name.
    ...(kind === 'prompt' ? [] : [{ title: 'Name', key: 'name' }]),
    { title: 'Title', key: 'title' },
    { title: 'Description', key: 'description' },
    { title: 'Type', key: 'mimeType' },
    { title: 'Text', key: 'text' },
  ].map(({ title, key }) => ({ title, now: textIn(definition, key), was: before && textIn(before, key) }));
  return (
    <DefinitionView name={name} definition={definition} before={before} title="As AI clients read it">
      {fields
        .filter(({ title, now, was }) => now !== '' || (was ?? '') !== '' || (title === 'Description' && kind !== 'instructions'))
        .map(({ title, now, was }) => (
          <DefinitionPart key={title} title={title}>
            <ChangedText before={was} now={now} />
          </DefinitionPart>
        ))}
      {kind === 'prompt' && <PromptArguments name={name} definition={definition} before={before} />}
    </DefinitionView>
  );
}

function textIn(definition: Definition, key: string): string {
  const value: unknown = Object.getOwnPropertyDescriptor(definition, key)?.value;
  return typeof value === 'string' ? value : '';
}

type Definition = OtherEntry['definition'];

function PromptArguments({ name, definition, before }: { name: string; definition: Definition; before: Definition | null }) {
  const argumentsOf = (from: Definition | null): unknown => (from && 'arguments' in from ? from.arguments : []) ?? [];
  const now = argumentsOf(definition);
  const changed = before !== null && JSON.stringify(argumentsOf(before)) !== JSON.stringify(now);
  const list = PromptDefinition.shape.arguments.safeParse(now).data ?? [];
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
