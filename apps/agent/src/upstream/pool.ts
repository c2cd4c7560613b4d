import { toCanonicalJson } from '@gatehouse/policy/documents/canonical';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import type { ServerHealth } from '@gatehouse/protocol/messages';

import type { CurrentConfig } from '../config/current.ts';
import { RpcCode } from '../wire/protocol.ts';
import { timeServer, type UpstreamDeps } from './client/dialer.ts';
import { describeAgent } from './client/initialize.ts';
import type { UpstreamClient } from './conversation.ts';
import { createToldFailure, UpstreamFailure, type TimedRequest } from './failure.ts';
import type { UpstreamHealth } from './health.ts';
import { findIgnoredTexts } from './ignored-texts.ts';
import { McpUpstream } from './mcp-upstream.ts';
import { isRest, RestUpstream } from './rest/rest-upstream.ts';
import { MemoryWatch } from './stdio/memory-watch.ts';
import { ProcessSlots } from './stdio/process-slots.ts';
import type { Upstream, UpstreamLimits, UpstreamOptions } from './upstream.ts';
import type { WithheldSince } from './withheld-list.ts';

export interface UpstreamPoolOptions extends UpstreamDeps {
  current: CurrentConfig;
  /** removes held credentials */
  scrub: (text: string) => string;
  limits?: Partial<UpstreamLimits>;
  /** how often idle connections are looked for, milliseconds */
  sweepMs?: number;
  memory?: MemoryWatch;
  /** tells the age of what servers listed; monotonic, milliseconds */
  readClock?: () => number;
  /** a server has listed what it defines, over a connection of calls; `digest` tells two lists apart */
  onListed?: UpstreamOptions['onListed'];
  onAnnounced?: UpstreamOptions['onAnnounced'];
  /** why servers cannot be used, whatever was found by using them */
  listWithheld: () => ReadonlyMap<string, WithheldSince>;
}

const LIMITS: UpstreamLimits = { idleMs: 30 * 60_000, connections: 1_000, heldMs: 10 * 60_000 };
const SWEEP_MS = 30_000;
const UNUSED: UpstreamHealth = { state: 'unused', error: null, at: null, retryAt: null, protocolVersion: null, connections: 0 };

/** The agent itself, which calls nothing: it hears what a server announces. */
const LISTENER: Omit<UpstreamClient, 'facts'> = {
  keyId: '',
  affinity: 'agent:listener',
  declared: '',
  era: 'modern',
  getLogLevel: () => null,
  onMessage: (_serverId, _message, answer) =>
    answer?.({ error: { code: RpcCode.methodNotFound, message: 'There is nobody to ask on this connection.' } }),
};

interface Pooled {
  upstream: Upstream;
  /** what it was made for, as the newest configuration that it is in says it */
  server: SnapshotServer;
}

/** The upstreams of the active configuration. Connections are made when they are needed and closed when their server changes or goes. */
export class UpstreamPool {
  readonly #options: UpstreamPoolOptions;
  readonly #shared: Pick<UpstreamOptions, 'limits' | 'slots' | 'memory' | 'readClock'>;
  readonly #upstreams = new Map<string, Pooled>();
  readonly #retiring = new Map<Upstream, Promise<void>>();
  /** the limits of its tools, found once: a server has as many as its configuration names */
  readonly #timed = new WeakMap<SnapshotServer, Map<string | null, TimedRequest>>();
  readonly #unsubscribe: () => void;
  readonly #sweeper: NodeJS.Timeout;
  #closed = false;

  constructor(options: UpstreamPoolOptions) {
    const { limits, sweepMs = SWEEP_MS, memory = new MemoryWatch(), readClock = () => performance.now() } = options;
    this.#options = options;
    this.#shared = { limits: { ...LIMITS, ...limits }, slots: new ProcessSlots(), memory, readClock };
    this.#unsubscribe = options.current.onChange(() => this.#retireOutdated());
    this.#sweeper = setInterval(() => this.#upstreams.forEach(({ upstream }) => upstream.sweep()), sweepMs).unref();
  }

