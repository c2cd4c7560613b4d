import { randomUUID } from 'node:crypto';

import { afterAll, expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { makeAgent } from '@gatehouse/db/testing';
import { defineTool } from '@gatehouse/policy/testing/build';

import { getAgent } from '../../src/agent/get-agent.ts';
import { listAgents } from '../../src/agent/list-agents.ts';
import { recordHeartbeat } from '../../src/agent/record-heartbeat.ts';
import type { ServiceContext } from '../../src/context.ts';
import { startDiscovery } from '../../src/discovery/start-discovery.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { type CreateServer, createServer } from '../../src/server/create-server.ts';
import { getServerHealth } from '../../src/server/get-server-health.ts';
import { getServer } from '../../src/server/get-server.ts';
import { listServers } from '../../src/server/list-servers.ts';
import { setServerLimits } from '../../src/server/set-server-limits.ts';
import { disableServer, enableServer } from '../../src/server/switch-server.ts';
import { createSite } from '../../src/site/create-site.ts';
import { listSites } from '../../src/site/list-sites.ts';
import {
  addServer,
  addApprovedServer,
  createDraftedProfile,
  makeDomain,
  readNewestSnapshot,
  listServed,
} from '../support/domain.ts';
import { getFixtureDb, readAudit, makeWorkspace, openWorld, expectRefused } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));

const makeInput = (overrides: Partial<CreateServer> = {}): CreateServer => ({
  name: 'Orders',
  slug: `orders-${randomUUID().slice(0, 8)}`,
  transport: { kind: 'http', url: 'https://orders.example.com/mcp' },
  purpose: 'Look up orders',
  siteIds: [domain.workspace.site.id],
  ...overrides,
});

const verbs: [string, (ctx: ServiceContext, serverId: string) => Promise<unknown>][] = [
  ['get', (ctx, serverId) => getServer({ ctx, input: { serverId } })],
  ['disable', (ctx, serverId) => disableServer({ ctx, input: { serverId } })],
  ['enable', (ctx, serverId) => enableServer({ ctx, input: { serverId } })],
];

test.each(verbs)('T-35: %s of another tenant answers just as of an unknown server', async (_name, verb) => {
  const other = await makeDomain(await makeWorkspace(world.runtime));
  const foreign = await addServer(other);
  const ofForeign = await expectRefused('not_found', verb(domain.admin, foreign.id));
  const ofUnknown = await expectRefused('not_found', verb(domain.admin, randomUUID()));
  expect(ofForeign.message).toBe(ofUnknown.message);
  expect((await getServer({ ctx: other.admin, input: { serverId: foreign.id } })).state).toBe('Not looked at');
});

test('T-35: a server at a site of another tenant is refused just as at an unknown one', async () => {
  const other = await makeWorkspace(world.runtime);
  const foreign = await expectRefused(
    'not_found',
    createServer({ ctx: domain.admin, input: makeInput({ siteIds: [other.site.id] }) }),
  );
  const unknown = await expectRefused(
    'not_found',
    createServer({ ctx: domain.admin, input: makeInput({ siteIds: [randomUUID()] }) }),
  );
  expect(foreign.message).toBe(unknown.message);
});

test('roles: builders add, only admins switch off, members see nothing', async () => {
  const { workspace } = domain;
  const builder = await workspace.as('builder');
  const { id: serverId } = await createServer({ ctx: builder, input: makeInput() });
  await expectRefused('not_permitted', disableServer({ ctx: builder, input: { serverId } }));
  await expectRefused('not_permitted', enableServer({ ctx: builder, input: { serverId } }));
  const reviewer = await workspace.as('reviewer');
  await expectRefused('not_permitted', createServer({ ctx: reviewer, input: makeInput() }));
  const member = await workspace.as('member');
  await expectRefused('not_permitted', listServers({ ctx: member }));
  await expectRefused('not_permitted', getServer({ ctx: member, input: { serverId } }));
});

