import { join } from 'node:path';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import { makeClientKey, makeServer } from '@gatehouse/policy/testing/build';

import type { Endpoint } from '../src/mcp-clients.ts';
import { openProfile } from '../src/open-profile.ts';
import { FULL_CAPABILITIES, listServer, type ServerLists } from '../src/server-lists.ts';
import { SoloAgent } from '../src/solo-agent.ts';
import type { UpstreamKind } from './compare.ts';
import { startHttpReference, type HttpReference } from './reference/http-server.ts';

/** The reference server, and one agent that serves it in two profiles: reached over HTTP and over stdio. */
export interface ReferenceSite {
  reference: HttpReference;
  agent: SoloAgent;
  endpoints: Record<UpstreamKind, Endpoint>;
  stop(): Promise<void>;
}

/** Starts everything; each profile selects all that the reference offers. Throws when the agent refuses the snapshot. */
export async function startReferenceSite({
  stdioProcesses = 'per_session',
}: { stdioProcesses?: 'shared' | 'per_session' } = {}): Promise<ReferenceSite> {
  const reference = await startHttpReference();
  const main = join(import.meta.dirname, 'reference', 'main.ts');
  const agent = await SoloAgent.create({
    stdio: { reference: { command: process.execPath, args: [main, 'stdio'], cwd: import.meta.dirname } },
  });
  const stop = async () => void (await Promise.all([agent.stop(), reference.close()]));
  try {
    const lists = await listReference(reference.url);
    const { features } = lists;
    const servers = {
      http: makeServer({
        slug: 'reference-http',
        name: 'reference-http',
        transport: { kind: 'http', url: reference.url, credential: null },
        features,
      }),
      stdio: makeServer({
        slug: 'reference-stdio',
        name: 'reference-stdio',
        transport: { kind: 'stdio', entry: 'reference', processes: stdioProcesses },
        features,
      }),
    };
    const profiles = { http: openProfile(servers.http, lists), stdio: openProfile(servers.stdio, lists) };
    const keys = { http: makeClientKey(profiles.http), stdio: makeClientKey(profiles.stdio) };
    await agent.serve({
      servers: Object.values(servers),
      profiles: Object.values(profiles),
      clientKeys: [keys.http.key, keys.stdio.key],
    });
    const endpoint = (kind: UpstreamKind) => ({ mcpUrl: agent.getMcpUrl(profiles[kind].slug), apiKey: keys[kind].secret });
    return { reference, agent, endpoints: { http: endpoint('http'), stdio: endpoint('stdio') }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function listReference(url: string): Promise<ServerLists> {
  const options = { capabilities: FULL_CAPABILITIES, versionNegotiation: { mode: 'auto' as const } };
  const client = new Client({ name: 'conformance', version: '1.0.0' }, options);
  await client.connect(new StreamableHTTPClientTransport(new URL(url)));
  try {
    return await listServer(client);
  } finally {
    await client.close();
  }
}
