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
  choices,
  type Domain,
  draftedProfile,
  makeDomain,
  newestSnapshot,
  served,
  toolsOf,
} from '../support/domain.ts';
import { auditOf, makeWorkspace, openWorld, refused } from '../support/world.ts';

const world = await openWorld();
afterAll(() => world.close());
const domain = await makeDomain(await makeWorkspace(world.runtime));

const file = (document: unknown) => ({
  kind: 'file' as const,
  gzip: gzipSync(typeof document === 'string' ? document : JSON.stringify(document)).toString('base64'),
});

const operation = (operationId: string, more: object = {}) => ({
  operationId,
  summary: `Does ${operationId}`,
  responses: {},
  ...more,
});

function shop(change: (paths: Record<string, Record<string, unknown>>) => void = () => undefined) {
  const paths: Record<string, Record<string, unknown>> = {
    '/orders': { get: operation('listOrders', { tags: ['orders'] }), post: operation('addOrder', { description: 'Adds one.' }) },
    '/orders/{id}': {
      parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
      get: operation('getOrder'),
      delete: operation('removeOrder'),
    },
    '/invoice': { post: operation('upload', { requestBody: { content: { 'multipart/form-data': {} } } }) },
  };
  change(paths);
  return file({ openapi: '3.1.0', info: { title: 'Shop', version: '2' }, servers: [{ url: 'https://shop.example/v1' }], paths });
}

const KEYS = ['GET /orders', 'GET /orders/{id}', 'DELETE /orders/{id}'];

async function restServer({ workspace }: Domain, ctx: ServiceContext) {
  return addServer({ ...domain, admin: ctx, workspace }, { transport: { kind: 'rest', baseUrl: 'https://shop.example/v1' } });
}

async function importing(ctx: ServiceContext, serverId: string, source: ReturnType<typeof file>, operations = KEYS) {
  const { textHash } = await previewOpenapi({ ctx, input: { source } });
  return importOpenapi({ ctx, input: { serverId, source, textHash, operations } });
}

test('a preview lists every operation, with what it costs or why it cannot be a tool; nothing is stored', async () => {
  const builder = await domain.workspace.as('builder');
  const preview = await previewOpenapi({ ctx: builder, input: { source: shop() } });
  expect(preview).toMatchObject({ openapi: '3.1.0', title: 'Shop', version: '2', servers: ['https://shop.example/v1'] });
  expect(preview.operations.map(({ key, name, risk, problem }) => [key, name, risk, problem])).toEqual([
    ['GET /orders', 'listOrders', 'read', null],
    ['POST /orders', 'addOrder', 'write', null],
    ['GET /orders/{id}', 'getOrder', 'read', null],
    ['DELETE /orders/{id}', 'removeOrder', 'destructive', null],
    ['POST /invoice', 'upload', 'write', 'its body is multipart/form-data, and only JSON, form and text bodies are sent'],
  ]);
  const [list, , , , upload] = preview.operations;
  expect(list?.tokens).toBeGreaterThan(20);
  expect(list?.tokens).toBeLessThan(200);
  expect(upload?.tokens).toBeNull();
  for (const role of ['reviewer', 'auditor', 'member'] as const) {
    await refused('not_permitted', previewOpenapi({ ctx: await domain.workspace.as(role), input: { source: shop() } }));
  }
});

test('what is no description is refused with the reason', async () => {
  const { admin: ctx } = domain;
  const refusal = async (source: Parameters<typeof previewOpenapi>[0]['input']['source']) =>
    (await refused('invalid', previewOpenapi({ ctx, input: { source } }))).message;
  expect(await refusal(file('<html>'))).toContain('neither');
  expect(await refusal(file({ swagger: '2.0' }))).toContain('Swagger 2.0');
  expect(await refusal({ kind: 'file', gzip: randomBytes(30).toString('base64') })).toContain('did not arrive whole');
  expect(await refusal(file(' '.repeat(21 * 1024 * 1024)))).toContain('20 MB');
  expect(await refusal({ kind: 'url', url: 'https://169.254.169.254/' })).toContain('not on the public internet');
});