test('what was added is audited, listed and shown', async () => {
  const { admin, workspace } = domain;
  const { id, slug } = await createServer({ ctx: admin, input: makeInput({ slug: undefined, name: 'Größe & Preis' }) });
  expect(slug).toBe('große-preis'.normalize('NFKD').replaceAll(/\p{M}/gu, '').replace('ß', '-'));
  const [row] = await readAudit(admin, id);
  expect(row).toMatchObject({ action: 'server.create', actorKind: 'person', after: { slug, siteIds: [workspace.site.id] } });
  const listed = (await listServers({ ctx: admin })).rows.find((server) => server.id === id);
  expect(listed).toMatchObject({
    kind: 'http',
    address: 'https://orders.example.com/mcp',
    state: 'Not looked at',
    offered: { tool: 0 },
    approved: { tool: 0 },
    pendingCount: 0,
    profileCount: 0,
    siteNames: [workspace.site.name],
  });
  const detail = await getServer({ ctx: admin, input: { slug } });
  expect(detail).toMatchObject({
    id,
    purpose: 'Look up orders',
    entries: [],
    revisions: [],
    latestDiscovery: null,
    openReviewId: null,
  });
  expect(detail.createdBy.name).not.toBe('Former member');
});

test('a slug is taken once in a tenant, and another tenant never learns of it', async () => {
  const slug = `twice-${randomUUID().slice(0, 8)}`;
  const made = await Promise.allSettled([1, 2, 3].map(() => createServer({ ctx: domain.admin, input: makeInput({ slug }) })));
  expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await expectRefused('conflict', createServer({ ctx: domain.admin, input: makeInput({ slug }) }));
  const other = await makeDomain(await makeWorkspace(world.runtime));
  expect((await addServer(other, { slug })).slug).toBe(slug);
});

test('nobody is asked for a slug that no form has: names of other scripts and names that shorten to the same get one', async () => {
  const { admin, workspace } = await makeDomain(await makeWorkspace(world.runtime));
  const siteIds = [workspace.site.id];
  const add = async (name: string) =>
    (await createServer({ ctx: admin, input: makeInput({ name, slug: undefined, siteIds }) })).slug;
  expect(await add('注文サーバー')).toBe('server');
  expect(await add('顧客')).toBe('server-2');
  expect(await add('Orders')).toBe('orders');
  expect(await add('Orders!')).toBe('orders-2');
  expect(await add('new')).toBe('server-3');
  expect(await add(`${'x'.repeat(40)} a`)).toBe('x'.repeat(40));
  expect(await add(`${'x'.repeat(40)} b`)).toBe(`${'x'.repeat(35)}-2`);
  const twice = await expectRefused('conflict', add('Orders'));
  expect(twice.message).toBe('There is a server named "Orders" already. Choose another name.');
  expect(twice.field).toBe('name');
  const { id } = await createSite({ ctx: admin, input: { name: '東京' } });
  expect((await listSites({ ctx: admin })).rows.find((made) => made.id === id)).toMatchObject({ slug: 'site', name: '東京' });
  await expectRefused('conflict', createSite({ ctx: admin, input: { name: '東京' } }));
});

test.each([
  'https://user:pass@orders.example.com/mcp',
  'https://orders.example.com/mcp?api_key=abc',
  'https://orders.example.com/mcp?access_token=abc',
  'https://orders.example.com/mcp?code=Zk3vQ9x7LmN2pR8sT4wY6bC1dF5gH0jK',
  'https://orders.example.com/mcp#x',
  'ftp://orders.example.com/',
  'javascript:alert(1)',
])('no secret and no other scheme in an address: %s', async (url) => {
  await expectRefused('invalid', createServer({ ctx: domain.admin, input: makeInput({ transport: { kind: 'http', url } }) }));
});

test.each(['sk-live-abcdef', 'env:', 'file:relative', 'env:A\nB'])(
  'a credential is a reference, never a value: %j',
  async (reference) => {
    const credential = { kind: 'header', header: 'Authorization', prefix: 'Bearer ', reference } as const;
    const transport = { kind: 'http', url: 'https://orders.example.com/mcp', credential } as const;
    await expectRefused('invalid', createServer({ ctx: domain.admin, input: makeInput({ transport }) }));
  },
);

