import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';

import { readDescription, type DescribedOperation, type Description } from '@gatehouse/openapi/read-description';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';

/** One operation of a description with what its tool would cost. Untrusted text. */
export interface CountedOperation extends DescribedOperation {
  /** what its entry in `tools/list` takes of a model's context, counted with o200k; null when it cannot be a tool */
  tokens: number | null;
}

export interface CountedDescription extends Omit<Description, 'operations'> {
  operations: CountedOperation[];
}

export type ReadOperations = { ok: true; description: CountedDescription } | { ok: false; problem: string };

/** Reads a description with all of its operations: seconds for a large one, and for a hostile one perhaps without end. */
export function readOperations(text: string): ReadOperations {
  const parsed = readDescription(text);
  if (!parsed.ok) return parsed;
  const operations = parsed.description.operations.map((operation) => ({ ...operation, tokens: countOperation(operation) }));
  return { ok: true, description: { ...parsed.description, operations } };
}

function countOperation({ tool }: DescribedOperation): number | null {
  // a description may contain one of the vocabulary's control tokens: it is counted as text instead of being refused
  return tool && countTokens(JSON.stringify(withoutUnserved(tool.definition)), { disallowedSpecial: new Set() });
}

/** Without what AI clients are not shown. */
function withoutUnserved({
  _meta,
  outputSchema: _answers,
  ...definition
}: ToolDefinition & { _meta?: unknown }): Omit<ToolDefinition, '_meta' | 'outputSchema'> {
  return definition;
}
