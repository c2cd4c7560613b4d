import { expect, test } from 'vitest';

import { transformer as ofConsole } from '../../src/server/api/transformer.ts';
import { transformer as ofBrowser } from '../../src/trpc/transformer.ts';

const send = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** What a browser makes of an answer, and the console of a request. */
const WAYS: Readonly<Record<string, (value: unknown) => unknown>> = {
  'an answer': (value) => ofBrowser.deserialize(JSON.parse(JSON.stringify(ofConsole.serialize(value)))),
  'a request': (value) => ofConsole.deserialize(JSON.parse(JSON.stringify(ofBrowser.serialize(value)))),
};

test.each(Object.entries(WAYS))('%s has whatever names a server gave', (_, pass) => {
  const at = new Date('2026-11-29T12:00:00Z');
  const schema = send({
    properties: {
      constructor: { type: 'string' },
      prototype: { '=x': 1 },
      '=constructor': [{ constructor: null }],
      toString: {},
    },
  });
  expect(pass({ at, schema, none: undefined })).toEqual({ at, schema, none: undefined });
  expect(JSON.stringify(pass(schema))).toBe(JSON.stringify(schema));
  expect(pass({ at, '=x': 1 })).toEqual({ at, '=x': 1 });
});

test('an answer has a name that is the prototype elsewhere, and it is a name', () => {
  const schema: unknown = JSON.parse('{"properties":{"__proto__":{"type":"string"}}}');
  const passed = WAYS['an answer']?.({ schema });
  expect(JSON.stringify(passed)).toBe('{"schema":{"properties":{"__proto__":{"type":"string"}}}}');
  expect({}).not.toHaveProperty('type');
});

test('a request that sets such a name apart is refused as one that has it is', () => {
  const refused = /The name "__proto__" cannot be used/;
  expect(() => ofConsole.deserialize({ json: JSON.parse('{"a":{"__proto__":1}}') })).toThrow(refused);
  expect(() => ofConsole.deserialize({ json: { a: { '=__proto__': 1 } }, apart: true })).toThrow(refused);
});
