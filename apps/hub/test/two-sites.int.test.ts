import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { findFreePort } from '@gatehouse/process/testing/free-port';
import { decodeJoinToken, encodeJoinToken } from '@gatehouse/protocol/enrolment';
import { listAgents } from '@gatehouse/services/agent/list-agents';
import { createClientKey } from '@gatehouse/services/client-key/create-client-key';
import type { ServiceContext } from '@gatehouse/services/context';
import { getDiscovery } from '@gatehouse/services/discovery/get-discovery';
import { startDiscovery } from '@gatehouse/services/discovery/start-discovery';
import { createJoinToken } from '@gatehouse/services/join-token/create-join-token';
import { createProfile } from '@gatehouse/services/profile/create-profile';
import { saveDraft } from '@gatehouse/services/profile/draft/save-draft';
import { grantAccess } from '@gatehouse/services/profile/grant-access';
import { publishProfile } from '@gatehouse/services/profile/publish/publish-profile';
import { decideReview } from '@gatehouse/services/review/decide-review';
import { getReview } from '@gatehouse/services/review/get-review';
import { createServer } from '@gatehouse/services/server/create-server';
import { getServer } from '@gatehouse/services/server/get-server';
import { refreshSnapshots } from '@gatehouse/services/snapshot/refresh-snapshots';

import { openHub, type Workspace } from './support/world.ts';

const AGENT = join(import.meta.dirname, '../../agent/src/cli.ts');
/** An agent has to start as a process, with whatever else runs on the machine. */
const expectWithin = <T>(read: () => T) => expect.poll(read, { timeout: 60_000 });

const { world, hub } = await openHub();

const Request = z.object({ id: z.union([z.number(), z.string()]).optional(), method: z.string() });

/** By credential. */
const SHOPS: Record<string, string> = { 'Bearer t0ken-one': 'the north shop', 'Bearer t0ken-two': 'the south shop' };

/** An MCP server that is another one for each credential: it says which by the description of `find`. */
async function startOrders(): Promise<string> {
  const http = createHttpServer((request, response) => {
    const shop = SHOPS[request.headers.authorization ?? ''] ?? 'nobody';
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const parsed = request.method === 'POST' ? Request.parse(JSON.parse(body)) : null;
      if (parsed?.id === undefined) return void response.writeHead(parsed ? 202 : 405).end();
      const result = answer(parsed.method, shop);
      const reply = result ? { result } : { error: { code: -32_601, message: 'Method not found' } };
      response
        .writeHead(200, { 'content-type': 'application/json' })
        .end(JSON.stringify({ jsonrpc: '2.0', id: parsed.id, ...reply }));
    });
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  onTestFinished(() => void http.close());
  const address = http.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

function answer(method: string, shop: string): object | null {
  const annotations = { readOnlyHint: true };
  const describe = (name: string, description: string) => ({ name, description, annotations, inputSchema: { type: 'object' } });
  switch (method) {
    case 'initialize':
      return { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name: 'orders', version: '1' } };
    case 'tools/list':
      return { tools: [describe('find', `Finds an order of ${shop}.`), describe('list', 'Lists orders.')] };
    case 'tools/call':
      return { content: [{ type: 'text', text: `from ${shop}` }] };
    default:
      return null;
  }
}

interface Site {
  id: string;
  agentId: string;
  url: string;
}

/** A site with a real agent, whose credential for the server is this. */
async function addSite(workspace: Workspace, slug: string, serverUrl: string, credential: string): Promise<Site> {
  const id = await workspace.addSite(slug);
  const ctx = await workspace.as('owner');
  const { token } = await createJoinToken({ ctx, input: { siteId: id, agentName: slug } });
  const content = decodeJoinToken(token);
  if (!content) throw new Error('The token cannot be read');
  const home = mkdtempSync(join(tmpdir(), 'gatehouse-two-sites-'));
  const listen = `127.0.0.1:${await findFreePort()}`;
  const guardrails = join(home, 'guardrails.yaml');
  writeFileSync(guardrails, JSON.stringify({ http: { privateHosts: ['127.0.0.1'] } }), { mode: 0o444 });
  const agent = spawn(process.execPath, [AGENT, 'up'], {
    env: {
      PATH: process.env['PATH'],
      GATEHOUSE_DATA_DIR: join(home, 'state'),
      GATEHOUSE_LISTEN: listen,
      GATEHOUSE_GUARDRAILS_FILE: guardrails,
      GATEHOUSE_ALLOW_OWN_GUARDRAILS: 'true',
      GATEHOUSE_ENROLL_TOKEN: encodeJoinToken({ ...content, hub: hub.url }),
      SECRET_ORDERS: credential,
      SECRET_ORDERS_ORIGIN: serverUrl,
    },
    stdio: 'ignore',
  });
  onTestFinished(async () => {
    agent.kill('SIGKILL');
    await once(agent, 'exit');
    rmSync(home, { recursive: true });
  });
  const readAgents = async () =>
    (await listAgents({ ctx })).filter(({ siteSlug, status }) => siteSlug === slug && status === 'Connected');
  await expectWithin(readAgents).toHaveLength(1);
  const [enrolled] = await readAgents();
  return { id, agentId: enrolled?.id ?? '', url: `http://${listen}` };
}

