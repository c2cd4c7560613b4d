import { hash } from 'node:crypto';

import type { Logger } from 'pino';

import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import type { AgentMessage, DefinitionsObserved, DiscoveryOutcome } from '@gatehouse/protocol/messages';

import type { CurrentConfig } from '../config/current.ts';
import { limitToFrame, type RunDiscovery, tellOffer } from './discovery-tasks.ts';

/** Milliseconds, but for `burst`. */
export interface WatchTimings {
  /** between two looks at what is due */
  turnMs: number;
  /** between two looks at one server of which something was heard; after so many of them in a row each waits for `pauseMs` */
  gapMs: number;
  burst: number;
  pauseMs: number;
  /** after a look that failed or a report that was refused, and while a server does not have what is published */
  retryMs: number;
  /** between two looks at a server of which nothing was heard: over the network, and one that is a program to be started */
  everyMs: { http: number; stdio: number };
}
const TIMINGS: WatchTimings = {
  turnMs: 15_000,
  gapMs: 2_000,
  burst: 5,
  pauseMs: 60_000,
  retryMs: 5 * 60_000,
  everyMs: { http: 5 * 60_000, stdio: 30 * 60_000 },
};
/** Servers that are looked at, or connected to, at one time. */
const AT_A_TIME = 4;

export interface DefinitionWatchOptions {
  current: CurrentConfig;
  /** reads what a server offers, over a connection of its own */
  look: RunDiscovery;
  /** Has a connection over which the server can announce changes; `anew`: a new one in any case. Rejects when there is none. */
  listen: (server: SnapshotServer, control: { anew: boolean; signal: AbortSignal }) => Promise<void>;
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

/** Times are monotonic. */
interface Watched {
  /** digest of what it listed last to calls, by list */
  listed: Map<string, string>;
  /** digest of the offer that the hub has noted */
  noted: string | null;
  isDue: boolean;
  notBefore: number;
  lookedAt: number;
  /** looks that may follow each other closely, as of `lookedAt` */
  spare: number;
}

/**
 * Says to the hub what the servers of the configuration offer here, whenever that is something else than it has noted. It looks when the hub is there, when a
 * server announces a change or has listed something else to a call, and now and then. A call is held to what its server lists just then, with or without
 * this: so the control plane learns of it.
 */
export class DefinitionWatch {
  readonly #options: DefinitionWatchOptions;
  readonly #timings: WatchTimings;
  readonly #stop = new AbortController();
  readonly #timer: NodeJS.Timeout;
  readonly #unsubscribe: () => void;
  readonly #watched = new Map<string, Watched>();
  /** under way, by server */
  readonly #looks = new Map<string, Promise<void>>();
  #listening: Promise<void> | null = null;
  #soon: NodeJS.Timeout | undefined;
  #hub: Hub | null = null;
  /** one report is unanswered at a time */
  #reporting: Promise<unknown> = Promise.resolve();
  #answer: PromiseWithResolvers<Answer> | null = null;

  constructor(options: DefinitionWatchOptions) {
    this.#options = options;
    this.#timings = options.timings ?? TIMINGS;
    this.#timer = setInterval(() => this.#takeTurn(), this.#timings.turnMs).unref();
    this.#unsubscribe = options.current.onChange(() => this.#takeNew());
  }

  /** A server has listed this to calls; `digest` tells two such lists apart. */
  noteListed(serverId: string, list: string, digest: string): void {
    const watched = this.#getWatched(serverId);
    if (watched.listed.get(list) === digest) return;
    watched.listed.set(list, digest);
    this.noteAnnounced(serverId);
  }

  /** A server said that a list of its has changed. */
  noteAnnounced(serverId: string): void {
    this.#getWatched(serverId).isDue = true;
    this.#wake();
  }

  connect(hub: Hub): void {
    this.#hub = hub;
    this.#takeTurn();
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
    this.#unsubscribe();
    clearInterval(this.#timer);
    clearTimeout(this.#soon);
    this.dropHub();
    await Promise.all([...this.#looks.values(), this.#listening]);
  }

  /** A server that a configuration adds is looked at and listened to at once: what it announces before the next turn would not be heard. */
  #takeNew(): void {
    if (this.#listServers().some(({ id }) => !this.#watched.has(id))) this.#takeTurn();
  }

  #takeTurn(): void {
    this.#wake();
    this.#listening ??= this.#listenToAll().finally(() => (this.#listening = null));
  }

  #wake(): void {
    while (this.#looks.size < AT_A_TIME) {
      const server = this.#pickDue();
      if (!server) break;
      const look = this.#lookAndReport(server, this.#getWatched(server.id)).finally(() => {
        this.#looks.delete(server.id);
        this.#wake();
      });
      this.#looks.set(server.id, look);
    }
    this.#wakeForNextDue();
  }

