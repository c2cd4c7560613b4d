import type { z } from 'zod';

import { readJson } from '@gatehouse/policy/documents/json';

/** The value when the text is JSON that fits the schema, else null. */
export function parseJson<T>(text: string, schema: z.ZodType<T>): T | null {
  return schema.safeParse(readJson(text)).data ?? null;
}
