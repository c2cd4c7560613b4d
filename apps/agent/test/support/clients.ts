import { Client, StreamableHTTPClientTransport, type VersionNegotiationMode } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
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
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers: bearer(secret) } }));
  onTestFinished(() => client.close());
  return client;
}

/** The older SDK's client, connected. */
export async function connectV1(url: string, secret: string): Promise<ClientV1> {
  const client = new ClientV1({ name: 'old-client', version: '1.0' });
  const transport = new TransportV1(new URL(url), { requestInit: { headers: bearer(secret) } });
  await client.connect(transport as Parameters<ClientV1['connect']>[0]);
  onTestFinished(() => client.close());
  return client;
}

export function bearer(secret: string): { authorization: string } {
  return { authorization: `Bearer ${secret}` };
}

const JSON_HEADERS = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** One POST of a text or a message, with what a client sends beside it. */
export function post(url: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST',
    headers: { ...JSON_HEADERS, ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

/** A tools/call as a client of 2026-07-28 sends it. */
export function modernCall(name: string, args: unknown, id: string | number = 1) {
  const meta = {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
    'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '0' },
  };
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args, _meta: meta } };
}

export function modernHeaders(name: string): Record<string, string> {
  return { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'tools/call', 'mcp-name': name };
}

/** A session of the older protocol, spoken by hand. */
export async function openSession(url: string, secret: string): Promise<Record<string, string>> {
  const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'raw', version: '0' } };
  const response = await post(url, { jsonrpc: '2.0', id: 0, method: 'initialize', params }, bearer(secret));
  await response.text();
  const headers = {
    ...bearer(secret),
    'mcp-session-id': response.headers.get('mcp-session-id') ?? '',
    'mcp-protocol-version': '2025-11-25',
  };
  await (await post(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, headers)).text();
  return headers;
}

export function legacyCall(name: unknown, args: unknown, id: string | number = 1) {
  return { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } };
}
