import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import type { Era } from '../../wire/protocol.ts';
import { runToStart } from '../abort.ts';
import {
  buildOwnKey,
  LEGACY_VERDICT_MS,
  SHARED,
  type Dialled,
  type DialledFor,
  type Dialer,
  type DialRequest,
  type UpstreamDeps,
} from '../client/dialer.ts';
import { describeAgent } from '../client/initialize.ts';
import type { TimedRequest } from '../failure.ts';
import { connectStdio } from './connect-stdio.ts';
import type { MemoryWatch } from './memory-watch.ts';
import { PROCESS_LIMIT, type ProcessSlots } from './process-slots.ts';

export interface StdioDialerOptions extends UpstreamDeps {
  slots: ProcessSlots;
  memory: MemoryWatch;
}

type StdioTransport = Extract<SnapshotServer['transport'], { kind: 'stdio' }>;

/** In place of LEGACY_VERDICT_MS for a server that did not answer the probe: it may only have been slow to start. */
const SILENT_VERDICT_MS = 60_000;
const PROCESS_IDLE_MINUTES = 10;

/** One process for all clients or one for each, as the server is configured. */
export class StdioDialer implements Dialer {
  readonly #slug: string;
  readonly #transport: StdioTransport;
  readonly #timed: TimedRequest;
  readonly #options: StdioDialerOptions;
  /** as the last process spoke; null before the first */
  #era: Era | null = null;
  /** until when the server is known to speak no newer protocol */
  #legacyUntil = Number.NEGATIVE_INFINITY;

  constructor(slug: string, transport: StdioTransport, options: StdioDialerOptions & { timed: TimedRequest }) {
    this.#slug = slug;
    this.#transport = transport;
    this.#timed = options.timed;
    this.#options = options;
  }

  resolveKey(client: DialledFor): string {
    if (this.#transport.processes === 'shared') return SHARED;
    // in the newer protocol each request says what its client can do
    return buildOwnKey(this.#era === 'modern' ? { ...client, declared: '' } : client);
  }

  async dial({ client, signal, listener, makeRoom }: DialRequest): Promise<Dialled> {
    const options = this.#options;
    const name = this.#transport.entry;
    const shared = this.#transport.processes === 'shared';
    const opened = await options.openStdioEntry(name);
    const { entry } = opened;
    const most = entry.maxProcesses ?? PROCESS_LIMIT;
    let slot: (() => void) | null = null;
    await makeRoom(
      () => (slot ??= options.slots.take(name, most)) !== null,
      `All ${most} processes of the stdio entry "${name}" are in use. Try again later, or raise maxProcesses in the guardrails.`,
    );
    const release = () => slot?.();
    const legacyOnly = performance.now() < this.#legacyUntil;
    let verdictMs = LEGACY_VERDICT_MS;
    try {
      const connection = await runToStart(this.#timed, signal, (stop) =>
        connectStdio({ slug: this.#slug }, opened, options, {
          // no client's own capabilities: what the server asks could reach the wrong one
          client: shared ? { info: describeAgent(options.agentVersion).info, capabilities: {} } : client,
          shared,
          legacyOnly,
          startMs: this.#timed.limits.start.ms,
          onSilent: () => (verdictMs = SILENT_VERDICT_MS),
          memory: options.memory,
          listener,
          signal: stop,
        }),
      );
      this.#era = connection.server.era;
      if (connection.server.era === 'legacy' && !legacyOnly) this.#legacyUntil = performance.now() + verdictMs;
      return { connection, shared, idleMs: (entry.idleMinutes ?? PROCESS_IDLE_MINUTES) * 60_000, release };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** A process speaks one protocol. */
  getNewerKey(): null {
    return null;
  }

  /** A new process is asked again anyway. */
  forget(): void {}

  close(): void {}
}
