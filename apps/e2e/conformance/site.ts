import { join } from 'node:path';

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { makeClientKey, makeServer } from '@gatehouse/policy/testing/build';

import type { Endpoint } from '../src/mcp-clients.ts';
import { openProfile } from '../src/open-profile.ts';
import { FULL_CAPABILITIES, listServer, type ServerLists } from '../src/server-lists.ts';
import { SoloAgent } from '../src/solo-agent.ts';
import { UPSTREAMS, type UpstreamKind } from './compare.ts';
import { startHttpReference, type HttpReference } from './reference/http-server.ts';

/** The reference server, and one agent that serves it in a profile for each way to reach it. */
export interface ReferenceSite {
  /** speaks every revision, over HTTP */
  reference: HttpReference;
  agent: SoloAgent;
  endpoints: Record<UpstreamKind, Endpoint>;
  stop(): Promise<void>;
}

/** Starts everything; each profile selects all that the reference offers. Throws when the agent refuses the snapshot. */
export async function startReferenceSite({
  stdioProcesses = 'per_session',
}: { stdioProcesses?: 'shared' | 'per_session' } = {}): Promise<ReferenceSite> {
  const references = {
    http: await startHttpReference(),
    older: await startHttpReference(0, 'older'),
    newer: await startHttpReference(0, 'newer'),
  };
  const main = join(import.meta.dirname, 'reference', 'main.ts');
  const agent = await SoloAgent.create({
    stdio: { reference: { command: process.execPath, args: [main, 'stdio'], cwd: import.meta.dirname } },
  });
  const stop = async () =>
    void (await Promise.all([agent.stop(), ...Object.values(references).map((reference) => reference.close())]));
  const chooseTransport = (kind: UpstreamKind): SnapshotServer['transport'] =>
    kind === 'stdio'
      ? { kind, entry: 'reference', processes: stdioProcesses }
      : { kind: 'http', url: references[kind].url, credential: null };
  try {
    const served = await Promise.all(
      UPSTREAMS.map(async (kind) => {
        const lists = await listReference(references[kind === 'stdio' ? 'http' : kind].url);
        const slug = `reference-${kind}`;
        const server = makeServer({ slug, name: slug, transport: chooseTransport(kind), features: lists.features });
        const profile = openProfile(server, lists);
        return { kind, server, profile, ...makeClientKey(profile) };
      }),
    );
    await agent.serve({
      servers: served.map(({ server }) => server),
      profiles: served.map(({ profile }) => profile),
      clientKeys: served.map(({ key }) => key),
    });
    const endpoints = served.map(({ kind, profile, secret }) => [
      kind,
      { mcpUrl: agent.getMcpUrl(profile.slug), apiKey: secret },
    ]);
    return {
      reference: references.http,
      agent,
      endpoints: Object.fromEntries(endpoints) as Record<UpstreamKind, Endpoint>,
      stop,
    };
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