test('chosen operations become tools that wait for a review; only then are they served, with the request that was approved', async () => {
  const { admin, reviewer } = domain;
  const { id: serverId } = await restServer(domain, admin);
  const imported = await importing(admin, serverId, shop());
  expect(imported).toMatchObject({ revision: 1, isNew: true, tools: 3 });
  const reviewId = imported.openReviewId ?? '';
  const review = await getReview({ ctx: reviewer, input: { reviewId } });
  expect(Object.fromEntries(review.entries.map((entry) => [entry.name, entry.kind === 'tool' && entry.suggestedRisk]))).toEqual({
    getOrder: 'read',
    listOrders: 'read',
    removeOrder: 'destructive',
  });
  const before = await getServer({ ctx: admin, input: { serverId } });
  expect(before.entries.map(({ verdict }) => verdict)).toEqual(['pending', 'pending', 'pending']);

  await decideReview({ ctx: reviewer, input: { reviewId, decisions: await choices(reviewer, reviewId) } });
  const selected = ['getOrder', 'listOrders', 'removeOrder'].map((name) => ({ serverId, name }));
  const profile = await draftedProfile(domain, selected);
  await publishProfile({ ctx: admin, input: { profileId: profile.id } });
  const snapshot = await newestSnapshot(domain);
  expect(served(snapshot).map(({ name }) => name)).toEqual(['getOrder', 'listOrders', 'removeOrder']);
  const server = snapshot?.content.servers.find(({ id }) => id === serverId);
  expect(server?.transport).toMatchObject({ kind: 'rest', baseUrl: 'https://shop.example/v1' });
  const tools = snapshot?.content.profiles.flatMap(toolsOf) ?? [];
  expect(tools[0] && findRestOperation(tools[0].definition)).toMatchObject({ method: 'GET', path: '/orders/{id}' });
  const [, audit] = await auditOf(admin, serverId);
  expect(audit).toMatchObject({ action: 'server.import_openapi', after: { revision: 1, tools: 3, source: 'file' } });

  // the same again changes nothing
  expect(await importing(admin, serverId, shop())).toMatchObject({ revision: 1, isNew: false, openReviewId: null });

  // a changed operation is off until it is approved, an equal one stays on, and one that is not chosen any more is off
  const changed = shop((paths) => {
    paths['/orders/{id}'] = { ...paths['/orders/{id}'], get: operation('getOrder', { description: 'Now also deletes it.' }) };
  });
  const again = await importing(admin, serverId, changed, ['GET /orders', 'GET /orders/{id}']);
  expect(again).toMatchObject({ revision: 2, isNew: true });
  expect(again.openReviewId).not.toBeNull();
  expect(served(await newestSnapshot(domain)).map(({ name }) => name)).toEqual(['listOrders']);
});

test('the same tool at another path is another tool, and waits again', async () => {
  const { admin, reviewer } = domain;
  const { id: serverId } = await restServer(domain, admin);
  const { openReviewId } = await importing(admin, serverId, shop(), ['GET /orders']);
  const reviewId = openReviewId ?? '';
  await decideReview({ ctx: reviewer, input: { reviewId, decisions: await choices(reviewer, reviewId) } });
  const moved = shop((paths) => {
    paths['/admin/orders'] = { get: paths['/orders']?.['get'] };
    delete paths['/orders'];
  });
  const again = await importing(admin, serverId, moved, ['GET /admin/orders']);
  expect(again.openReviewId).not.toBeNull();
  const { entries } = await getServer({ ctx: admin, input: { serverId } });
  expect(entries.map(({ name, verdict }) => [name, verdict])).toEqual([['listOrders', 'pending']]);
});

test('author is not approver: who imported a description does not approve its destructive tools', async () => {
  const { workspace } = domain;
  const [author, importer] = [await workspace.as('owner'), await workspace.as('admin')];
  const { id: serverId } = await restServer(domain, author);
  const { openReviewId } = await importing(importer, serverId, shop());
  const reviewId = openReviewId ?? '';
  const decisions = await choices(domain.reviewer, reviewId);
  for (const ctx of [author, importer]) await refused('not_permitted', decideReview({ ctx, input: { reviewId, decisions } }));
  await decideReview({ ctx: domain.reviewer, input: { reviewId, decisions } });
});

test('a description that changed since the preview, an unknown operation and one that cannot be a tool are refused', async () => {
  const { admin: ctx } = domain;
  const { id: serverId } = await restServer(domain, ctx);
  const source = shop();
  const { textHash } = await previewOpenapi({ ctx, input: { source } });
  const attempt = (overrides: object) =>
    importOpenapi({ ctx, input: { serverId, source, textHash, operations: KEYS, ...overrides } });
  await refused('conflict', attempt({ source: shop((paths) => delete paths['/invoice']) }));
  expect((await refused('invalid', attempt({ operations: ['GET /nothing'] }))).message).toContain('no operation GET /nothing');
  expect((await refused('invalid', attempt({ operations: ['POST /invoice'] }))).message).toContain('multipart/form-data');
  await refused('invalid', attempt({ operations: [] }));
  await refused(
    'not_permitted',
    importOpenapi({ ctx: domain.reviewer, input: { serverId, source, textHash, operations: KEYS } }),
  );
  expect((await getServer({ ctx, input: { serverId } })).revisions).toEqual([]);
});

test('an MCP server takes no description, and a REST API is not discovered', async () => {
  const { admin, agent } = domain;
  const mcp = await addServer(domain);
  await refused('precondition', importing(admin, mcp.id, shop()));
  const rest = await restServer(domain, admin);
  await refused('precondition', startDiscovery({ ctx: admin, input: { serverId: rest.id, agentId: agent.id } }));
});

test('T-35: the server of another tenant answers just as an unknown one', async () => {
  const other = await makeDomain(await makeWorkspace(world.runtime));
  const foreign = await addServer(other, { transport: { kind: 'rest', baseUrl: 'https://shop.example' } });
  const ofForeign = await refused('not_found', importing(domain.admin, foreign.id, shop()));
  const ofUnknown = await refused('not_found', importing(domain.admin, randomUUID(), shop()));
  expect(ofForeign.message).toBe(ofUnknown.message);
});
