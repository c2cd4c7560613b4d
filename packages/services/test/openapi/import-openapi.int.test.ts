import { randomBytes, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';

import { afterAll, expect, test } from 'vitest';

import { findRestOperation } from '@gatehouse/policy/documents/rest-operation';

import type { ServiceContext } from '../../src/context.ts';
import { startDiscovery } from '../../src/discovery/start-discovery.ts';
import { previewOpenapi } from '../../src/openapi/preview-openapi.ts';
import { publishProfile } from '../../src/profile/publish/publish-profile.ts';
import { decideReview } from '../../src/review/decide-review.ts';
import { getReview } from '../../src/review/get-review.ts';
import { getServer } from '../../src/server/get-server.ts';
import { importOpenapi } from '../../src/server/import-openapi.ts';
import {
  addServer,
  approveReview,
  listChoices,
  type Domain,
  createDraftedProfile,
  makeDomain,
  readNewestSnapshot,
  listServed,
  listTools,
} from '../support/domain.ts';
import { readAudit, makeWorkspace, openWorld, expectRefused } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));

const makeFile = (document: unknown) => ({
  kind: 'file' as const,
  gzip: gzipSync(typeof document === 'string' ? document : JSON.stringify(document)).toString('base64'),
});

const makeOperation = (operationId: string, more: object = {}) => ({
  operationId,
  summary: `Does ${operationId}`,
  responses: {},
  ...more,
});

function makeShop(change: (paths: Record<string, Record<string, unknown>>) => void = () => undefined) {
  const paths: Record<string, Record<string, unknown>> = {
    '/orders': {
      get: makeOperation('listOrders', { tags: ['orders'] }),
      post: makeOperation('addOrder', { description: 'Adds one.' }),
    },
    '/orders/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      get: makeOperation('getOrder'),
      delete: makeOperation('removeOrder'),
    },
    '/invoice': { post: makeOperation('upload', { requestBody: { content: { 'multipart/mixed': {} } } }) },
  };
  change(paths);
  return makeFile({
    openapi: '3.1.0',
    info: { title: 'Shop', version: '2' },
    servers: [{ url: 'https://shop.example/v1' }],
    paths,
  });
}

const KEYS = ['GET /orders', 'GET /orders/{id}', 'DELETE /orders/{id}'];

async function addRestServer({ workspace }: Domain, ctx: ServiceContext) {
  return addServer({ ...domain, admin: ctx, workspace }, { transport: { kind: 'rest', baseUrl: 'https://shop.example/v1' } });
}

async function importOperations(ctx: ServiceContext, serverId: string, source: ReturnType<typeof makeFile>, operations = KEYS) {
  const { textHash } = await previewOpenapi({ ctx, input: { source } });
  return importOpenapi({ ctx, input: { serverId, source, textHash, operations } });
}

test('a preview lists every operation, with what it costs or why it cannot be a tool; nothing is stored', async () => {
  const builder = await domain.workspace.as('builder');
  const preview = await previewOpenapi({ ctx: builder, input: { source: makeShop() } });
  expect(preview).toMatchObject({ openapi: '3.1.0', title: 'Shop', version: '2', servers: ['https://shop.example/v1'] });
  expect(preview.operations.map(({ key, name, risk, problem }) => [key, name, risk, problem])).toEqual([
    ['GET /orders', 'listOrders', 'read', null],
    ['POST /orders', 'addOrder', 'write', null],
    ['GET /orders/{id}', 'getOrder', 'read', null],
    ['DELETE /orders/{id}', 'removeOrder', 'destructive', null],
    [
      'POST /invoice',
      'upload',
      'write',
      'its body is multipart/mixed, and only JSON, forms, text, multipart/form-data and files of one media type are sent',
    ],
  ]);
  const [list, , , , upload] = preview.operations;
  expect(list?.tokens).toBeGreaterThan(20);
  expect(list?.tokens).toBeLessThan(200);
  expect(upload?.tokens).toBeNull();
  for (const role of ['reviewer', 'auditor', 'member'] as const) {
    await expectRefused('not_permitted', previewOpenapi({ ctx: await domain.workspace.as(role), input: { source: makeShop() } }));
  }
});

test('what is no description is refused with the reason', async () => {
  const { admin: ctx } = domain;
  const refusal = async (source: Parameters<typeof previewOpenapi>[0]['input']['source']) =>
    (await expectRefused('invalid', previewOpenapi({ ctx, input: { source } }))).message;
  expect(await refusal(makeFile('<html>'))).toContain('neither');
  expect(await refusal(makeFile({ swagger: '1.2' }))).toContain('Of Swagger, 2.0');
  expect(await refusal({ kind: 'file', gzip: randomBytes(30).toString('base64') })).toContain('did not arrive whole');
  expect(await refusal(makeFile(' '.repeat(21 * 1024 * 1024)))).toContain('20 MB');
  expect(await refusal({ kind: 'url', url: 'https://169.254.169.254/' })).toContain('not on the public internet');
});