type Input = CreateServer;
const REFERENCE = 'env:ORDERS_SECRET';

test.each<[Input['transport'], string, string]>([
  [
    {
      kind: 'rest',
      baseUrl: 'https://api.example.com/v1',
      credential: { kind: 'basic', username: 'gate', reference: REFERENCE },
    },
    'rest',
    'https://api.example.com/v1',
  ],
  [
    {
      kind: 'http',
      url: 'https://orders.example.com/mcp',
      credential: {
        kind: 'client_credentials',
        tokenUrl: 'https://login.example.com/token',
        clientId: 'gate',
        reference: REFERENCE,
      },
    },
    'http',
    'https://orders.example.com/mcp',
  ],
  [{ kind: 'stdio', entry: 'files', processes: 'per_session' }, 'stdio', 'files'],
])('a server of another kind: %j', async (transport, kind, address) => {
  const { id: serverId } = await createServer({ ctx: domain.admin, input: makeInput({ transport }) });
  const detail = await getServer({ ctx: domain.admin, input: { serverId } });
  expect(detail).toMatchObject({ kind, address, transport, entries: [], features: null });
});

test.each<[string, Input['transport']]>([
  ['a key in a base URL', { kind: 'rest', baseUrl: 'https://api.example.com/?api_key=abc' }],
  ['what acts on a terminal in an address', { kind: 'rest', baseUrl: 'https://api.example.com/\u001b[2J' }],
  ['text that turns round in an address', { kind: 'http', url: 'https://orders.example.com/\u202epcm' }],
  ['a query in a base URL', { kind: 'rest', baseUrl: 'https://api.example.com/?x=1' }],
  ['a password in a base URL', { kind: 'rest', baseUrl: 'https://a:b@api.example.com/' }],
  [
    'a secret in the address of a token',
    {
      kind: 'http',
      url: 'https://orders.example.com/mcp',
      credential: {
        kind: 'client_credentials',
        tokenUrl: 'https://login.example.com/token?client_secret=abc',
        clientId: 'gate',
        reference: REFERENCE,
      },
    },
  ],
  [
    'a password itself',
    { kind: 'rest', baseUrl: 'https://a.example.com', credential: { kind: 'basic', username: 'gate', reference: 'hunter2' } },
  ],
  [
    'a credential in a header that the agent sends itself',
    {
      kind: 'rest',
      baseUrl: 'https://a.example.com',
      credential: { kind: 'header', header: 'Content-Type', reference: REFERENCE },
    },
  ],
])('%s is refused', async (_, transport) => {
  await expectRefused('invalid', createServer({ ctx: domain.admin, input: makeInput({ transport }) }));
});

const withCredential = (credential: unknown) =>
  makeInput({ transport: { kind: 'http', url: 'https://orders.example.com/mcp', credential } as Input['transport'] });