/** Approves all of a review, as somebody who has not brought it in. */
async function approve(workspace: Workspace, reviewId: string): Promise<void> {
  const ctx = await workspace.as('reviewer');
  const { entries } = await getReview({ ctx, input: { reviewId } });
  const decisions = entries.map(({ name }) => ({
    kind: 'tool' as const,
    name,
    verdict: 'approved' as const,
    risk: 'read' as const,
  }));
  await decideReview({ ctx, input: { reviewId, decisions } });
}

/** An AI client of the profile at a site; a session for each question, so that every answer is of that moment. */
function openClient({ url }: Site, slug: string, key: string) {
  async function ask(method: string, params: object = {}): Promise<unknown> {
    const send = (headers: Record<string, string>, message: object) =>
      fetch(`${url}/p/${slug}/mcp`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
          ...headers,
        },
        body: JSON.stringify({ jsonrpc: '2.0', ...message }),
      });
    const clientInfo = { name: 'test', version: '1' };
    const opened = await send(
      {},
      { id: 1, method: 'initialize', params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo } },
    );
    const session = { 'mcp-session-id': opened.headers.get('mcp-session-id') ?? '' };
    return (await send(session, { id: 2, method, params })).json();
  }
  return {
    listTools: async () => {
      const listed = z.object({ result: z.object({ tools: z.array(z.object({ description: z.string() })) }) });
      const parsed = listed.safeParse(await ask('tools/list').catch(() => null));
      return parsed.success ? parsed.data.result.tools.map(({ description }) => description) : null;
    },
    call: (name: string) => ask('tools/call', { name, arguments: {} }),
  };
}

test('T-51: two agents whose servers differ are told apart, and each serves the accepted text that its server has', async () => {
  const workspace = await world.makeWorkspace();
  const url = await startOrders();
  const [north, south] = [
    await addSite(workspace, 'north', url, 't0ken-one'),
    await addSite(workspace, 'south', url, 't0ken-two'),
  ];
  const [owner, siteIds] = [await workspace.as('owner'), [north.id, south.id]];
  const refresh = () => refreshSnapshots({ ctx: workspace.makeContext({ kind: 'system', job: 'refresh-snapshots' }) });
  const credential = { kind: 'header', header: 'authorization', prefix: 'Bearer ', reference: 'env:SECRET_ORDERS' } as const;
  const transport = { kind: 'http', url: `${url}/mcp`, credential } as const;
  const { id: serverId } = await createServer({ ctx: owner, input: { name: 'Orders', transport, purpose: 'Orders', siteIds } });
  const read = () => getServer({ ctx: owner, input: { serverId } });

  const { id: discoveryId } = await startDiscovery({ ctx: owner, input: { serverId, agentId: north.agentId } });
  const look = () => getDiscovery({ ctx: owner, input: { discoveryId } });
  await expectWithin(async () => (await look()).status).toBe('succeeded');
  await approve(workspace, (await look()).openReviewId ?? '');
  const { id: profileId, slug } = await createProfile({ ctx: owner, input: { name: 'Support', siteIds } });
  const entries = ['find', 'list'].map((name) => ({ kind: 'tool' as const, serverId, name }));
  await saveDraft({ ctx: owner, input: { profileId, draft: { entries } } });
  await publishProfile({ ctx: owner, input: { profileId } });
  const key = await createKey(owner, profileId);
  const [atNorth, atSouth] = [openClient(north, slug, key), openClient(south, slug, key)];
  const [ofNorth, ofSouth, list] = ['Finds an order of the north shop.', 'Finds an order of the south shop.', 'Lists orders.'];
  await expectWithin(atNorth.listTools).toEqual([ofNorth, list]);
  await expectWithin(atSouth.listTools).toEqual([ofNorth, list]);

  // the agent of the south refuses at the call, whatever the control plane knows, and then the control plane knows
  expect(await atNorth.call('find')).toMatchObject({ result: { content: [{ text: 'from the north shop' }] } });
  expect(await atSouth.call('find')).toMatchObject({ result: { isError: true } });
  await expectWithin(async () => (await read()).sites.map(({ revision }) => revision)).toEqual([1, 2]);
  await refresh();
  await expectWithin(atSouth.listTools).toEqual([list]);
  expect(await atSouth.call('list')).toMatchObject({ result: { content: [{ text: 'from the south shop' }] } });
  expect(await atNorth.listTools()).toEqual([ofNorth, list]);

  const [, seen] = (await read()).sites;
  expect(seen).toMatchObject({ slug: 'south', agentName: 'south', openReviewId: expect.any(String) });
  await approve(workspace, seen?.openReviewId ?? '');
  await publishProfile({ ctx: owner, input: { profileId } });
  await expectWithin(atSouth.listTools).toEqual([ofSouth, list]);
  expect(await atSouth.call('find')).toMatchObject({ result: { content: [{ text: 'from the south shop' }] } });
  expect(await atNorth.call('find')).toMatchObject({ result: { content: [{ text: 'from the north shop' }] } });
}, 240_000);

async function createKey(ctx: ServiceContext, profileId: string): Promise<string> {
  if (ctx.actor.kind !== 'person') throw new Error('A key belongs to a person');
  await grantAccess({ ctx, input: { profileId, membershipId: ctx.actor.membershipId } });
  return (await createClientKey({ ctx, input: { profileId, name: 'test' } })).key;
}