test('chosen operations become tools that wait for a review; only then are they served, with the request that was approved', async () => {
  const { admin, reviewer } = domain;
  const { id: serverId } = await addRestServer(domain, admin);
  const imported = await importOperations(admin, serverId, makeShop());
  expect(imported).toMatchObject({ revision: 1, isNew: true, tools: 3 });
  const reviewId = imported.openReviewId ?? '';
  const review = await getReview({ ctx: reviewer, input: { reviewId } });
  expect(Object.fromEntries(review.entries.map((entry) => [entry.name, entry.kind === 'tool' && entry.weighedRisk]))).toEqual({
    getOrder: 'read',
    listOrders: 'read',
    removeOrder: 'destructive',
  });
  const before = await getServer({ ctx: admin, input: { serverId } });
  expect(before.entries.map(({ verdict }) => verdict)).toEqual(['pending', 'pending', 'pending']);

  await approveReview(domain, reviewId);
  const selected = ['getOrder', 'listOrders', 'removeOrder'].map((name) => ({ serverId, name }));
  const profile = await createDraftedProfile(domain, selected);
  await publishProfile({ ctx: admin, input: { profileId: profile.id } });
  const snapshot = await readNewestSnapshot(domain);
  expect(listServed(snapshot).map(({ name }) => name)).toEqual(['getOrder', 'listOrders', 'removeOrder']);
  const server = snapshot?.content.servers.find(({ id }) => id === serverId);
  expect(server?.transport).toMatchObject({ kind: 'rest', baseUrl: 'https://shop.example/v1' });
  const tools = snapshot?.content.profiles.flatMap(listTools) ?? [];
  expect(tools[0] && findRestOperation(tools[0].definition)).toMatchObject({ method: 'GET', path: '/orders/{id}' });
  const [, audit] = await readAudit(admin, serverId);
  expect(audit).toMatchObject({ action: 'server.import_openapi', after: { revision: 1, tools: 3, source: 'file' } });

  // the same again changes nothing
  expect(await importOperations(admin, serverId, makeShop())).toMatchObject({ revision: 1, isNew: false, openReviewId: null });

  // a changed operation is off until it is approved, an equal one stays on, and one that is not chosen any more is off
  const changed = makeShop((paths) => {
    paths['/orders/{id}'] = { ...paths['/orders/{id}'], get: makeOperation('getOrder', { description: 'Now also deletes it.' }) };
  });
  const again = await importOperations(admin, serverId, changed, ['GET /orders', 'GET /orders/{id}']);
  expect(again).toMatchObject({ revision: 2, isNew: true });
  expect(again.openReviewId).not.toBeNull();
  expect(listServed(await readNewestSnapshot(domain)).map(({ name }) => name)).toEqual(['listOrders']);
});

test('a description that is imported again as it was published counts at once, though it was approved in other words meanwhile', async () => {
  const own = await makeDomain(await makeWorkspace(world.runtime));
  const { id: serverId } = await addServer(own, { transport: { kind: 'rest', baseUrl: 'https://shop.example/v1' } });
  const importText = async (description: string) => {
    const source = makeShop((paths) => (paths['/orders'] = { get: makeOperation('listOrders', { description }) }));
    return (await importOperations(own.admin, serverId, source, ['GET /orders'])).openReviewId;
  };
  await approveReview(own, (await importText('Lists orders.')) ?? '');
  const { id: profileId } = await createDraftedProfile(own, [{ serverId, name: 'listOrders' }]);
  await publishProfile({ ctx: own.admin, input: { profileId } });
  const readServed = async () => listServed(await readNewestSnapshot(own)).map(({ name }) => name);
  expect(await readServed()).toEqual(['listOrders']);
  await approveReview(own, (await importText('Lists the orders.')) ?? '');
  expect(await readServed()).toEqual([]);
  expect(await importText('Lists orders.')).toBeNull();
  expect(await readServed()).toEqual(['listOrders']);
});

test('the same tool at another path is another tool, and waits again', async () => {
  const { admin } = domain;
  const { id: serverId } = await addRestServer(domain, admin);
  const { openReviewId } = await importOperations(admin, serverId, makeShop(), ['GET /orders']);
  const reviewId = openReviewId ?? '';
  await approveReview(domain, reviewId);
  const moved = makeShop((paths) => {
    paths['/admin/orders'] = { get: paths['/orders']?.['get'] };
    delete paths['/orders'];
  });
  const again = await importOperations(admin, serverId, moved, ['GET /admin/orders']);
  expect(again.openReviewId).not.toBeNull();
  const { entries } = await getServer({ ctx: admin, input: { serverId } });
  expect(entries.map(({ name, verdict }) => [name, verdict])).toEqual([['listOrders', 'pending']]);
});