const TOKEN = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`;
const HEADER = { kind: 'header', header: 'X-Api-Key', prefix: '', reference: REFERENCE };
const makeSeveral = (headers: unknown[], credentials: unknown[] = []) => ({ kind: 'several', credentials, headers });

test.each<[string, unknown, string]>([
  ['a header of the connection', { ...HEADER, header: 'Host' }, 'The agent itself sends the header Host, or none'],
  ['its length', { ...HEADER, header: 'Content_Length' }, 'The agent itself sends the header Content_Length, or none'],
  [
    'a header of MCP',
    makeSeveral([], [{ ...HEADER, header: 'Mcp-Session-Id' }]),
    'The agent itself sends the header Mcp-Session-Id',
  ],
  ['a line break in a prefix', { ...HEADER, prefix: 'a\r\nX-Evil: ' }, 'characters that an HTTP header cannot carry'],
  ['other letters in a prefix', { ...HEADER, prefix: 'ключ ' }, 'characters that an HTTP header cannot carry'],
  ['a secret in a prefix', { ...HEADER, prefix: 'Bearer ghp_abcdefghijklmnopqrstu' }, 'looks like a secret itself'],
  [
    'a key for a user name',
    makeSeveral([], [{ kind: 'basic', username: TOKEN, reference: REFERENCE }]),
    'The user name looks like a secret itself',
  ],
  [
    'a key for a client id',
    {
      kind: 'client_credentials',
      tokenUrl: 'https://id.example.com/token',
      clientId: TOKEN,
      reference: REFERENCE,
    },
    'The client id looks like a secret',
  ],
  ['a fixed header of MCP', makeSeveral([{ name: 'Mcp-Method', value: 'a' }]), 'belongs to the connection, to the protocol'],
  ['a line break in a value', makeSeveral([{ name: 'X-Org', value: 'a\r\nb' }]), 'plain ASCII without line breaks'],
  [
    'two in one place',
    makeSeveral(
      [],
      [
        { ...HEADER, header: 'Authorization' },
        { kind: 'basic', username: 'a', reference: REFERENCE },
      ],
    ),
    'There are two values for header authorization',
  ],
  [
    'a key that is fixed',
    makeSeveral([{ name: 'X-Api-Key', value: 'hunter2' }]),
    'The fixed header X-Api-Key looks like it holds a secret',
  ],
  [
    'a token that is fixed',
    makeSeveral([{ name: 'X-Any', value: 'ghp_abcdefghijklmnopqrstuvwxyz0123456789' }]),
    'The fixed header X-Any looks like it holds a secret',
  ],
])('T-25: %s is refused, with a sentence that repeats no value', async (_, credential, sentence) => {
  const refused = await expectRefused('invalid', createServer({ ctx: domain.admin, input: withCredential(credential) }));
  expect(refused.message).toContain(sentence);
  expect(refused.message).not.toMatch(/hunter2|ghp_|X-Evil/);
});

test('a server keeps several credentials, one in a parameter, and fixed headers, as they were added', async () => {
  const query = { kind: 'query', parameter: 'api_key', reference: 'env:ORDERS_KEY' };
  // an account that is named by random characters
  const basic = { kind: 'basic', username: 'AC0123456789abcdef0123456789abcdef', reference: REFERENCE };
  const credential = makeSeveral([{ name: 'X-Org', value: 'acme' }], [{ ...HEADER, header: 'api_key' }, query, basic]);
  const { id: serverId } = await createServer({ ctx: domain.admin, input: withCredential(credential) });
  const detail = await getServer({ ctx: domain.admin, input: { serverId } });
  expect(detail).toMatchObject({ transport: { credential }, address: 'https://orders.example.com/mcp' });
});

test('a REST API is not asked what it offers: its tools come from its description', async () => {
  const transport = { kind: 'rest', baseUrl: 'https://api.example.com' } as const;
  const { id: serverId } = await createServer({ ctx: domain.admin, input: makeInput({ transport }) });
  const start = startDiscovery({ ctx: domain.admin, input: { serverId, agentId: domain.agent.id } });
  expect((await expectRefused('precondition', start)).message).toMatch(/OpenAPI description/);
});

test('what agents say of a server is shown: when it is tried again, what it speaks, how many connections are open', async () => {
  const { admin, agentCtx, agent } = domain;
  const { id: serverId } = await createServer({ ctx: admin, input: makeInput() });
  const at = admin.runtime.now().toISOString();
  const beat = {
    clock: at,
    bufferedReceipts: 0,
    openSessions: 0,
    endpointUrl: 'http://127.0.0.1:7300',
    stdioEntries: [],
  };
  const report = { serverId, state: 'unreachable', error: 'refused', at } as const;
  const more = { retryAt: at, protocolVersion: '2026-07-28', connections: 4 };
  await recordHeartbeat({ ctx: agentCtx, input: { ...beat, servers: [{ ...report, ...more }] } });
  const healthOf = async () => (await getServer({ ctx: admin, input: { serverId } })).health.reports;
  expect(await healthOf()).toMatchObject([{ ...more, retryAt: new Date(at), state: 'unreachable' }]);
  expect((await getAgent({ ctx: admin, input: { agentId: agent.id } })).serverHealth).toMatchObject([more]);
  // an agent that does not say more is understood too
  await recordHeartbeat({ ctx: agentCtx, input: { ...beat, servers: [report] } });
  expect(await healthOf()).toMatchObject([{ retryAt: null, protocolVersion: null, connections: 0 }]);
});

test('of many agents those stand first to which a server does not work, then those that are away', async () => {
  const { admin, workspace } = domain;
  const { id: serverId } = await createServer({ ctx: admin, input: makeInput() });
  const now = admin.runtime.now();
  const [hourAgo, db] = [new Date(now.getTime() - 3_600_000), getFixtureDb(admin.runtime)];
  const add = (name: string, state: string, lastSeenAt = now, rest: object = {}) =>
    makeAgent(db, admin.tenantId, {
      siteId: workspace.site.id,
      name,
      lastSeenAt,
      serverHealth: [{ serverId, state, error: null, at: null }],
      ...rest,
    });
  await add('a-works', 'connected');
  await add('b-away', 'unreachable', hourAgo);
  await add('c-fails', 'unreachable');
  await add('d-revoked', 'unreachable', now, { revokedAt: now });
  const withheld = [{ kind: 'server', id: serverId, code: 'guardrail', message: 'not here' }];
  await add('e-leaves-out', 'unused', now, { withheld });
  const health = await getServerHealth({ ctx: admin, input: { serverId } });
  expect(health).toMatchObject({ total: 4, withheldBy: 1 });
  expect(health.reports.map(({ agentName, state, live }) => [agentName, state, live])).toEqual([
    ['c-fails', 'unreachable', true],
    ['e-leaves-out', 'withheld', true],
    ['b-away', 'unreachable', false],
    ['a-works', 'connected', true],
  ]);
  expect((await getServer({ ctx: admin, input: { serverId } })).health).toEqual(health);
  const rows = new Map((await listAgents({ ctx: admin, input: { serverId } })).rows.map((row) => [row.name, row]));
  expect(rows.get('e-leaves-out')).toMatchObject({ withheldCount: 1, servers: { withheld: 1, unused: 0 } });
  expect(rows.get('a-works')).toMatchObject({ withheldCount: 0, servers: { connected: 1, withheld: 0 } });
});

test.each([
  ['one that cannot be parsed beside a good one', (good: object) => [{ ...good, state: 'asleep' }, good, 'a word'], 1],
  ['no list', (good: object) => ({ good }), 0],
])('a stored health report that is %s costs nobody the server list', async (_name, serverHealth, count) => {
  const { admin, workspace } = domain;
  const { id: serverId } = await createServer({ ctx: admin, input: makeInput() });
  const good = { serverId, state: 'connected', error: null, at: null };
  const { runtime, tenantId } = admin;
  await makeAgent(getFixtureDb(runtime), tenantId, { siteId: workspace.site.id, serverHealth: serverHealth(good) });
  expect((await getServer({ ctx: admin, input: { serverId } })).health.reports).toHaveLength(count);
  expect((await listServers({ ctx: admin })).rows.some(({ id }) => id === serverId)).toBe(true);
});

test('switching off takes the tools out of the served profiles, switching on brings them back, both audited', async () => {
  const server = await addApprovedServer(domain, [defineTool('get_order')]);
  const profile = await createDraftedProfile(domain, [{ serverId: server.id, name: 'get_order' }]);
  await publishProfile({ ctx: domain.admin, input: { profileId: profile.id } });
  const before = await readNewestSnapshot(domain);
  expect(listServed(before)).toEqual([{ name: 'get_order', risk: 'read' }]);

  await disableServer({ ctx: domain.admin, input: { serverId: server.id } });
  const off = await readNewestSnapshot(domain);
  expect(off?.version).toBe((before?.version ?? 0) + 1);
  expect(listServed(off)).toEqual([]);
  expect(off?.content.servers).toEqual([]);
  expect((await getServer({ ctx: domain.admin, input: { serverId: server.id } })).state).toBe('Disabled');
  await expectRefused('conflict', disableServer({ ctx: domain.admin, input: { serverId: server.id } }));

  await enableServer({ ctx: domain.admin, input: { serverId: server.id } });
  expect(listServed(await readNewestSnapshot(domain))).toEqual([{ name: 'get_order', risk: 'read' }]);
  await expectRefused('conflict', enableServer({ ctx: domain.admin, input: { serverId: server.id } }));
  const actions = (await readAudit(domain.admin, server.id)).map(({ action }) => action);
  expect(actions.slice(-2)).toEqual(['server.disable', 'server.enable']);
  const listed = (await listServers({ ctx: domain.admin })).rows.find(({ id }) => id === server.id);
  expect(listed).toMatchObject({ state: 'Approved', offered: { tool: 1 }, approved: { tool: 1 }, profileCount: 1 });
});

test('limits are audited, go to the agents, and are not changed over somebody else', async () => {
  const server = await addApprovedServer(domain, [defineTool('get_order')]);
  const profile = await createDraftedProfile(domain, [{ serverId: server.id, name: 'get_order' }]);
  await publishProfile({ ctx: domain.admin, input: { profileId: profile.id } });
  const readSent = async () => (await readNewestSnapshot(domain))?.content.servers.find(({ id }) => id === server.id);
  expect(await readSent()).not.toHaveProperty('limits');
  const input = { serverId: server.id, limits: { startMs: 300_000, tools: [{ name: 'get_order', answerMs: 900_000 }] } };
  const builder = await domain.workspace.as('builder');
  await expectRefused('not_permitted', setServerLimits({ ctx: builder, input: { ...input, revision: 1 } }));
  const { revision } = await setServerLimits({ ctx: domain.admin, input: { ...input, revision: 1 } });
  expect(await getServer({ ctx: domain.admin, input: { serverId: server.id } })).toMatchObject({
    limits: input.limits,
    revision: 2,
  });
  expect((await readSent())?.limits).toEqual(input.limits);
  expect((await readAudit(domain.admin, server.id)).at(-1)).toMatchObject({
    action: 'server.set_limits',
    before: { limits: {} },
    after: { limits: input.limits },
  });

  const late = setServerLimits({ ctx: domain.admin, input: { serverId: server.id, limits: {}, revision: 1 } });
  expect((await expectRefused('conflict', late)).message).toContain('changed this server while you were editing it');
  // what already is so is nobody's loss
  expect(await setServerLimits({ ctx: domain.admin, input: { ...input, revision: 1 } })).toEqual({ revision });
  // what no act of a person set is not signed
  const { runtime, tenantId } = domain.admin;
  await runInTenant(getFixtureDb(runtime), tenantId, (tx) =>
    tx.server.update({ where: { tenantId_id: { tenantId, id: server.id } }, data: { limits: { startMs: 100 } } }),
  );
  await disableServer({ ctx: domain.admin, input: { serverId: server.id } });
  await enableServer({ ctx: domain.admin, input: { serverId: server.id } });
  expect(await readSent()).not.toHaveProperty('limits');
});

test('limits that a server is added with go to the agents as well', async () => {
  const limits = { startMs: 240_000 };
  const server = await addApprovedServer(domain, [defineTool('get_order')], { limits });
  const profile = await createDraftedProfile(domain, [{ serverId: server.id, name: 'get_order' }]);
  await publishProfile({ ctx: domain.admin, input: { profileId: profile.id } });
  const sent = (await readNewestSnapshot(domain))?.content.servers.find(({ id }) => id === server.id);
  expect(sent?.limits).toEqual(limits);
});

test.each([
  { startMs: 99 },
  { totalMs: 86_400_001 },
  { answerMs: 2_000, totalMs: 1_000 },
  { totalMs: 1_000, tools: [{ name: 'a', silenceMs: 1_001 }] },
])('limits out of bounds are refused: %j', async (limits) => {
  const server = await addServer(domain);
  await expectRefused('invalid', setServerLimits({ ctx: domain.admin, input: { serverId: server.id, limits, revision: 1 } }));
  await expectRefused('invalid', createServer({ ctx: domain.admin, input: makeInput({ limits }) }));
});
