import { expect, test } from 'vitest';

import { startRawHttp } from '../../support/servers/raw-http.ts';
import { defineParameter, LIST, OBJECT, openRest, readTools } from '../../support/servers/rest.ts';

async function start() {
  const { url, requests } = await startRawHttp();
  return { call: openRest(url).call, requests };
}

const NAMED = readTools({
  '/orders': {
    get: {
      operationId: 'search',
      parameters: [
        defineParameter('status', 'query'),
        defineParameter('filter[state]', 'query'),
        defineParameter('tags', 'query', LIST),
        defineParameter('extra', 'query', OBJECT),
        defineParameter('filter', 'query', { ...OBJECT, style: 'deepObject' }),
        defineParameter('X-Pairs', 'header', { ...OBJECT, explode: true }),
        defineParameter('X-List', 'header', LIST),
      ],
      responses: {},
    },
    post: {
      operationId: 'submit',
      requestBody: { content: { 'application/x-www-form-urlencoded': { schema: { type: 'object' } } } },
      responses: {},
    },
  },
});

const SPELLINGS = [
  'status',
  'Status',
  'STATUS',
  'status[]',
  'status[x]',
  'status.x',
  ' status',
  '%73tatus',
  '%2573tatus',
  'status\0',
  'status\0x',
  '\0status',
];

test('T-56: a parameter that is sent, or only declared, is sent by no other argument under any spelling', async () => {
  const { call, requests } = await start();
  const search = NAMED.get('search');
  const submit = NAMED.get('submit');
  if (!search || !submit) throw new Error('no tools');
  const refused = [
    ...SPELLINGS.flatMap((name) => [{ status: 'open', extra: { [name]: 'closed' } }, { extra: { [name]: 'closed' } }]),
    ...['tags', 'Tags[]', 'filter[state]', 'FILTER[state][x]', 'filter', 'extra[a]b'].map((name) => ({
      extra: { [name]: 'x', 'extra.a': 'y' },
    })),
    ...['state', 'State', 'state][x', '%73tate', 'st%61te'].map((member) => ({ filter: { [member]: 'x' } })),
    { extra: { a: '1', A: '2' } },
    { extra: { a: '1', 'a[]': '2' } },
    { filter: { k: '1', 'k]': '2' } },
    { 'X-Pairs': { a: '1,status=2' } },
    { 'X-List': ['a,b'] },
  ];
  for (const args of refused) {
    expect(await call(search, args), JSON.stringify(args)).toMatchObject({ result: { isError: true } });
  }
  for (const name of SPELLINGS.slice(1)) {
    const answer = await call(submit, { body: { status: 'open', [name]: 'closed' } });
    expect(answer, name).toMatchObject({ result: { isError: true } });
  }
  expect(requests).toEqual([]);
});

test('T-56: names that are each their own are sent together', async () => {
  const { call, requests } = await start();
  const search = NAMED.get('search');
  if (!search) throw new Error('no tool');
  const args = {
    status: 'open',
    filter_state: 'new',
    tags: ['a', 'b'],
    extra: { 'page[size]': '5', 'page[number]': '1', state: 'x', statuses: 'y' },
    filter: { date: '1', 'date range': '2', 'day[gte]': '3', 'day[lte]': '4' },
    'X-Pairs': { a: '1', b: '2' },
    'X-List': ['a=', 'b'],
  };
  expect(await call(search, args)).toMatchObject({ result: { structuredContent: { ok: true } } });
  const query = [...new URL(requests[0]?.target ?? '', 'http://a').searchParams.keys()];
  expect(query.toSorted()).toEqual(
    [
      'status',
      'filter[state]',
      'tags',
      'tags',
      'page[size]',
      'page[number]',
      'state',
      'statuses',
      'filter[date]',
      'filter[date range]',
      'filter[day[gte]]',
      'filter[day[lte]]',
    ].toSorted(),
  );
});

test('T-56: an operation with two parameters that are one name to some server is no tool, and no import makes one', async () => {
  const { call, requests } = await start();
  const parameter = { in: 'query', argument: 'a', name: 'status', style: 'form', explode: true };
  const twins = [
    [parameter, { ...parameter, argument: 'b' }],
    [parameter, { ...parameter, argument: 'b', name: 'Status[]' }],
    [
      { in: 'header', argument: 'a', name: 'X-Note', style: 'simple', explode: false },
      { in: 'header', argument: 'b', name: 'x_note', style: 'simple', explode: false },
    ],
  ];
  for (const parameters of twins) {
    const operation = { method: 'GET', path: '/a', parameters, body: null, responses: [] };
    const forged = { name: 'forged', inputSchema: { type: 'object' as const }, _meta: { 'gatehouse/operation': operation } };
    await expect(call(forged, { a: '1', b: '2' })).rejects.toMatchObject({ code: 'tool_not_approved' });
  }
  const tools = readTools({
    '/a': {
      get: {
        operationId: 'a',
        parameters: [defineParameter('status', 'query'), defineParameter('STATUS', 'query')],
        responses: {},
      },
    },
  });
  expect(Object.keys(tools.get('a')?.inputSchema['properties'] ?? {})).toEqual(['status']);
  for (const name of ['X_Forwarded_For', 'x_http_method_override', 'Proxy_Authorization']) {
    const operation = {
      method: 'GET',
      path: '/a',
      parameters: [{ in: 'header', argument: 'h', name, style: 'simple', explode: false }],
      body: null,
      responses: [],
    };
    const forged = { name: 'forged', inputSchema: { type: 'object' as const }, _meta: { 'gatehouse/operation': operation } };
    expect(await call(forged, { h: 'x' }), name).toMatchObject({ result: { isError: true } });
  }
  expect(requests).toEqual([]);
});
