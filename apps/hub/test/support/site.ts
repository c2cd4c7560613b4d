import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished } from 'vitest';
import { z } from 'zod';

import { findFreePort } from '@gatehouse/process/testing/free-port';
import { decodeJoinToken, encodeJoinToken } from '@gatehouse/protocol/enrolment';
import { listAgents } from '@gatehouse/services/agent/list-agents';
import { createJoinToken } from '@gatehouse/services/join-token/create-join-token';

import type { Workspace } from './world.ts';

const AGENT = join(import.meta.dirname, '../../../agent/src/cli.ts');
/** An agent has to start as a process, with whatever else runs on the machine. */
export const expectWithin = <T>(read: () => T) => expect.poll(read, { timeout: 60_000 });

const Request = z.object({ id: z.union([z.number(), z.string()]).optional(), method: z.string() });

/** An MCP server over HTTP that answers each request with this; null: it has no such method. Ends with the test. Returns its origin. */
export async function startMcpServer(answer: (method: string, headers: IncomingHttpHeaders) => object | null): Promise<string> {
  const http = createHttpServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const parsed = request.method === 'POST' ? Request.parse(JSON.parse(body)) : null;
      if (parsed?.id === undefined) return void response.writeHead(parsed ? 202 : 405).end();
      const result = answer(parsed.method, request.headers);
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

export interface Site {
  id: string;
  agentId: string;
  url: string;
}

/** A site with a real agent, whose credential for the server is this. Ends with the test. */
export async function startSite(
  { hub, workspace }: { hub: { url: string }; workspace: Workspace },
  slug: string,
  serverUrl: string,
  credential: string,
): Promise<Site> {
  const id = await workspace.addSite(slug);
  const ctx = await workspace.as('owner');
  const { token } = await createJoinToken({ ctx, input: { siteId: id, agentName: slug } });
  const content = decodeJoinToken(token);
  if (!content) throw new Error('The token cannot be read');
  const home = mkdtempSync(join(tmpdir(), 'gatehouse-site-'));
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
    (await listAgents({ ctx })).rows.filter(({ siteSlug, status }) => siteSlug === slug && status === 'Connected');
  await expectWithin(readAgents).toHaveLength(1);
  const [enrolled] = await readAgents();
  return { id, agentId: enrolled?.id ?? '', url: `http://${listen}` };
}

/** An AI client of the profile at a site; a session for each question, so that every answer is of that moment. */
export function openClient({ url }: Pick<Site, 'url'>, slug: string, key: string) {
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
    call: (name: string, given: object = {}) => ask('tools/call', { name, arguments: given }),
  };
}
