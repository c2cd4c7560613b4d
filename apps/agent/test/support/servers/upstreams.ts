import { randomUUID } from 'node:crypto';
import { createServer, request as forward, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { toNodeHandler } from '@modelcontextprotocol/node';
import { Server as LegacyServer } from '@modelcontextprotocol/sdk/server/index.js';
import { McpServer as ServerV1 } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { createMcpHandler, Server, type CallToolResult, type Tool } from '@modelcontextprotocol/server';
import { onTestFinished } from 'vitest';
import { z } from 'zod';

import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { makeServer } from '@gatehouse/policy/testing/build';

export interface HttpServer {
  url: string;
  port: number;
  /** headers of every request, in order */
  seen: IncomingHttpHeaders[];
  close(): Promise<void>;
}

/** A plain HTTP server on a free port. Closed when the test is over. */
export async function startHttp(
  handler: (request: IncomingMessage, response: ServerResponse) => void | Promise<void>,
  port = 0,
): Promise<HttpServer> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    void Promise.resolve(handler(request, response)).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  onTestFinished(close);
  return { url: `http://127.0.0.1:${address.port}/mcp`, port: address.port, seen, close };
}

export async function readText(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** A server whose tools are plain data and whose answers come from one function. */
export interface ToolSet {
  tools: Tool[];
  call(name: string, args: Record<string, unknown>, signal: AbortSignal): CallToolResult | Promise<CallToolResult>;
}

/** Built on the newer SDK: speaks both eras, without sessions. */
export async function startModernUpstream(set: ToolSet) {
  const handler = createMcpHandler(() => {
    const server = new Server({ name: 'modern-upstream', version: '2.0.0' }, { capabilities: { tools: { listChanged: true } } });
    server.setRequestHandler('tools/list', () => ({ tools: set.tools }));
    server.setRequestHandler('tools/call', (request, ctx) =>
      set.call(request.params.name, request.params.arguments ?? {}, ctx.mcpReq.signal),
    );
    return server;
  });
  onTestFinished(() => handler.close());
  const handle = toNodeHandler(handler);
  return {
    ...(await startHttp((request, response) => handle(request, response))),
    announceChange: () => handler.notify.toolsChanged(),
  };
}

/** What the older SDK's transport serves. */
interface LegacyApplication {
  connect(transport: Parameters<ServerV1['connect']>[0]): Promise<void>;
}

/** Built on the older SDK: only the 2025 protocol, with sessions, each with an application of its own. */
export async function startLegacy(make: () => LegacyApplication) {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const http = await startHttp(async (request, response) => {
    const id = request.headers['mcp-session-id'];
    const existing = typeof id === 'string' ? sessions.get(id) : undefined;
    if (existing) return existing.handleRequest(request, response);
    if (id !== undefined) {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: null, error: { code: -32001, message: 'Session not found' } }));
      return;
    }
    const transport = new StreamableHTTPServerTransport({
      sessionIdGenerator: () => randomUUID(),
      onsessioninitialized: (sessionId) => void sessions.set(sessionId, transport),
      onsessionclosed: (sessionId) => void sessions.delete(sessionId),
    });
    await make().connect(transport as Parameters<ServerV1['connect']>[0]);
    await transport.handleRequest(request, response);
  });
  return { ...http, forgetSessions: () => sessions.clear(), countSessions: () => sessions.size };
}

/** The same with the SDK's own table of tools. */
export function startLegacyUpstream(register: (server: ServerV1) => void) {
  return startLegacy(() => {
    const server = new ServerV1({ name: 'legacy-upstream', version: '1.0.0' });
    register(server);
    return server;
  });
}

export const ECHO: Tool = {
  name: 'echo',
  title: 'Echo',
  description: 'Says what it was told',
  inputSchema: { type: 'object', properties: { text: { type: 'string' } }, required: ['text'], additionalProperties: false },
  annotations: { readOnlyHint: true },
};

/** A server with the one tool `echo`. */
export function makeEchoSet(): ToolSet {
  return { tools: [ECHO], call: (_name, args) => ({ content: [{ type: 'text', text: String(args['text']) }] }) };
}

export function registerEchoV1(server: ServerV1): void {
  server.registerTool('echo', { description: 'Says what it was told', inputSchema: { text: z.string() } }, ({ text }) => ({
    content: [{ type: 'text', text }],
  }));
}

/** Built on the older SDK, with the one tool `echo` exactly as ECHO defines it. */
export function startLegacyEcho() {
  return startLegacy(() => {
    const server = new LegacyServer({ name: 'legacy-upstream', version: '1.0.0' }, { capabilities: { tools: {} } });
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [ECHO] }));
    server.setRequestHandler(CallToolRequestSchema, ({ params }) => ({
      content: [{ type: 'text', text: String(params.arguments?.['text']) }],
    }));
    return server;
  });
}

/** The server of a snapshot that stands at a URL, with or without a credential in its Authorization header. */
export function makeServerAt(url: string, reference?: string, overrides: Partial<SnapshotServer> = {}): SnapshotServer {
  const credential =
    reference === undefined ? null : ({ kind: 'header', header: 'Authorization', prefix: 'Bearer ', reference } as const);
  return makeServer({ transport: { kind: 'http', url, credential }, ...overrides });
}

/** One address in front of two servers that speak one protocol each: requests of 2026-07-28 go to `modern`, all others to `legacy`. */
export function startBothEras({ legacy, modern }: { legacy: string; modern: string }) {
  return startHttp((request, response) => {
    const target = request.headers['mcp-protocol-version'] === '2026-07-28' ? modern : legacy;
    const { host: _host, ...headers } = request.headers;
    const passed = forward(target, { method: request.method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      response.flushHeaders();
      answer.pipe(response);
    });
    passed.on('error', () => response.destroy());
    response.once('close', () => passed.destroy());
    request.pipe(passed);
  });
}
