import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import {
  authorizerOf,
  connectLegacy,
  connectStdio,
  httpOptionsOf,
  probeHttp,
  withinConnectTime,
  type HttpTransport,
  type UpstreamDeps,
} from '../upstream/client/connect.ts';
import type { Connection, RpcAnswer, ServerMessage } from '../upstream/client/connection.ts';
import { agentFacts } from '../upstream/client/introductions.ts';
import { MemoryWatch } from '../upstream/stdio/memory-watch.ts';
import { ModernHttpConnection } from '../upstream/http/modern-http.ts';

export interface Look {
  connection: Connection;
  /** how often the server has said that its tools changed */
  changes: () => number;
}

export interface LookOptions {
  signal: AbortSignal;
  /** the other end answered or, for stdio, its process runs; MCP begins */
  onConnected: () => void;
}

/**
 * Connects to a server only to see what it offers: as a client that offers everything back, because tools may depend on that, but that does
 * none of it. Rejects with UpstreamFailure or the cause; then nothing is left open.
 */
export async function lookAt(server: SnapshotServer, deps: UpstreamDeps, { signal, onConnected }: LookOptions): Promise<Look> {
  let changes = 0;
  let connection: Connection | null = null;
  const early: ServerMessage[] = [];
  const onMessage = (message: ServerMessage) => {
    if (message.method === 'notifications/tools/list_changed') changes += 1;
    if (message.id === undefined) return;
    if (connection) decline(connection, message, deps);
    else early.push(message);
  };
  const { transport } = server;
  connection = await withinConnectTime(signal, async (stop) => {
    if (transport.kind === 'http') return connectHttp(transport, deps, { signal: stop, onConnected, onMessage });
    if (transport.kind === 'rest') throw new Error('a REST server has nothing to connect to');
    return connectStdio(server, await deps.openStdioEntry(transport.entry), deps, {
      client: agentFacts(deps.agentVersion),
      shared: false,
      legacyOnly: false,
      memory: new MemoryWatch(),
      onMessage,
      onStarted: onConnected,
      signal: stop,
    });
  });
  for (const message of early) decline(connection, message, deps);
  return { connection, changes: () => changes };
}

interface HttpLook extends LookOptions {
  onMessage: (message: ServerMessage) => void;
}

async function connectHttp(transport: HttpTransport, deps: UpstreamDeps, look: HttpLook): Promise<Connection> {
  const facts = agentFacts(deps.agentVersion);
  let answered = false;
  const options = httpOptionsOf(transport, authorizerOf(transport, deps), deps, {
    message: look.onMessage,
    answered: () => {
      if (!answered) look.onConnected();
      answered = true;
    },
  });
  const verdict = await probeHttp(options, facts, look.signal);
  if (verdict.era === 'modern') return new ModernHttpConnection(options, verdict.facts);
  return (await connectLegacy(options, facts, verdict, look.signal)).connection;
}

/** Nobody is there to be asked. */
function decline(connection: Connection, { id, method }: ServerMessage, { log }: UpstreamDeps): void {
  if (id === undefined) return;
  connection.answer(id, refusalOf(method)).catch((error: unknown) => log.debug({ err: error }, 'a question was not answered'));
}

function refusalOf(method: string): RpcAnswer {
  switch (method) {
    case 'roots/list':
      return { result: { roots: [] } };
    case 'elicitation/create':
      return { result: { action: 'decline' } };
    default:
      return { error: { code: -32601, message: 'Not while the server is being looked at' } };
  }
}
