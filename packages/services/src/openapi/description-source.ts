import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';

import { z } from 'zod';

import { DESCRIPTION_LIMITS } from '@gatehouse/openapi/read-description';
import { hashContent } from '@gatehouse/policy/documents/content-hash';

import { ServiceError } from '../errors.ts';
import { fetchDescription } from './fetch-description.ts';
import { readApart } from './read-apart.ts';
import type { CountedDescription } from './read-operations.ts';

/** Where a description comes from. A file is sent compressed: a large one is a tenth of its size then. */
export const DescriptionSource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('url'), url: z.string().max(2_048) }),
  /** gzip of the text, base64 */
  z.strictObject({ kind: z.literal('file'), gzip: z.base64().max(12 * 1024 * 1024) }),
]);
export type DescriptionSource = z.input<typeof DescriptionSource>;

export interface LoadedDescription {
  /** SHA-256 hex of the text: tells whether a second reading found the same */
  textHash: string;
  description: CountedDescription;
}

const unzip = promisify(gunzip);

/** Reads a description. Throws `invalid` with the reason when it is none, and what `fetchDescription` and `readApart` throw. */
export async function loadDescription(source: z.output<typeof DescriptionSource>, tenantId: string): Promise<LoadedDescription> {
  const text = source.kind === 'url' ? await fetchDescription(source.url) : await unpackGzip(source.gzip);
  const parsed = await readApart(text, tenantId);
  if (!parsed.ok) throw new ServiceError('invalid', parsed.problem);
  return { textHash: hashContent(text), description: parsed.description };
}

async function unpackGzip(gzip: string): Promise<string> {
  try {
    const bytes = await unzip(Buffer.from(gzip, 'base64'), { maxOutputLength: DESCRIPTION_LIMITS.bytes });
    return bytes.toString('utf8');
  } catch (error) {
    const tooLarge = error instanceof RangeError;
    const message = tooLarge ? 'The description is larger than 20 MB.' : 'The file did not arrive whole. Choose it again.';
    throw new ServiceError('invalid', message, { cause: error });
  }
}
