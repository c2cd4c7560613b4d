import { canonicalJson } from '@gatehouse/policy/canonical';
import type { SnapshotServer } from '@gatehouse/policy/snapshot';
import type { ServerHealth } from '@gatehouse/protocol/messages';

import type { CurrentConfig } from '../config/current.ts';
import { UpstreamFailure } from './failure.ts';
import { Upstream, type UpstreamOptions } from './upstream.ts';

export interface UpstreamPoolOptions extends UpstreamOptions {
  current: CurrentConfig;
}

/** The upstreams of the active configuration. Connections are made by the first call and closed when their server changes or goes. */
export class UpstreamPool {
  readonly #options: UpstreamPoolOptions;
  readonly #upstreams = new Map<string, Upstream>();
  readonly #retiring = new Map<Upstream, Promise<void>>();
  readonly #unsubscribe: () => void;
  #closed = false;

  constructor(options: UpstreamPoolOptions) {
    this.#options = options;
    this.#unsubscribe = options.current.onChange(() => this.#retireOutdated());
  }

  /** The upstream for a server as the caller's configuration defines it. Throws UpstreamFailure when it is defined otherwise by now. */
  of(server: SnapshotServer): Upstream {
    const existing = this.#upstreams.get(server.id);
    if (existing && isSame(existing.server, server)) return existing;
    const active = this.#options.current.get()?.compiled.serversById.get(server.id);
    if (this.#closed || !active || !isSame(active, server)) {
      throw new UpstreamFailure('upstream_unreachable', 'The configuration changed while this call was under way. Try again.');
    }
    const upstream = new Upstream(server, this.#options);
    this.#upstreams.set(server.id, upstream);
    return upstream;
  }

  /** One entry per server of the active configuration. */
  health(): ServerHealth[] {
    const servers = this.#options.current.get()?.snapshot.content.servers ?? [];
    return servers.map(({ id }) => ({
      serverId: id,
      ...(this.#upstreams.get(id)?.health() ?? { state: 'unused' as const, error: null, at: null }),
    }));
  }

  /** Resolves when every connection is closed and every child process has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    const open = [...this.#upstreams.values(), ...this.#retiring.keys()];
    this.#upstreams.clear();
    await Promise.allSettled(open.map((upstream) => upstream.close()));
  }

  #retireOutdated(): void {
    const serversById = this.#options.current.get()?.compiled.serversById;
    for (const [id, upstream] of this.#upstreams) {
      const server = serversById?.get(id);
      if (server && isSame(upstream.server, server)) {
        upstream.server = server;
        continue;
      }
      this.#upstreams.delete(id);
      this.#retire(upstream);
    }
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
  return a === b || canonicalJson(a) === canonicalJson(b);
}