  /** What was heard of is looked at as soon as it may be, not with the next turn. */
  #wakeForNextDue(): void {
    clearTimeout(this.#soon);
    const waiting = [...this.#watched].filter(([id, { isDue }]) => isDue && !this.#looks.has(id));
    if (waiting.length === 0 || this.#stop.signal.aborted || this.#looks.size >= AT_A_TIME) return;
    const inMs = Math.min(...waiting.map(([, { notBefore }]) => notBefore)) - performance.now();
    // what is due and was not picked waits for something else than the time
    if (inMs > 0 && inMs < this.#timings.turnMs) this.#soon = setTimeout(() => this.#wake(), inMs + 1).unref();
  }

  /** Only while somebody listens. A server that does not have what is published may have it again, and calls would not tell. */
  #pickDue(): SnapshotServer | undefined {
    const servers = this.#listServers();
    if (servers.length === 0) return undefined;
    const config = this.#options.current.get();
    const profiles = [...(config?.compiled.profilesById.values() ?? [])];
    const { retryMs, everyMs } = this.#timings;
    const now = performance.now();
    return servers.find(({ id, transport }) => {
      if (this.#looks.has(id)) return false;
      const { isDue, notBefore, lookedAt } = this.#getWatched(id);
      if (now < notBefore) return false;
      const isLong = now >= lookedAt + (transport.kind === 'stdio' ? everyMs.stdio : everyMs.http);
      return isDue || isLong || (now >= notBefore + retryMs && profiles.some(({ heldServerIds }) => heldServerIds.has(id)));
    });
  }

  /** Those that list something and are used; none while there is no hub to tell. */
  #listServers(): SnapshotServer[] {
    if (this.#stop.signal.aborted || !this.#hub?.canUse('observations')) return [];
    const config = this.#options.current.get();
    const servers = config?.compiled.serversById ?? new Map<string, SnapshotServer>();
    for (const id of this.#watched.keys()) if (!servers.has(id)) this.#watched.delete(id);
    return [...servers.values()].filter(({ id, transport }) => transport.kind !== 'rest' && !config?.withheld.has(id));
  }

  /** Over the network a server can announce changes also while nobody calls it. A program is not kept running for that. */
  async #listenToAll(): Promise<void> {
    const servers = this.#listServers().filter(({ transport }) => transport.kind === 'http');
    const next = async (): Promise<void> => {
      for (let server = servers.shift(); server && !this.#stop.signal.aborted; server = servers.shift())
        await this.#listenTo(server, false);
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, next));
  }

  async #listenTo(server: SnapshotServer, anew: boolean): Promise<void> {
    const { listen, log } = this.#options;
    await listen(server, { anew, signal: this.#stop.signal }).catch((error: unknown) =>
      log.debug({ err: error, server: server.slug }, 'changes of a server are not heard'),
    );
  }

  async #lookAndReport(server: SnapshotServer, watched: Watched): Promise<void> {
    const { retryMs } = this.#timings;
    const wasHeardOf = watched.isDue;
    this.#spend(watched);
    // a server that was started anew has forgotten who listened
    if (!wasHeardOf && server.transport.kind === 'http') await this.#listenTo(server, true);
    const outcome = limitToFrame(await this.#look(server));
    const answer = outcome.status === 'failed' ? 'refused' : await this.#reportNews(server, watched, outcome);
    if (answer === 'noted') return;
    watched.isDue = true;
    if (answer === 'refused') watched.notBefore = performance.now() + retryMs;
  }

  /** A look may follow the one before closely as long as that is not the rule. */
  #spend(watched: Watched): void {
    const { gapMs, burst, pauseMs } = this.#timings;
    const now = performance.now();
    const spare = Math.min(burst, watched.spare + (now - watched.lookedAt) / Math.max(pauseMs, 1)) - 1;
    Object.assign(watched, { isDue: false, lookedAt: now, spare, notBefore: now + (spare >= 1 ? gapMs : (1 - spare) * pauseMs) });
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
    server: SnapshotServer,
    watched: Watched,
    { status: _status, ...offer }: { status: 'succeeded' } & DefinitionsObserved['offer'],
  ): Promise<Answer> {
    const digest = hash('sha256', JSON.stringify(offer));
    if (digest === watched.noted) return 'noted';
    const before = this.#reporting;
    const report = before.then(() => this.#report(server, offer));
    this.#reporting = report;
    const answer = await report;
    this.#options.log.info({ server: server.slug, answer }, 'the hub was told what a server offers here');
    if (answer === 'noted') watched.noted = digest;
    return answer;
  }

  async #report({ id: serverId }: SnapshotServer, offer: DefinitionsObserved['offer']): Promise<Answer> {
    const waiting = (this.#answer = Promise.withResolvers<Answer>());
    const hub = this.#hub;
    if (!hub?.send({ type: 'definitions-observed', serverId, offer: tellOffer(offer, hub) })) this.settleReport('gone');
    const answer = await waiting.promise;
    this.#answer = null;
    return answer;
  }

  #getWatched(serverId: string): Watched {
    const known = this.#watched.get(serverId);
    if (known) return known;
    const never = Number.NEGATIVE_INFINITY;
    const watched: Watched = { listed: new Map(), noted: null, isDue: false, notBefore: never, lookedAt: never, spare: 0 };
    this.#watched.set(serverId, watched);
    return watched;
  }
}
