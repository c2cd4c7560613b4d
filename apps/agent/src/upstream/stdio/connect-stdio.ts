import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import type { ServerMessage } from '../../wire/json-rpc.ts';
import type { ClientFacts, Connection } from '../client/connection.ts';
import type { UpstreamDeps } from '../client/dialer.ts';
import { connectPipe } from '../client/pipe-connection.ts';
import type { MemoryWatch } from './memory-watch.ts';
import type { OpenedEntry } from './stdio-entries.ts';
import { StdioPipe } from './stdio-pipe.ts';

export interface StdioOptions {
  client: ClientFacts;
  /** several clients use the process */
  shared: boolean;
  /** do not ask for the newer protocol: this server is known not to speak it */
  legacyOnly: boolean;
  memory: MemoryWatch;
  onMessage: (message: ServerMessage) => void;
  /** the process runs; MCP begins */
  onStarted?: () => void;
  /** the server did not answer which protocol it speaks */
  onSilent?: () => void;
  signal: AbortSignal;
}

/** Starts the process of an entry and connects to it. Rejects with UpstreamFailure or the cause; then nothing is left running. */
export async function connectStdio(
  server: Pick<SnapshotServer, 'slug'>,
  opened: OpenedEntry,
  deps: UpstreamDeps,
  options: StdioOptions,
): Promise<Connection> {
  const log = deps.log.child({ server: server.slug });
  const pipe = new StdioPipe({
    opened,
    memory: options.memory,
    onLog: (line) => log.info({ line }, 'stdio server'),
    onStarted: options.onStarted,
  });
  const { client, shared, legacyOnly, onMessage, onSilent, signal } = options;
  try {
    return await connectPipe({ pipe, client, shared, legacyOnly, onMessage, onSilent, log }, signal);
  } catch (error) {
    // some servers end when they are asked anything before `initialize`
    if (legacyOnly || signal.aborted || !pipe.started) throw error;
    return connectStdio(server, opened, deps, { ...options, legacyOnly: true });
  }
}