  /**
   * The upstream for a server as the caller's configuration defines it: the one way to a server of the configuration. Throws UpstreamFailure
   * when it is withheld, or defined otherwise by now.
   */
  requireUpstream(server: SnapshotServer): Upstream {
    const config = this.#options.current.get();
    const withheld = config?.withheld.get(server.id);
    if (withheld) throw new UpstreamFailure('guardrail', `This agent does not use this server: ${withheld.reason}`);
    const existing = this.#upstreams.get(server.id);
    if (existing && isSame(existing.server, server)) return existing.upstream;
    const active = config?.compiled.serversById.get(server.id);
    if (this.#closed || !active || !isSame(active, server)) {
      throw createToldFailure('upstream_unreachable', 'The configuration changed while this call was under way. Try again.');
    }
    const { current } = this.#options;
    const findIgnored = (id: string) => findIgnoredTexts(current.get()?.compiled, id);
    const options = { ...this.#options, ...this.#shared, findIgnored };
    const upstream = isRest(server) ? new RestUpstream(server, options) : new McpUpstream(server, options);
    this.#upstreams.set(server.id, { upstream, server });
    return upstream;
  }

  /** How long a request to a server may take, for one of its tools when that is named. */
  timeRequest(server: SnapshotServer, tool: string | null): TimedRequest {
    const ofServer = this.#timed.get(server) ?? new Map<string | null, TimedRequest>();
    const known = ofServer.get(tool);
    if (known) return known;
    const timed = timeServer(server, this.#options, tool);
    this.#timed.set(server, ofServer.set(tool, timed));
    return timed;
  }

  /** A client is gone: connections and processes that it alone used are closed. */
  endClient(affinity: string): void {
    for (const upstream of this.#listOpen()) upstream.endClient(affinity);
  }

  /**
   * Has a connection of the agent's own to a server, over which that can announce changes while no client uses it; `anew`: in the place of the one
   * that there is. Rejects with UpstreamFailure.
   */
  async listen(server: SnapshotServer, { anew, signal }: { anew: boolean; signal: AbortSignal }): Promise<void> {
    const upstream = this.requireUpstream(server);
    if (anew) upstream.endClient(LISTENER.affinity);
    await upstream.open({ ...LISTENER, facts: describeAgent(this.#options.agentVersion) }, signal);
  }

  /** One entry per server of the active configuration. */
  listHealth(): ServerHealth[] {
    const listed = this.#options.listWithheld();
    return Array.from(this.#options.current.get()?.compiled.serversById.keys() ?? [], (id) => {
      const health = { serverId: id, ...(this.#upstreams.get(id)?.upstream.getHealth() ?? UNUSED) };
      const withheld = listed.get(id);
      return withheld ? { ...health, state: 'unreachable', error: withheld.reason, at: withheld.at } : health;
    });
  }

  /** Resolves when every connection is closed and every child process has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    clearInterval(this.#sweeper);
    const open = this.#listOpen();
    this.#upstreams.clear();
    await Promise.allSettled(open.map((upstream) => upstream.close()));
  }

  #retireOutdated(): void {
    const serversById = this.#options.current.get()?.compiled.serversById;
    for (const [id, { upstream, server }] of this.#upstreams) {
      const now = serversById?.get(id);
      if (now && isSame(server, now)) {
        this.#upstreams.set(id, { upstream, server: now });
        continue;
      }
      this.#upstreams.delete(id);
      this.#retire(upstream);
    }
  }

  #listOpen(): Upstream[] {
    return [...Array.from(this.#upstreams.values(), ({ upstream }) => upstream), ...this.#retiring.keys()];
  }

  #retire(upstream: Upstream): void {
    const retiring = upstream
      .retire()
      .catch((error: unknown) => this.#options.log.warn({ err: error }, 'upstream not closed'))
      .finally(() => this.#retiring.delete(upstream));
    this.#retiring.set(upstream, retiring);
  }
}

function isSame(a: SnapshotServer, b: SnapshotServer): boolean {
  return a === b || toCanonicalJson(a) === toCanonicalJson(b);
}
