import { expect, test } from 'vitest';

import { withServedHints } from '../../src/compile/served-hints.ts';
import type { Risk, ToolDefinition } from '../../src/documents/definition.ts';

const READS = { readOnlyHint: true, destructiveHint: false };
const CHANGES = { readOnlyHint: false, destructiveHint: false };
const DESTROYS = { readOnlyHint: false, destructiveHint: true };

const serve = (definition: Partial<ToolDefinition>, risk: Risk) =>
  withServedHints({ name: 'pay', inputSchema: { type: 'object' }, ...definition }, risk);

const CASES: [said: ToolDefinition['annotations'], risk: Risk, served: ToolDefinition['annotations']][] = [
  // what people decided is said, whatever the server says or leaves out
  [undefined, 'read', READS],
  [undefined, 'write', CHANGES],
  [undefined, 'open_world', { ...CHANGES, openWorldHint: true }],
  [{ readOnlyHint: true }, 'destructive', DESTROYS],
  [{ readOnlyHint: true, destructiveHint: false }, 'destructive', DESTROYS],
  [{ readOnlyHint: true }, 'write', CHANGES],
  [{ readOnlyHint: true }, 'open_world', { ...CHANGES, openWorldHint: true }],
  [{ destructiveHint: true }, 'write', CHANGES],
  [{ destructiveHint: true }, 'read', READS],
  // a server that was overruled is not believed where it makes its tool look harmless
  [{ readOnlyHint: true, idempotentHint: true, openWorldHint: false }, 'destructive', DESTROYS],
  [{ destructiveHint: false, idempotentHint: true, openWorldHint: false }, 'destructive', DESTROYS],
  [{ destructiveHint: false, openWorldHint: false }, 'open_world', { ...CHANGES, openWorldHint: true }],
  [
    { readOnlyHint: true, idempotentHint: false, openWorldHint: true },
    'destructive',
    { ...DESTROYS, idempotentHint: false, openWorldHint: true },
  ],
  // one that was lowered is
  [
    { destructiveHint: true, idempotentHint: true, openWorldHint: false },
    'read',
    { ...READS, idempotentHint: true, openWorldHint: false },
  ],
  // the rest of it stays
  [{ title: 'Pay', readOnlyHint: true, vendor: [1] }, 'destructive', { title: 'Pay', vendor: [1], ...DESTROYS }],
];

test.each(CASES)('of %o, decided as %s, clients get %o', (annotations, risk, served) => {
  expect(serve({ annotations }, risk).annotations).toEqual(served);
});

test.each<[ToolDefinition['annotations'], Risk]>([
  [undefined, 'destructive'],
  [{}, 'destructive'],
  [{ destructiveHint: true, idempotentHint: true, openWorldHint: false }, 'destructive'],
  [{ readOnlyHint: true }, 'read'],
  [{ readOnlyHint: true, destructiveHint: true, openWorldHint: false }, 'read'],
  [{ destructiveHint: false, idempotentHint: true }, 'write'],
  [{ readOnlyHint: true, openWorldHint: true }, 'open_world'],
])('%o, decided as %s, is served as it came', (annotations, risk) => {
  const definition = { name: 'pay', inputSchema: { type: 'object' as const }, ...(annotations && { annotations }) };
  expect(withServedHints(definition, risk)).toBe(definition);
});

test('what was approved is not touched', () => {
  const definition = {
    name: 'pay',
    inputSchema: { type: 'object' as const },
    annotations: { readOnlyHint: true, idempotentHint: true },
  };
  const before = structuredClone(definition);
  withServedHints(definition, 'destructive');
  expect(definition).toEqual(before);
});
