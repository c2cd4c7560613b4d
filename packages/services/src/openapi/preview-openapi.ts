import { setImmediate as breathe } from 'node:timers/promises';

import { z } from 'zod';

import type { DescribedOperation } from '@gatehouse/openapi/read-description';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';

import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { DescriptionSource, loadDescription } from './description-source.ts';

export const PreviewOpenapi = z.strictObject({ source: DescriptionSource });
export type PreviewOpenapi = z.input<typeof PreviewOpenapi>;

/** One operation of a description, without the tool that it would become. Untrusted text. */
export interface OperationPreview extends Omit<DescribedOperation, 'tool'> {
  /** what its entry in `tools/list` takes of a model's context, counted with o200k; null when it cannot be a tool */
  tokens: number | null;
  warnings: string[];
}

export interface OpenapiPreview {
  /** for `importOpenapi`, to import exactly what was previewed */
  textHash: string;
  openapi: string;
  title: string;
  version: string;
  servers: string[];
  operations: OperationPreview[];
}

/** operations between two pauses: other requests are answered meanwhile */
const AT_A_TIME = 20;

/** What a description offers, before anything is stored. Throws `invalid` or `unavailable` with the reason. */
export async function previewOpenapi({ ctx, input }: { ctx: ServiceContext; input: PreviewOpenapi }): Promise<OpenapiPreview> {
  authorize(ctx, 'server.create');
  const { source } = parseInput(PreviewOpenapi, input);
  const { textHash, description } = await loadDescription(source);
  const { countTokens } = await import('gpt-tokenizer/encoding/o200k_base');
  const { keys, describeOperation, ...facts } = description;
  const operations: OperationPreview[] = [];
  for (const index of keys.keys()) {
    if (index % AT_A_TIME === 0) await breathe();
    const { tool, ...rest } = describeOperation(index);
    // a description may contain one of the vocabulary's control tokens: it is counted as text instead of being refused
    const tokens = tool && countTokens(JSON.stringify(withoutMeta(tool.definition)), { disallowedSpecial: new Set() });
    operations.push({ ...rest, tokens, warnings: tool?.warnings ?? [] });
  }
  return { textHash, ...facts, operations };
}

/** Without what AI clients are not shown. */
function withoutMeta({ _meta, ...definition }: ToolDefinition & { _meta?: unknown }): Omit<ToolDefinition, '_meta'> {
  return definition;
}

/** What the operations with these keys become, in the order of the description. */
export async function listChosenOperations(
  description: { keys: readonly string[]; describeOperation: (index: number) => DescribedOperation },
  chosen: ReadonlySet<string>,
): Promise<DescribedOperation[]> {
  const operations: DescribedOperation[] = [];
  for (const [index, key] of description.keys.entries()) {
    if (!chosen.has(key)) continue;
    if (operations.length % AT_A_TIME === 0) await breathe();
    operations.push(description.describeOperation(index));
  }
  return operations;
}
