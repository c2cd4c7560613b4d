import { expect, test } from 'vitest';

import { ServerTransport } from '@gatehouse/policy/documents/snapshot';

import {
  describeBytes,
  describeContents,
  describeDeclared,
  describeFinder,
  describeNotKnown,
  describeRevisionChange,
} from '../../src/features/provenance/provenance-words.ts';

const ada = { id: 'p', name: 'Ada', email: null };

test.each([
  ['840 B', 840],
  ['12.4 kB', 12_431],
  ['1 MB', 999_960],
  ['3.1 MB', 3_100_000],
])('%s', (said, bytes) => {
  expect(describeBytes(bytes)).toBe(said);
});

test('a revision says what it changed, or that it is the first or the same', () => {
  expect(describeRevisionChange({ change: { added: 2, changed: 0, removed: 1 } })).toBe('2 added, 1 removed');
  expect(describeRevisionChange({ change: { added: 0, changed: 0, removed: 0 } })).toBe('The same definitions');
  expect(describeRevisionChange({ change: null })).toBe('The first that is kept');
});

test('a revision names who had it found', () => {
  expect(describeFinder({ askedBy: ada, imported: null })).toBe('asked for by Ada');
  expect(describeFinder({ askedBy: null, imported: null })).toBe('seen by an agent of its own accord');
  const imported = { by: ada, at: new Date(0), source: 'file', textHash: null };
  expect(describeFinder({ askedBy: null, imported })).toBe('imported by Ada');
});

test('what is offered and declared is one line each', () => {
  expect(describeContents({ tools: 1, others: 0 })).toBe('1 tool');
  expect(describeContents({ tools: 4, others: 2 })).toBe('4 tools, 2 other entries');
  expect(describeDeclared({ declared: { name: 'orders', version: '1.2.0' } })).toBe('orders 1.2.0');
  expect(describeDeclared({ declared: {} })).toBe('');
});

test('what nobody has said is said to be unknown, and nothing of TLS where there is none', () => {
  const at = (url: string) => describeNotKnown(ServerTransport.parse({ kind: 'http', url }));
  expect(describeNotKnown(ServerTransport.parse({ kind: 'stdio', entry: 'orders', processes: 'shared' }))).toContain(
    'program behind the entry',
  );
  expect(at('https://orders.example/mcp')).toContain('TLS certificate');
  expect(at('http://127.0.0.1:3030/mcp')).not.toContain('TLS');
  expect(at('http://127.0.0.1:3030/mcp')).toMatch(/^Not known: .*signature or attestation/);
});
