import { Client, StreamableHTTPClientTransport, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
  LoggingMessageNotificationSchema,
  type ClientCapabilities,
} from '@modelcontextprotocol/sdk/types.js';
import { onTestFinished } from 'vitest';

/** The newer SDK's client, connected. */
export async function connectV2(
  url: string,
  secret: string,
  mode: VersionNegotiationMode,
  onToolsChanged?: () => void,
): Promise<Client> {
  const client = new Client(
    { name: 'test-client', version: '9.9' },
    {
      versionNegotiation: { mode },
      listChanged: onToolsChanged && { tools: { autoRefresh: false, debounceMs: 0, onChanged: onToolsChanged } },
    },
  );
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: buildAuthorization(secret) } }));
  onTestFinished(() => client.close());
  return client;
}

/** The older SDK's client, connected. */
export async function connectV1(url: string, secret: string, capabilities: ClientCapabilities = {}): Promise<ClientV1> {
  const client = new ClientV1({ name: 'old-client', version: '1.0' }, { capabilities });
  const transport = new TransportV1(new URL(url), { requestInit: { headers: buildAuthorization(secret) } });
  await client.connect(transport as Parameters<ClientV1['connect']>[0]);
  onTestFinished(() => client.close());
  return client;
}

export function buildAuthorization(secret: string): { authorization: string } {
  return { authorization: `Bearer ${secret}` };
}

const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** One POST of a text or a message, with what a client sends beside it. */
export function post(url: string, body: unknown, headers: Record<string, string> = {}, signal?: AbortSignal): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { ...JSON_HEADERS, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
    signal,
  });
}

/** A tools/call as a client of 2026-07-28 sends it. */
export function buildModernCall(name: string, args: unknown, id: string | number = 1) {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '0' },
  };
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args, _meta: meta } };
}

export function buildModernHeaders(name: string): Record<string, string> {
  return { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name };
}

/** A session of the older protocol, spoken by hand. */
export async function openSession(url: string, secret: string): Promise<Record<string, string>> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '0' } };
  const response = await post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, buildAuthorization(secret));
  await response.text();
  const headers = {
    ...buildAuthorization(secret),
    'mcp-session-id': response.headers.get('mcp-session-id') ?? '',
    'mcp-protocol-version': '2025-11-25',
  };
  await (await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, headers)).text();
  return headers;
}

export function buildLegacyCall(name: unknown, args: unknown, id: string | number = 1) {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } };
}

/** What servers have asked a client, in order. */
export interface Asked {
  method: string;
  params: unknown;
}

const CAPABILITIES = { elicitation: { form: {} }, sampling: {}, roots: { listChanged: true } };
const ELICITED = { action: 'accept' as const, content: { which: 'that one' } };
const SAMPLED = { role: 'assistant' as const, content: { type: 'text' as const, text: 'said' }, model: 'none' };
const ROOTS = { roots: [{ uri: 'file:///work', name: 'work' }] };

/** The newer SDK's client with everything that a client can be asked. */
export async function connectFullV2(url: string, secret: string, mode: VersionNegotiationMode) {
  const client = new Client(
    { name: 'full-client', version: '9.9' },
    { versionNegotiation: { mode }, capabilities: CAPABILITIES },
  );
  const asked: Asked[] = [];
  client.setRequestHandler('elicitation/create', ({ method, params }) => (asked.push({ method, params }), ELICITED));
  client.setRequestHandler('sampling/createMessage', ({ method, params }) => (asked.push({ method, params }), SAMPLED));
  client.setRequestHandler('roots/list', ({ method, params }) => (asked.push({ method, params }), ROOTS));
  const logged: unknown[] = [];
  client.setNotificationHandler('notifications/message', ({ params }) => void logged.push(params.data));
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: buildAuthorization(secret) } }));
  onTestFinished(() => client.close());
  const work = (text: string, onprogress: (report: { progress: number }) => void) =>
    client.callTool({ name: 'work', arguments: { text } }, { onprogress });
  return { client, asked, logged, work };
}

/** The older SDK's client with everything that a client can be asked. */
export async function connectFullV1(url: string, secret: string) {
  const client = new ClientV1({ name: 'full-client', version: '9.9' }, { capabilities: CAPABILITIES });
  const asked: Asked[] = [];
  client.setRequestHandler(ElicitRequestSchema, ({ method, params }) => (asked.push({ method, params }), ELICITED));
  client.setRequestHandler(CreateMessageRequestSchema, ({ method, params }) => (asked.push({ method, params }), SAMPLED));
  client.setRequestHandler(ListRootsRequestSchema, ({ method, params }) => (asked.push({ method, params }), ROOTS));
  const logged: unknown[] = [];
  client.setNotificationHandler(LoggingMessageNotificationSchema, ({ params }) => void logged.push(params.data));
  const transport = new TransportV1(new URL(url), { requestInit: { headers: buildAuthorization(secret) } });
  await client.connect(transport as Parameters<ClientV1['connect']>[0]);
  onTestFinished(() => client.close());
  const work = (text: string, onprogress: (report: { progress: number }) => void) =>
    client.callTool({ name: 'work', arguments: { text } }, undefined, { onprogress });
  return { client, asked, logged, work };
}

/** Any request as a client of 2026-07-28 sends it. */
export function postModern(
  url: string,
  secret: string,
  { method, params = {}, id = 1, capabilities = {}, meta = {} }: ModernRequest,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<Response> {
  const own = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': capabilities,
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '0' },
    ...meta,
  };
  const name = params['uri'] ?? params['name'];
  return post(
    url,
    { jsonrpc: '2.0', id, method, params: { ...params, _meta: own } },
    {
      ...buildAuthorization(secret),
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
      ...headers,
    },
    signal,
  );
}

export interface ModernRequest {
  method: string;
  params?: Record<string, unknown>;
  id?: string | number;
  capabilities?: Record<string, unknown>;
  meta?: Record<string, unknown>;
}

/** The JSON-RPC messages of a stream that ends. */
export function parseMessages(text: string): Record<string, unknown>[] {
  return [...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data!) as Record<string, unknown>);
}

/** Reads the messages of a stream that stays open, one after another. */
export function createMessageReader(response: Response) {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  return {
    async next(): Promise<Record<string, unknown>> {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end !== -1) {
          const [message] = parseMessages(text.slice(0, end));
          text = text.slice(end + 2);
          if (message) return message;
          continue;
        }
        const { done, value } = await reader.read();
        if (done) throw new Error('the stream has ended');
        text += value;
      }
    },
    cancel: () => reader.cancel(),
  };
}