test('author is not approver: who imported a description approves nothing of it', async () => {
  const { workspace } = domain;
  const [author, importer] = [await workspace.as('owner'), await workspace.as('admin')];
  const { id: serverId } = await addRestServer(domain, author);
  const { openReviewId } = await importOperations(importer, serverId, makeShop());
  const reviewId = openReviewId ?? '';
  const decisions = await listChoices(domain.reviewer, reviewId);
  for (const ctx of [author, importer])
    await expectRefused('not_permitted', decideReview({ ctx, input: { reviewId, decisions } }));
  await decideReview({ ctx: domain.reviewer, input: { reviewId, decisions } });
});

test('a description that changed since the preview, an unknown operation and one that cannot be a tool are refused', async () => {
  const { admin: ctx } = domain;
  const { id: serverId } = await addRestServer(domain, ctx);
  const source = makeShop();
  const { textHash } = await previewOpenapi({ ctx, input: { source } });
  const attempt = (overrides: object) =>
    importOpenapi({ ctx, input: { serverId, source, textHash, operations: KEYS, ...overrides } });
  await expectRefused('conflict', attempt({ source: makeShop((paths) => delete paths['/invoice']) }));
  expect((await expectRefused('invalid', attempt({ operations: ['GET /nothing'] }))).message).toContain(
    'no operation GET /nothing',
  );
  expect((await expectRefused('invalid', attempt({ operations: ['POST /invoice'] }))).message).toContain('multipart/mixed');
  await expectRefused('invalid', attempt({ operations: [] }));
  await expectRefused(
    'not_permitted',
    importOpenapi({ ctx: domain.reviewer, input: { serverId, source, textHash, operations: KEYS } }),
  );
  expect((await getServer({ ctx, input: { serverId } })).revisions).toEqual([]);
});

const query = (name: string, more: object = {}) => ({ name, in: 'query', schema: { type: 'string' }, ...more });

test('T-56: a name that is sent twice is told before the import, with operation, parameter and place, and refuses it where it is required', async () => {
  const { admin: ctx } = domain;
  const { id: serverId } = await addRestServer(domain, ctx);
  const extra = query('extra', { schema: { type: 'object', properties: { status: { type: 'string' } } } });
  const source = makeShop((paths) => {
    paths['/orders'] = {
      get: makeOperation('listOrders', { parameters: [query('status'), query('Status'), extra] }),
      post: makeOperation('addOrder', { parameters: [query('status'), query('STATUS', { required: true })] }),
    };
  });
  const { operations } = await previewOpenapi({ ctx, input: { source } });
  expect(operations.find(({ key }) => key === 'GET /orders')?.warnings).toEqual([
    'Left out, because its query parameter "Status" has the name of "status" to some servers.',
    'A call that fills "status" of its query parameter "extra" is refused, because some servers take it for its query parameter "status".',
  ]);
  const why = 'its query parameter "STATUS" has the name of "status" to some servers';
  expect(operations.find(({ key }) => key === 'POST /orders')?.problem).toBe(why);
  const refused = await expectRefused('invalid', importOperations(ctx, serverId, source, ['POST /orders']));
  expect(refused.message).toBe(`POST /orders cannot be a tool, because ${why}.`);
  expect(await importOperations(ctx, serverId, source, ['GET /orders'])).toMatchObject({ tools: 1, warnings: [] });
});

test('T-56: a header parameter that the credential of the server is sent under is told when it is imported', async () => {
  const credential = { kind: 'header', header: 'X-Api-Key', reference: 'env:SHOP_KEY' } as const;
  const { id } = await addServer(domain, { transport: { kind: 'rest', baseUrl: 'https://keyed.example', credential } });
  const header = (name: string) => ({ name, in: 'header', schema: { type: 'string' } });
  const source = makeShop((paths) => {
    paths['/orders'] = { get: makeOperation('listOrders', { parameters: [header('x_api_key'), header('X-Trace')] }) };
  });
  const { warnings } = await importOperations(domain.admin, id, source, ['GET /orders']);
  expect(warnings).toEqual([
    'GET /orders: its header parameter "x_api_key" is never sent, because the credential of this server is sent as X-Api-Key.',
  ]);
});

