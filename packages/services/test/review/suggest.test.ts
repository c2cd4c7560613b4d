import { expect, test } from 'vitest';

import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import { getDeclaredRisk } from '@gatehouse/policy/documents/risk';

import { suggestLogging } from '../../src/review/suggest.ts';

const buildSchema = (fields: Record<string, unknown>): ToolDefinition['inputSchema'] => ({ type: 'object', properties: fields });
const define = (
  name: string,
  fields: Record<string, unknown> = {},
  annotations?: ToolDefinition['annotations'],
): ToolDefinition => ({
  name,
  inputSchema: buildSchema(fields),
  annotations,
});
const text = { type: 'string' };

test.each([
  [undefined, { risk: 'destructive', assumed: true }],
  [{}, { risk: 'destructive', assumed: true }],
  [{ readOnlyHint: false }, { risk: 'destructive', assumed: true }],
  [{ destructiveHint: true }, { risk: 'destructive', assumed: false }],
  [{ destructiveHint: false }, { risk: 'write', assumed: false }],
  [
    { destructiveHint: false, openWorldHint: true },
    { risk: 'open_world', assumed: false },
  ],
  [{ readOnlyHint: true }, { risk: 'read', assumed: false }],
  [
    { readOnlyHint: true, openWorldHint: true },
    { risk: 'open_world', assumed: false },
  ],
])('a missing annotation is never read as harmless: %j', (annotations, expected) => {
  expect(getDeclaredRisk(define('anything', {}, annotations))).toEqual(expected);
});

test('identifiers, enumerations and plain numbers are suggested for logging', () => {
  const { logArguments } = suggestLogging(
    define('x', {
      orderId: text,
      order_number: text,
      repository_name: text,
      reason: { enum: ['fraud', 'other'] },
      totalCents: { type: 'integer' },
      dryRun: { type: 'boolean' },
      key: { type: 'string', format: 'uuid' },
      items: { type: 'array', items: buildSchema({ sku: text }) },
    }),
  );
  expect(logArguments).toEqual([
    '/orderId',
    '/order_number',
    '/repository_name',
    '/reason',
    '/totalCents',
    '/dryRun',
    '/key',
    '/items/*/sku',
  ]);
});

test('free text, secrets and personal data are not', () => {
  const { logArguments, logResults } = suggestLogging({
    ...define('x', {
      note: text,
      query: text,
      name: text,
      customer_name: text,
      email: text,
      phone_number: { type: 'integer' },
      apiKey: text,
      auth_token_id: text,
      pin: { type: 'integer' },
      credentials: buildSchema({ id: text }),
      reference: { type: 'string', maxLength: 5_000 },
    }),
    outputSchema: buildSchema({ note: text, status: { type: 'string', enum: ['open'] } }),
  });
  expect(logArguments).toEqual([]);
  expect(logResults).toEqual(['/status']);
});
