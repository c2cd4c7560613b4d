import { expect, test } from 'vitest';

import { ServerTransport } from '@gatehouse/policy/documents/snapshot';

import { describeChange } from '../../src/features/server/edit/describe-change.ts';
import {
  EditForm,
  listEditGroups,
  readPresentServer,
  readTransport,
  toEditForm,
  toServerUpdate,
} from '../../src/features/server/edit/edit-form.ts';
import { findSameAddress } from '../../src/features/server/form/same-address.tsx';

const reference = 'env:SECRET_ORDERS';
const bearer = { kind: 'header', header: 'Authorization', prefix: 'Bearer ', reference };
const makeHttp = (credential: unknown = null, url = 'https://orders.example.com/mcp') =>
  ServerTransport.parse({ kind: 'http', url, credential });

const makeServer = (transport: ServerTransport) => ({
  name: 'Orders',
  purpose: 'Look up orders',
  transport,
  limits: { startMs: 240_000, tools: [{ name: 'export', totalMs: 600_000 }] },
  siteIds: ['a', 'b'],
});

test.each([
  ['no credential', makeHttp()],
  ['a bearer token', makeHttp(bearer)],
  ['a header', makeHttp({ kind: 'header', header: 'X-Api-Key', prefix: 'Token ', reference })],
  ['a bearer token that is written otherwise', makeHttp({ ...bearer, prefix: 'bearer ' })],
  ['a query parameter', makeHttp({ kind: 'query', parameter: 'api_key', reference })],
  ['basic', makeHttp({ kind: 'basic', username: 'gate', reference })],
  [
    'client credentials',
    makeHttp({
      kind: 'client_credentials',
      tokenUrl: 'https://login.example.com/token',
      clientId: 'gate',
      reference,
      scope: 'read',
      clientAuthentication: 'body',
    }),
  ],
  ['headers alone', makeHttp({ kind: 'several', credentials: [], headers: [{ name: 'X-Org', value: 'acme' }] })],
  [
    'several',
    makeHttp({
      kind: 'several',
      credentials: [bearer, { kind: 'query', parameter: 'key', reference }],
      headers: [{ name: 'X-Org', value: 'acme' }],
    }),
  ],
  ['an API', ServerTransport.parse({ kind: 'rest', baseUrl: 'https://api.example.com/v1', credential: bearer })],
  ['a program', ServerTransport.parse({ kind: 'stdio', entry: 'files', processes: 'per_session' })],
])('the form saves a server with %s as it is, when nothing was touched', (_what, transport) => {
  const server = makeServer(transport);
  expect(toServerUpdate(EditForm.parse(toEditForm(server)))).toEqual(server);
  expect(readPresentServer(server)).toEqual(toEditForm(server));
});

test('what is wrong is said at its field', () => {
  const { error } = EditForm.safeParse({ ...toEditForm(makeServer(makeHttp())), name: ' ', address: 'orders', siteIds: [] });
  expect(error?.issues.map(({ path }) => path.join('.')).toSorted()).toEqual(['address', 'name', 'siteIds']);
});

test('two editors compare everything that the form saves', () => {
  const groups = listEditGroups('http', (id) => `site ${id}`);
  const names = groups.flatMap((group) => group.names);
  const form = toEditForm(makeServer(makeHttp(bearer)));
  expect([...names, 'kind'].toSorted()).toEqual(Object.keys(form).toSorted());
  const shown = Object.fromEntries(groups.map(({ label, show }) => [label, show(form)]));
  expect(shown).toMatchObject({
    URL: 'https://orders.example.com/mcp',
    Credential: 'Authorization: Bearer <env:SECRET_ORDERS>',
    Sites: 'site a, site b',
  });
});

const now = (approved: string[], transport = makeHttp(bearer)) => ({
  transport,
  profileCount: 2,
  entries: approved.map((name) => ({ name, verdict: 'approved' })) as Parameters<typeof describeChange>[0]['entries'],
});

test.each([
  [
    'another address',
    makeHttp(bearer, 'https://other.example.com/mcp'),
    false,
    'warn',
    '2 approvals end',
    'may be another server',
  ],
  [
    'another fixed header',
    makeHttp({ kind: 'several', credentials: [bearer], headers: [{ name: 'X-Org', value: 'a' }] }),
    false,
    'warn',
    '2 approvals end',
    'other fixed headers',
  ],
  [
    'another reference',
    makeHttp({ ...bearer, reference: 'env:OTHER' }),
    false,
    'ok',
    '2 approvals stay',
    'compared with what was approved',
  ],
  ['a site', makeHttp(bearer), true, 'ok', '2 approvals stay', 'You become one of its authors'],
  ['nothing of the address', makeHttp(bearer), false, 'ok', '2 approvals stay', 'stays as it is'],
] as const)('it is said before what becomes of approvals: %s', (_what, transport, isAdded, tone, title, words) => {
  const said = describeChange(now(['get_order', 'list_orders']), transport, isAdded);
  expect(said).toMatchObject({ tone, title });
  expect(said.sentences.join(' ')).toContain(words);
});

test('nothing ends where nothing is approved, and a form that is wrong promises nothing', () => {
  expect(describeChange(now([]), makeHttp(bearer, 'https://other.example.com/mcp'), false).title).toBe(
    'This is another server to Gatehouse',
  );
  expect(describeChange(now([]), null, false).tone).toBe('info');
  expect(readTransport({ ...toEditForm(makeServer(makeHttp())), address: 'orders' })).toBeNull();
});

test('a server at the same address is found under every spelling, and never the server itself', () => {
  const row = { id: 'x', kind: 'http', address: 'https://orders.example.com/mcp' } as Parameters<
    typeof findSameAddress
  >[0][number];
  const find = (address: string, serverId?: string) => findSameAddress([row], { kind: 'http', address, serverId }).length;
  expect(find('HTTPS://Orders.example.com:443/mcp/')).toBe(1);
  expect(find('https://orders.example.com/mcp', 'x')).toBe(0);
  expect(find('https://orders.example.com/other')).toBe(0);
  expect(find('https://orders')).toBe(0);
  expect(find('')).toBe(0);
});
