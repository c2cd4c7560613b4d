import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import type { ClientFacts, Connection, ServerListener } from '../client/connection.ts';
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
  /** what all of this may take, milliseconds */
  startMs: number;
  memory: MemoryWatch;
  listener: ServerListener;
  /** the process runs; MCP begins */
  onStarted?: () => void;
  /** the server did not answer which protocol it speaks */
  onSilent?: () => void;
  signal: AbortSignal;
}

/**
 * A server of the older protocol may leave the probe unanswered, and a slow one answers late: how long it is waited for, milliseconds; never more than this
 * part of what the server may take to start.
 */
const PROBE = { ms: 8_000, part: 1 / 4 };

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
  const { client, shared, legacyOnly, startMs, listener, onSilent, signal } = options;
  const probeMs = legacyOnly ? null : Math.min(PROBE.ms, startMs * PROBE.part);
  try {
    return await connectPipe({ pipe, client, shared, probeMs, listener, onSilent, log }, signal);
  } catch (error) {
    // some servers end when they are asked anything before `initialize`
    if (legacyOnly || signal.aborted || !pipe.started) throw error;
    return connectStdio(server, opened, deps, { ...options, legacyOnly: true });
  }
}