test('T-56: parameters of any place that a server with several credentials and fixed headers is sent anyway are told', async () => {
  const credentials = [{ kind: 'query', parameter: 'api_key', reference: 'env:SHOP_KEY' } as const];
  const credential = { kind: 'several', credentials, headers: [{ name: 'X-Org', value: 'acme' }] } as const;
  const transport = { kind: 'rest', baseUrl: 'https://several.example', credential } as const;
  const { id } = await addServer(domain, { transport: structuredClone(transport) as never });
  const header = (name: string) => ({ name, in: 'header', schema: { type: 'string' } });
  const source = makeShop((paths) => {
    paths['/orders'] = {
      get: makeOperation('listOrders', { parameters: [query('apiKey'), header('x-org'), header('api_key')] }),
    };
  });
  const { warnings } = await importOperations(domain.admin, id, source, ['GET /orders']);
  expect(warnings).toEqual([
    'GET /orders: its query parameter "apiKey" is never sent, because the credential of this server is sent as api_key.',
    'GET /orders: its header parameter "x-org" is never sent, because this server is sent a fixed X-Org.',
  ]);
});

test('T-56: a cookie parameter that has the name of the credential’s own cookie is told, others are sent', async () => {
  const one = (prefix: string) => ({ kind: 'header' as const, header: 'Cookie', prefix, reference: 'env:SHOP_KEY' });
  const credential = { kind: 'several' as const, credentials: [one('shop='), one('device=')], headers: [] };
  const { id } = await addServer(domain, { transport: { kind: 'rest', baseUrl: 'https://cookies.example', credential } });
  const cookie = (name: string) => ({ name, in: 'cookie', schema: { type: 'string' } });
  const source = makeShop((paths) => {
    paths['/orders'] = { get: makeOperation('listOrders', { parameters: [cookie('Device'), cookie('theme')] }) };
  });
  const { warnings } = await importOperations(domain.admin, id, source, ['GET /orders']);
  expect(warnings).toEqual([
    'GET /orders: its cookie parameter "Device" is never sent, because the credential of this server is sent as device.',
  ]);
});

test('limits that an HTTP API is added with go to the agents, also those of one of its operations', async () => {
  const limits = { startMs: 5_000, totalMs: 120_000, tools: [{ name: 'getOrder', answerMs: 90_000 }] };
  const { id: serverId } = await addServer(domain, { transport: { kind: 'rest', baseUrl: 'https://slow.example' }, limits });
  const { openReviewId } = await importOperations(domain.admin, serverId, makeShop(), ['GET /orders/{id}']);
  await approveReview(domain, openReviewId ?? '');
  const profile = await createDraftedProfile(domain, [{ serverId, name: 'getOrder' }]);
  await publishProfile({ ctx: domain.admin, input: { profileId: profile.id } });
  const sent = (await readNewestSnapshot(domain))?.content.servers.find(({ id }) => id === serverId);
  expect(sent?.limits).toEqual(limits);
});

test('T-42: the same description under a second name of its API remembers that an operation was rejected', async () => {
  const { admin, reviewer } = domain;
  const importFor = async (baseUrl: string) => {
    const { id } = await addServer(domain, { transport: { kind: 'rest', baseUrl } });
    return (await importOperations(admin, id, makeShop(), ['GET /orders/{id}'])).openReviewId ?? '';
  };
  const first = await importFor('https://twice.example/v1');
  const decisions = await listChoices(reviewer, first, { getOrder: { verdict: 'rejected' } });
  await decideReview({ ctx: reviewer, input: { reviewId: first, decisions } });
  const { entries } = await getReview({ ctx: reviewer, input: { reviewId: await importFor('https://TWICE.example:443/v1/') } });
  expect(entries).toMatchObject([{ name: 'getOrder', wasRejected: true, elsewhere: [{ reviewId: first }] }]);
});

test('an MCP server takes no description, and a REST API is not discovered', async () => {
  const { admin, agent } = domain;
  const mcp = await addServer(domain);
  await expectRefused('precondition', importOperations(admin, mcp.id, makeShop()));
  const rest = await addRestServer(domain, admin);
  await expectRefused('precondition', startDiscovery({ ctx: admin, input: { serverId: rest.id, agentId: agent.id } }));
});

test('T-35: the server of another tenant answers just as an unknown one', async () => {
  const other = await makeDomain(await makeWorkspace(world.runtime));
  const foreign = await addServer(other, { transport: { kind: 'rest', baseUrl: 'https://shop.example' } });
  const ofForeign = await expectRefused('not_found', importOperations(domain.admin, foreign.id, makeShop()));
  const ofUnknown = await expectRefused('not_found', importOperations(domain.admin, randomUUID(), makeShop()));
  expect(ofForeign.message).toBe(ofUnknown.message);
});
