import { hash } from 'node:crypto';

import type { Logger } from 'pino';

import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import type { AgentMessage, DefinitionsObserved, DiscoveryOutcome } from '@gatehouse/protocol/messages';

import type { CurrentConfig } from '../config/current.ts';
import { limitToFrame, type RunDiscovery, tellOffer } from './discovery-tasks.ts';

/** Milliseconds. */
export interface WatchTimings {
  /** between two looks at what is due */
  turnMs: number;
  /** between two looks at one server, whatever it lists meanwhile */
  pauseMs: number;
  /** after a look that failed or a report that was refused, and while a server does not have what is published */
  retryMs: number;
}
const TIMINGS: WatchTimings = { turnMs: 15_000, pauseMs: 60_000, retryMs: 5 * 60_000 };

export interface DefinitionWatchOptions {
  current: CurrentConfig;
  /** reads what a server offers, over a connection of its own */
  look: RunDiscovery;
  log: Logger;
  timings?: WatchTimings;
}

/** The hub that is connected. */
interface Hub {
  canUse(feature: 'observations' | 'left-out'): boolean;
  send(message: AgentMessage): boolean;
}

/** What became of a report; `gone`: nobody knows. */
type Answer = 'noted' | 'refused' | 'gone';

interface Watched {
  /** digest of what it listed last to calls, by list */
  listed: Map<string, string>;
  /** digest of the offer that the hub has noted */
  noted: string | null;
  isDue: boolean;
  /** monotonic */
  notBefore: number;
}

/**
 * Says to the hub what the servers of the configuration offer here, whenever that is something else than it has noted. A call is held to what its server
 * lists just then, with or without this: so the control plane learns of it. One server is looked at a time.
 */
export class DefinitionWatch {
  readonly #options: DefinitionWatchOptions;
  readonly #timings: WatchTimings;
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #watched = new Map<string, Watched>();
  #hub: Hub | null = null;
  #running: Promise<void> | null = null;
  /** of the report that is unanswered */
  #answer: PromiseWithResolvers<Answer> | null = null;

  constructor(options: DefinitionWatchOptions) {
    this.#options = options;
    this.#timings = options.timings ?? TIMINGS;
    this.#timer = setInterval(() => this.#wake(), this.#timings.turnMs).unref();
  }

  /** A server has listed this to calls; `digest` tells two such lists apart. */
  noteListed(serverId: string, list: string, digest: string): void {
    const watched = this.#getWatched(serverId);
    if (watched.listed.get(list) === digest) return;
    watched.listed.set(list, digest);
    watched.isDue = true;
    this.#wake();
  }

  connect(hub: Hub): void {
    this.#hub = hub;
    this.#wake();
  }

  dropHub(): void {
    this.#hub = null;
    this.settleReport('gone');
  }

  /** The hub has answered the report that it was sent. */
  settleReport(answer: Answer): void {
    this.#answer?.resolve(answer);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    clearInterval(this.#timer);
    this.dropHub();
    await this.#running;
  }

  #wake(): void {
    this.#running ??= this.#run().finally(() => (this.#running = null));
  }

  async #run(): Promise<void> {
    for (let server = this.#pickDue(); server; server = this.#pickDue())
      await this.#lookAndReport(server, this.#getWatched(server.id));
  }

  /** Only while somebody listens. A server that does not have what is published may have it again, and calls would not tell. */
  #pickDue(): SnapshotServer | undefined {
    if (this.#stop.signal.aborted || !this.#hub?.canUse('observations')) return undefined;
    const config = this.#options.current.get();
    const servers = config?.compiled.serversById ?? new Map<string, SnapshotServer>();
    const profiles = [...(config?.compiled.profilesById.values() ?? [])];
    for (const id of this.#watched.keys()) if (!servers.has(id)) this.#watched.delete(id);
    const now = performance.now();
    return [...servers.values()].find(({ id, transport }) => {
      if (transport.kind === 'rest' || config?.withheld.has(id)) return false;
      const { isDue, notBefore } = this.#getWatched(id);
      if (isDue) return now >= notBefore;
      return now >= notBefore + this.#timings.retryMs && profiles.some(({ heldServerIds }) => heldServerIds.has(id));
    });
  }

  async #lookAndReport(server: SnapshotServer, watched: Watched): Promise<void> {
    const { pauseMs, retryMs } = this.#timings;
    watched.isDue = false;
    watched.notBefore = performance.now() + pauseMs;
    const outcome = limitToFrame(await this.#look(server));
    const answer = outcome.status === 'failed' ? 'refused' : await this.#reportNews(server, watched, outcome);
    if (answer === 'noted') return;
    watched.isDue = true;
    if (answer === 'refused') watched.notBefore = performance.now() + retryMs;
  }

  async #look(server: SnapshotServer): Promise<DiscoveryOutcome> {
    const { look, log } = this.#options;
    try {
      const outcome = await look(server, { onProgress: () => undefined, signal: this.#stop.signal });
      if (outcome.status === 'failed')
        log.info({ server: server.slug, reason: outcome.message }, 'it could not be seen what a server offers');
      return outcome;
    } catch (error) {
      log.error({ err: error, server: server.slug }, 'the look at a server failed');
      return { status: 'failed', code: 'internal', message: 'The agent failed to look; see its log.' };
    }
  }

  async #reportNews(
    { id: serverId, slug }: SnapshotServer,
    watched: Watched,
    { status: _status, ...offer }: { status: 'succeeded' } & DefinitionsObserved['offer'],
  ): Promise<Answer> {
    const digest = hash('sha256', JSON.stringify(offer));
    if (digest === watched.noted) return 'noted';
    const waiting = (this.#answer = Promise.withResolvers<Answer>());
    const hub = this.#hub;
    if (!hub?.send({ type: 'definitions-observed', serverId, offer: tellOffer(offer, hub) })) this.settleReport('gone');
    const answer = await waiting.promise;
    this.#answer = null;
    this.#options.log.info({ server: slug, answer }, 'the hub was told what a server offers here');
    if (answer === 'noted') watched.noted = digest;
    return answer;
  }

  #getWatched(serverId: string): Watched {
    const known = this.#watched.get(serverId);
    if (known) return known;
    const watched: Watched = { listed: new Map(), noted: null, isDue: false, notBefore: 0 };
    this.#watched.set(serverId, watched);
    return watched;
  }
}
