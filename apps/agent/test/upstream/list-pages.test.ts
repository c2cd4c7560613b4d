import { expect, test } from 'vitest';

import type { JsonObject } from '@gatehouse/policy/documents/json';
import { DIGITS_KEY } from '@gatehouse/policy/schema/noted-digits';

import { listPages, LISTS, listTools } from '../../src/upstream/client/list-pages.ts';
import { readJsonText } from '../../src/wire/json-text.ts';

const NONE = Symbol('no cursor');

/** A server of pages, each known by the cursor that leads to it. */
function makeServer(pages: [cursor: string | typeof NONE, names: string[], next?: unknown][]) {
  const asked: unknown[] = [];
  const ask = (_method: string, params: JsonObject) => {
    asked.push(params['cursor'] ?? NONE);
    const [, names = [], next] = pages.find(([cursor]) => cursor === (params['cursor'] ?? NONE)) ?? [];
    return Promise.resolve({
      result: { prompts: names.map((name) => ({ name })), ...(next !== undefined && { nextCursor: next }) },
    });
  };
  return { ask, asked };
}

test.each<
  [
    name: string,
    era: 'legacy' | 'modern',
    pages: Parameters<typeof makeServer>[0],
    names: string[],
    more: boolean,
    asked: unknown[],
  ]
>([
  ['no cursor', 'modern', [[NONE, ['a']]], ['a'], false, [NONE]],
  ['null', 'modern', [[NONE, ['a'], null]], ['a'], false, [NONE]],
  ['null in the older protocol', 'legacy', [[NONE, ['a'], null]], ['a'], false, [NONE]],
  [
    'an empty cursor in the older protocol',
    'legacy',
    [
      [NONE, ['a'], 'x'],
      ['x', ['b'], ''],
    ],
    ['a', 'b'],
    false,
    [NONE, 'x'],
  ],
  [
    'nothing after an empty cursor',
    'modern',
    [
      [NONE, ['a'], ''],
      ['', ['b'], 'x'],
      ['x', ['c']],
    ],
    ['a', 'b', 'c'],
    false,
    [NONE, '', 'x'],
  ],
  [
    'the first page again, by an empty cursor that was meant as the end',
    'modern',
    [
      [NONE, ['a'], ''],
      ['', ['a'], ''],
    ],
    ['a'],
    false,
    [NONE, ''],
  ],
  [
    'other pages by an empty cursor without end',
    'modern',
    [
      [NONE, ['a'], ''],
      ['', ['b'], ''],
    ],
    ['a', 'b'],
    true,
    [NONE, ''],
  ],
  [
    'a cursor that comes again',
    'legacy',
    [
      [NONE, ['a'], 'x'],
      ['x', ['b'], 'y'],
      ['y', ['c'], 'x'],
    ],
    ['a', 'b', 'c'],
    true,
    [NONE, 'x', 'y'],
  ],
])('a list that ends with %s (%s) is complete or says that it is not', async (_, era, pages, names, more, expected) => {
  const { ask, asked } = makeServer(pages);
  const list = await listPages(LISTS.prompt, era, ask);
  expect(list.entries).toEqual(names.map((name) => ({ name })));
  expect([list.more, asked]).toEqual([more, expected]);
});

test('a cursor that is no text, and a page that fails, are no end', async () => {
  const { ask } = makeServer([[NONE, ['a'], 5]]);
  await expect(listPages(LISTS.prompt, 'modern', ask)).rejects.toThrow('malformed');
  const failing = (_method: string, params: JsonObject) =>
    Promise.resolve(
      params['cursor'] === undefined
        ? { result: { tools: [], nextCursor: 'x' } }
        : { error: { code: -32601, message: 'Method not found' } },
    );
  await expect(listTools('modern', failing)).rejects.toThrow('-32601');
});

test('a definition has all digits of its numbers, and what stands where we note them is nothing of its server', async () => {
  const tool = '{"name":"a","inputSchema":{"type":"object","properties":{"n":{"type":"integer","maximum":9223372036854775807}}}}';
  const forged = tool.replace('{', `{"${DIGITS_KEY}":{"/inputSchema/properties/n/maximum":"9223372036854775806"},`);
  for (const text of [tool, forged]) {
    const read = readJsonText(`{"tools":[${text}]}`);
    const { entries } = await listPages(LISTS.tool, 'legacy', () => Promise.resolve({ result: read?.value as JsonObject }));
    expect(JSON.stringify(entries)).toBe(`[${tool}]`);
  }
});
