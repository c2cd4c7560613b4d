import { expect, test } from 'vitest';

import { buildAdvertisedLists } from '../../src/compile/advertise.ts';
import { findCollisions } from '../../src/compile/name-collisions.ts';
import { makeServer, makeTool } from '../../src/testing/build.ts';

const server = makeServer();

test('the listed entry keeps what the server said, apart from the name and the description', () => {
  const definition = {
    name: 'orders.get',
    title: 'Get an order',
    description: 'Reads one order',
    inputSchema: { type: 'object' as const, properties: { id: { type: 'string' } }, required: ['id'] },
    outputSchema: { type: 'object', properties: { total: { type: 'number' } } },
    annotations: { title: 'Order', readOnlyHint: true },
    _meta: { vendor: { version: 2 } },
  };
  const tool = makeTool(server, definition, { advertisedName: 'get_order', describe: 'Look up an order' });
  expect(buildAdvertisedLists([tool]).tools).toEqual([{ ...definition, name: 'get_order', description: 'Look up an order' }]);
});

test('a tool without a description gets none', () => {
  expect(buildAdvertisedLists([makeTool(server)]).tools[0]).not.toHaveProperty('description');
});

test('denied tools are left out and the order does not depend on the order of configuration', () => {
  const tools = ['b', 'a', 'C', 'd'].map((name) => makeTool(server, { name }, { rule: name === 'd' ? 'deny' : 'allow' }));
  const names = buildAdvertisedLists(tools).tools.map((tool) => tool.name);
  expect(names).toEqual(['C', 'a', 'b']);
  expect(buildAdvertisedLists(tools.toReversed()).tools).toEqual(buildAdvertisedLists(tools).tools);
});

test('T-52: look-alike names collide, different names do not', () => {
  const claim = (advertisedName: string, serverSlug: string) => ({ advertisedName, serverSlug, name: advertisedName });
  const claims = [claim('search-all', 'a'), claim('other', 'a'), claim('Search_All', 'b'), claim('search.all', 'c')];
  expect(findCollisions(claims)).toEqual([
    {
      name: 'search-all',
      owners: [
        { serverSlug: 'a', name: 'search-all' },
        { serverSlug: 'b', name: 'Search_All' },
        { serverSlug: 'c', name: 'search.all' },
      ],
    },
  ]);
  expect(findCollisions([claim('searchall', 'a'), claim('search_all', 'b')])).toEqual([]);
  expect(findCollisions([claim('ｓearch', 'a'), claim('search', 'b')])).toHaveLength(1);
});

test('the operation of a REST tool is covered by its pin and not shown to clients', () => {
  const operation = { method: 'GET', path: '/orders/{id}' };
  const inputSchema = { type: 'object' as const };
  const alone = makeTool(server, { inputSchema, _meta: { 'gatehouse/operation': operation } });
  const beside = makeTool(server, { name: 'b', inputSchema, _meta: { 'gatehouse/operation': operation, vendor: 1 } });
  const [first, second] = buildAdvertisedLists([alone, beside]).tools;
  const annotations = { readOnlyHint: true, destructiveHint: false };
  expect(second).toEqual({ name: 'orders.get', inputSchema, annotations });
  expect(first).toEqual({ name: 'b', inputSchema, annotations, _meta: { vendor: 1 } });
  expect(alone.definition['_meta']).toEqual({ 'gatehouse/operation': operation });
});
