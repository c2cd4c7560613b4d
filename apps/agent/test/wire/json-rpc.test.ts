import { expect, test } from 'vitest';

import { UnknownRevision } from '../../src/upstream/failure.ts';
import { readMessages } from '../../src/wire/json-rpc.ts';

test('T-28: what a server says in an error is taken whole or not at all, since half of a secret is recognised by nobody', () => {
  const read = (message: string) => readMessages(JSON.stringify({ jsonrpc: '2.0', id: 1, error: { code: -32_000, message } }));
  const long = `${'x '.repeat(1_990)} to ida.roe@corp.fi and on`;
  expect(read(long)).toMatchObject([{ answer: { error: { message: long } } }]);
  expect(JSON.stringify(read('x'.repeat(70_000)))).toContain('too long to pass on');
});

test('T-28: a revision that a server names is told whole or not at all', () => {
  expect(new UnknownRevision(['1999-01-01', 'ida.roe.of.the.north@corp.fi']).message).toContain('ida.roe.of.the.north@corp.fi');
  expect(new UnknownRevision([`${'x'.repeat(50)}ida.roe@corp.fi`]).message).not.toContain('xx');
});
