import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, Server, type Tool } from '@modelcontextprotocol/server';

import { makeClientKey, makeProfile, makeServer, makeTool } from '@gatehouse/policy/testing/build';

import { SoloAgent } from '../src/solo-agent.ts';

/** Echoes a text, after `ms`. */
const ECHO: Tool = {
  name: 'echo',
  inputSchema: {
    type: 'object',
    properties: { text: { type: 'string' }, ms: { type: 'integer' } },
    required: ['text'],
    additionalProperties: false,
  },
  annotations: { readOnlyHint: true },
};

/** The endpoint of a profile. */
export interface LargeEnd {
  url: string;
  secret: string;
}

/** An upstream that dies in the middle of some of its calls, and one that does not, behind one agent. */
export interface LargeSite {
  agent: SoloAgent;
  steady: LargeEnd;
  dying: LargeEnd;
  stop(): Promise<void>;
}

/** Starts everything. `environment`: of the agent. */
export async function startLargeSite(environment: Record<string, string> = {}): Promise<LargeSite> {
  const steady = await startUpstream(() => false);
  let count = 0;
  const dying = await startUpstream(() => (count += 1) % 5 === 0);
  const agent = await SoloAgent.create({ environment });
  const stop = async () => void (await Promise.all([agent.stop(), steady.close(), dying.close()]));
  try {
    const ends = [steady, dying].map(({ url }, at) => {
      const slug = at === 0 ? 'steady' : 'dying';
      const server = makeServer({ slug, name: slug, transport: { kind: 'http', url, credential: null } });
      const profile = makeProfile([makeTool(server, ECHO, { logArguments: ['/text'] })], { slug, name: slug });
      return { server, profile, ...makeClientKey(profile) };
    });
    await agent.serve({
      servers: ends.map(({ server }) => server),
      profiles: ends.map(({ profile }) => profile),
      clientKeys: ends.map(({ key }) => key),
    });
    const [first, second] = ends.map(({ profile, secret }) => ({ url: agent.getMcpUrl(profile.slug), secret }));
    if (!first || !second) throw new Error('two profiles were made');
    return { agent, steady: first, dying: second, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startUpstream(dies: () => boolean): Promise<{ url: string; close(): Promise<void> }> {
  const handler = createMcpHandler(() => {
    const server = new Server({ name: 'large', version: '1.0.0' }, { capabilities: { tools: {} } });
    server.setRequestHandler('tools/list', () => ({ tools: [ECHO] }));
    server.setRequestHandler('tools/call', async ({ params: { arguments: args = {} } }) => {
      if (typeof args.ms === 'number') await delay(args.ms);
      return { content: [{ type: 'text', text: String(args.text) }] };
    });
    return server;
  });
  const serve = toNodeHandler(handler);
  const http: HttpServer = createServer((request: IncomingMessage, response: ServerResponse) => {
    if (request.headers['mcp-method'] === 'tools/call' && dies()) {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1_000 });
      response.write('{"jsonrpc":');
      return void setTimeout(() => response.destroy(), 5);
    }
    serve(request, response).catch(() => response.destroy());
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`,
    async close() {
      await handler.close();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
