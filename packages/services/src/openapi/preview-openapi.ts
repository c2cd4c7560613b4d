import { z } from 'zod';

import type { Description } from '@gatehouse/openapi/read-description';

import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { parseInput } from '../errors.ts';
import { DescriptionSource, loadDescription } from './description-source.ts';
import type { CountedOperation } from './read-operations.ts';

export const PreviewOpenapi = z.strictObject({ source: DescriptionSource });
export type PreviewOpenapi = z.input<typeof PreviewOpenapi>;

/** One operation of a description, without the tool that it would become. Untrusted text. */
export interface OperationPreview extends Omit<CountedOperation, 'tool'> {
  warnings: string[];
}

export interface OpenapiPreview {
  /** for `importOpenapi`, to import exactly what was previewed */
  textHash: string;
  openapi: string;
  title: string;
  version: string;
  servers: string[];
  /** what its requests have to carry; untrusted text */
  security: Description['security'];
  operations: OperationPreview[];
}

/** What a description offers, before anything is stored. Throws `invalid` or `unavailable` with the reason. */
export async function previewOpenapi({ ctx, input }: { ctx: ServiceContext; input: PreviewOpenapi }): Promise<OpenapiPreview> {
  authorize(ctx, 'server.create');
  const { source } = parseInput(PreviewOpenapi, input);
  const { textHash, description } = await loadDescription(source, ctx.tenantId);
  const operations = description.operations.map(({ tool, ...rest }) => ({ ...rest, warnings: tool?.warnings ?? [] }));
  return { textHash, ...description, operations };
}
