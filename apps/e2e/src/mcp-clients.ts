import { Client as ModernClient, StreamableHTTPClientTransport as ModernTransport } from '@modelcontextprotocol/client';
import { Client as LegacyClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as LegacyTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

export interface Endpoint {
  mcpUrl: string;
  apiKey: string;
}

const buildTransportOptions = (endpoint: Endpoint) => ({
  requestInit: { headers: { authorization: `Bearer ${endpoint.apiKey}` } },
});

/** A client of the 2.x SDK; `auto` asks for the newest revision first. The caller closes it. */
export async function connectModern(endpoint: Endpoint, name = 'e2e-modern'): Promise<ModernClient> {
  const client = new ModernClient({ name, version: '2.4.0' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new ModernTransport(new URL(endpoint.mcpUrl), buildTransportOptions(endpoint)));
  return client;
}

/** A client of the 1.x SDK, which speaks the revisions up to 2025-11-25. The caller closes it. */
export async function connectLegacy(endpoint: Endpoint, name = 'e2e-legacy'): Promise<LegacyClient> {
  const client = new LegacyClient({ name, version: '1.32.2' });
  await client.connect(new LegacyTransport(new URL(endpoint.mcpUrl), buildTransportOptions(endpoint)));
  return client;
}

/** Text of a tool's answer. */
export function getText(result: unknown): string {
  const { content } = result as { content: Array<{ type: string; text?: string }> };
  return content.map((part) => part.text ?? '').join('\n');
}
