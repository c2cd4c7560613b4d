import { expect, test } from 'vitest';

import type { JsonObject } from '@gatehouse/policy/documents/json';
import { DEFINITION_LIMITS } from '@gatehouse/policy/limits/definition-limits';
import { DIGITS_KEY } from '@gatehouse/policy/schema/noted-digits';

import { listPages, LISTS } from '../../src/upstream/client/list-pages.ts';
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
  expect([list.cut !== null, asked]).toEqual([more, expected]);
});

test.each([
  ['the same page by a new cursor each time', (page: number) => [{ name: 'a' }, { name: `${page % 1}` }], 2, 'leads back'],
  ['two pages in turns', (page: number) => [{ name: `page ${page % 2}` }], 3, 'leads back'],
  ['no entries at all', () => [], DEFINITION_LIMITS.pages, '64 pages'],
  ['other entries without end', (page: number) => [{ name: `page ${page}` }], DEFINITION_LIMITS.pages, '64 pages'],
  [
    'more than can be reviewed',
    (page: number) => Array.from({ length: 3_000 }, (_, at) => ({ name: `${page} ${at}` })),
    2,
    '5,000',
  ],
  ['more bytes than are read', (page: number) => [{ name: `${page}`, description: 'x'.repeat(8 * 1024 * 1024) }], 3, '20 MB'],
])('a list without end that brings %s is read to a bound, keeps what was read and says so', async (_, list, asked, words) => {
  let pages = 0;
  const ask = () => Promise.resolve({ result: { tools: list((pages += 1)), nextCursor: `${pages}` } });
  const { entries, cut } = await listPages(LISTS.tool, 'legacy', ask);
  expect([pages, cut]).toEqual([asked, expect.stringContaining(words)]);
  expect(entries.length).toBeLessThanOrEqual(LISTS.tool.most);
  expect(entries.length > 0).toBe(words === '64 pages' ? list(1).length > 0 : true);
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
  await expect(listPages(LISTS.tool, 'modern', failing)).rejects.toThrow('-32601');
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
