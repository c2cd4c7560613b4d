import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import { runToStart } from '../upstream/abort.ts';
import type { Connection, ServerListener } from '../upstream/client/connection.ts';
import { timeServer, type UpstreamDeps } from '../upstream/client/dialer.ts';
import { describeAgent } from '../upstream/client/initialize.ts';
import { connectLegacy, probeHttp } from '../upstream/http/connect-http.ts';
import {
  openAuthorizer,
  openHttpEndpoint,
  type HttpEndpoint,
  type HttpTransport,
  type TimedDeps,
} from '../upstream/http/http-endpoint.ts';
import { ModernHttpConnection } from '../upstream/http/modern-http.ts';
import { connectStdio } from '../upstream/stdio/connect-stdio.ts';
import { MemoryWatch } from '../upstream/stdio/memory-watch.ts';
import type { RpcAnswer, ServerMessage } from '../wire/json-rpc.ts';
import { METHOD, NOTIFICATION, RpcCode } from '../wire/protocol.ts';

/** A connection that is made only to see what its server offers. */
export interface Inspection {
  connection: Connection;
  /** how often the server has said that its tools changed */
  countToolChanges: () => number;
}

export interface InspectionOptions {
  signal: AbortSignal;
  /** the other end answered or, for stdio, its process runs; MCP begins */
  onConnected: () => void;
}

/**
 * Connects as a client that declares every capability, because tools may depend on that, but declines every request of the server. Rejects with
 * UpstreamFailure or the cause; then nothing is left open.
 */
export async function inspectServer(
  server: SnapshotServer,
  deps: UpstreamDeps,
  { signal, onConnected }: InspectionOptions,
): Promise<Inspection> {
  let changes = 0;
  let connection: Connection | null = null;
  const early: ServerMessage[] = [];
  const listener: ServerListener = {
    onMessage(message) {
      if (message.id === undefined) return;
      if (connection) decline(connection, message, deps);
      else early.push(message);
    },
    onListChanged(method) {
      if (method === NOTIFICATION.toolsChanged) changes += 1;
    },
  };
  const { transport } = server;
  const timed = timeServer(server, deps);
  connection = await runToStart(timed, signal, async (stop) => {
    if (transport.kind === 'http') return connectHttp(transport, { ...deps, timed }, { signal: stop, onConnected, listener });
    if (transport.kind === 'rest') throw new Error('a REST server has nothing to connect to');
    return connectStdio(server, await deps.openStdioEntry(transport.entry), deps, {
      client: describeAgent(deps.agentVersion),
      shared: false,
      legacyOnly: false,
      startMs: timed.limits.start.ms,
      memory: new MemoryWatch(),
      listener,
      onStarted: onConnected,
      signal: stop,
    });
  });
  for (const message of early) decline(connection, message, deps);
  return { connection, countToolChanges: () => changes };
}

async function connectHttp(
  transport: HttpTransport,
  deps: TimedDeps,
  { signal, onConnected, listener }: InspectionOptions & { listener: ServerListener },
): Promise<Connection> {
  const client = describeAgent(deps.agentVersion);
  const { send, ...rest } = openHttpEndpoint(transport, openAuthorizer(transport, deps), deps, listener);
  let answered = false;
  const endpoint: HttpEndpoint = {
    ...rest,
    async send(url, init) {
      const answer = await send(url, init);
      if (!answered) onConnected();
      answered = true;
      return answer;
    },
  };
  const verdict = await probeHttp(endpoint, client, signal);
  if (verdict.era === 'modern') return new ModernHttpConnection(endpoint, verdict.facts);
  return (await connectLegacy(endpoint, client, verdict.way, signal)).connection;
}

/** Answers a request of the server: nobody is there who could. */
function decline(connection: Connection, { id, method }: ServerMessage, { log }: UpstreamDeps): void {
  if (id === undefined) return;
  connection
    .answer(id, buildRefusal(method))
    .catch((error: unknown) => log.debug({ err: error }, 'a request of a server was not answered'));
}

function buildRefusal(method: string): RpcAnswer {
  switch (method) {
    case METHOD.listRoots:
      return { result: { roots: [] } };
    case METHOD.elicit:
      return { result: { action: 'decline' } };
    default:
      return { error: { code: RpcCode.methodNotFound, message: 'Not while the server is being looked at' } };
  }
}
