import { z } from 'zod';

import { Prisma } from '@gatehouse/db/client';

import { isReadAsWritten } from '../name.ts';

const MAX_LABELS = 20;

const Key = z
  .string()
  .max(63)
  .regex(/^[a-z0-9](?:[a-z0-9._/-]*[a-z0-9])?$/, 'Use lower-case letters, digits and inner dots, slashes and hyphens.');
const Value = z
  .string()
  .trim()
  .min(1)
  .max(63)
  .refine((value) => !/[=,\p{Cc}]/u.test(value), 'Leave out "=", "," and line breaks.')
  .refine(isReadAsWritten, 'This holds characters that are not seen. Type it anew.');

/** Words that people tell agents apart by, as `region=eu`. They mean nothing to the agent. */
export const AgentLabels = z
  .record(Key, Value)
  .refine((labels) => Object.keys(labels).length <= MAX_LABELS, `Keep to ${MAX_LABELS} labels.`);
export type AgentLabels = z.infer<typeof AgentLabels>;

/** What a list is narrowed to: `region=eu`, or `region` with any value. */
export const LabelFilter = z.string().trim().min(1).max(130);

/** Of agents `a` those that have the label that a filter asks for. */
export function buildLabelCondition(filter: string): Prisma.Sql {
  const at = filter.indexOf('=');
  if (at === -1) return Prisma.sql`jsonb_exists(a.labels, ${filter})`;
  return Prisma.sql`a.labels ->> ${filter.slice(0, at).trim()} = ${filter.slice(at + 1).trim()}`;
}
