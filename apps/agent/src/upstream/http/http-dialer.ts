import { runToStart } from '../abort.ts';
import type { Attempt } from '../breaker.ts';
import type { ServerListener } from '../client/connection.ts';
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
import type { Authorizer } from '../credentials/authorizer.ts';
import { createToldFailure, toUpstreamFailure, type TimedRequest } from '../failure.ts';
import { connectLegacy, probeHttp, UNKNOWN_WAY, type HttpVerdict, type LegacyWay } from './connect-http.ts';
import { openAuthorizer, openHttpEndpoint, type HttpTransport, type TimedDeps } from './http-endpoint.ts';
import { ModernHttpConnection } from './modern-http.ts';

export interface HttpDialerOptions extends UpstreamDeps {
  limits: { idleMs: number; connections: number };
  /** monotonic, milliseconds */
  readClock: () => number;
}

/** The older protocol of a server that speaks the newer one as well, as far as it was asked for. */
interface OlderSide {
  /** null: a client of the older protocol is better served by the newer one */
  way: LegacyWay | null;
  /** monotonic: to be asked again from then on */
  until: number;
}

/** How long a server is not asked again when that failed for a reason that says nothing, milliseconds. */
const RETRY_MS = 5 * 60_000;
/**
 * How long a client of the older protocol waits until it is known whether there is an older side: then it is served by the newer one. Milliseconds; never
 * more than this part of what the server may take to start, which counts this too.
 */
const OLDER_PATIENCE = { ms: 5_000, part: 1 / 4 };

/**
 * Over HTTP the era decides: one connection for all in the newer protocol, one session for each client in the older one. A server that speaks
 * both is spoken to in the protocol of the client at hand.
 */
export class HttpDialer implements Dialer {
  readonly #transport: HttpTransport;
  readonly #timed: TimedRequest;
  readonly #options: HttpDialerOptions;
  readonly #deps: TimedDeps;
  readonly #authorizer: Authorizer;
  readonly #closing = new AbortController();
  /** `renewAt`: monotonic; what was found counts until something else is */
  #verdict: { value: HttpVerdict; renewAt: number } | null = null;
  #probing: Promise<HttpVerdict> | null = null;
  #older: OlderSide | null = null;
  #probingOlder: Promise<OlderSide> | null = null;

  constructor(transport: HttpTransport, timed: TimedRequest, options: HttpDialerOptions) {
    this.#transport = transport;
    this.#timed = timed;
    this.#options = options;
    this.#deps = { ...options, timed };
    this.#authorizer = openAuthorizer(transport, this.#deps);
  }

  resolveKey(client: DialledFor, admit: () => Attempt): Promise<string> | string {
    const verdict = this.#recallVerdict(admit);
    if (verdict?.era === 'legacy') return buildOwnKey(client);
    if (verdict && client.era === 'modern') return SHARED;
    const older = verdict && this.#recallOlder();
    return older ? chooseSide(client, older) : this.#findKey(client, admit);
  }

  getNewerKey(): string | null {
    return this.#verdict?.value.era === 'modern' ? SHARED : null;
  }

  async dial({ key, client, signal, listener, makeRoom }: DialRequest): Promise<Dialled> {
    const { idleMs, connections } = this.#options.limits;
    const endpoint = openHttpEndpoint(this.#transport, this.#authorizer, this.#deps, listener);
    const verdict = this.#verdict?.value;
    const release = () => undefined;
    if (key === SHARED) {
      // it broke since the key was chosen: a session of the older protocol belongs to one client
      if (verdict?.era !== 'modern') throw createToldFailure('upstream_unreachable', PROTOCOL_CHANGED, { byUs: true });
      return { connection: new ModernHttpConnection(endpoint, verdict.facts), shared: true, idleMs, release };
    }
    await makeRoom(() => true, `All ${connections} connections to this server are in use. Try again later.`);
    const known = (verdict?.era === 'legacy' ? verdict.way : this.#older?.way) ?? UNKNOWN_WAY;
    const made = await runToStart(this.#timed, signal, (stop) => connectLegacy(endpoint, client, known, stop)).catch(
      (error: unknown) => {
        // the older side is gone: from the next call on the newer one serves its clients
        const { code, status } = toUpstreamFailure(error, signal);
        if (this.#older?.way && code === 'upstream_protocol' && status !== 429) this.#older = { way: null, until: 0 };
        throw error;
      },
    );
    if (verdict?.era === 'legacy') verdict.way = made.way;
    return { connection: made.connection, shared: false, idleMs, release };
  }

  forget(): void {
    this.#verdict = null;
    // that there was none is what counts until it is asked again, so that nobody waits for it
    this.#older = this.#older?.way === null ? { way: null, until: 0 } : null;
  }

  close(): void {
    this.#closing.abort();
  }

  /** What is known at this moment. A server that spoke only the older protocol may have been renewed: it is asked while calls go on. */
  #recallVerdict(admit: () => Attempt): HttpVerdict | null {
    const verdict = this.#verdict;
    const now = this.#options.readClock();
    if (verdict?.value.era === 'legacy' && now >= verdict.renewAt && !this.#probing) {
      verdict.renewAt = now + RETRY_MS;
      this.#probeOnce(admit).catch((error: unknown) =>
        this.#options.log.debug({ err: error }, 'a server did not say which protocol it speaks by now'),
      );
    }
    return verdict?.value ?? null;
  }

  /** What is known at this moment, which is renewed while calls go on; null: nothing yet. */
  #recallOlder(): OlderSide | null {
    if (this.#older && this.#options.readClock() >= this.#older.until) void this.#probeOlderOnce();
    return this.#older;
  }

  async #findKey(client: DialledFor, admit: () => Attempt): Promise<string> {
    const verdict = this.#recallVerdict(admit) ?? (await this.#probeOnce(admit));
    if (verdict.era === 'legacy') return buildOwnKey(client);
    if (client.era === 'modern') return SHARED;
    const older = this.#recallOlder() ?? (await this.#askForOlder());
    // the newer side may have broken while the older one was asked for
    return this.#verdict?.value.era === 'modern' ? chooseSide(client, older) : this.#findKey(client, admit);
  }

  /** Whoever waited long enough is served by the newer side, and the asking goes on. */
  async #askForOlder(): Promise<OlderSide> {
    const { promise, resolve } = Promise.withResolvers<OlderSide>();
    const giveUp = () => resolve((this.#older ??= { way: null, until: this.#options.readClock() + RETRY_MS }));
    const timer = setTimeout(giveUp, Math.min(OLDER_PATIENCE.ms, this.#timed.limits.start.ms * OLDER_PATIENCE.part));
    void this.#probeOlderOnce().then(resolve);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
    }
  }

  #probeOlderOnce(): Promise<OlderSide> {
    this.#probingOlder ??= this.#probeOlder().finally(() => {
      this.#probingOlder = null;
    });
    return this.#probingOlder;
  }

  /**
   * Finds out whether a server of the newer protocol speaks the older one as well, with sessions: without one it could neither ask nor announce
   * anything, which the newer protocol can. Never rejects, because the newer one is spoken whatever becomes of this.
   */
  async #probeOlder(): Promise<OlderSide> {
    const client = describeAgent(this.#options.agentVersion);
    const endpoint = openHttpEndpoint(this.#transport, this.#authorizer, this.#deps, NOBODY);
    let way: LegacyWay | null = null;
    let forMs = LEGACY_VERDICT_MS;
    try {
      const signal = this.#closing.signal;
      const made = await runToStart(this.#timed, signal, (stop) => connectLegacy(endpoint, client, UNKNOWN_WAY, stop));
      if (made.way.keepsSession) way = made.way;
      await made.connection.close();
    } catch (error) {
      const failure = toUpstreamFailure(error);
      if (failure.code !== 'upstream_protocol' || failure.status === 429) forMs = RETRY_MS;
      this.#options.log.debug({ err: failure }, 'a server of the newer protocol does not speak the older one');
    }
    return (this.#older = { way, until: this.#options.readClock() + forMs });
  }

  /** However many clients come at once, the server is asked once. */
  #probeOnce(admit: () => Attempt): Promise<HttpVerdict> {
    this.#probing ??= this.#probe(admit).finally(() => {
      this.#probing = null;
    });
    return this.#probing;
  }

  async #probe(admit: () => Attempt): Promise<HttpVerdict> {
    const client = describeAgent(this.#options.agentVersion);
    const endpoint = openHttpEndpoint(this.#transport, this.#authorizer, this.#deps, NOBODY);
    let attempt: Attempt | null = null;
    try {
      attempt = admit();
      const value = await runToStart(this.#timed, this.#closing.signal, (stop) => probeHttp(endpoint, client, stop));
      this.#verdict = { value, renewAt: this.#options.readClock() + LEGACY_VERDICT_MS };
      attempt.succeed();
      return value;
    } catch (error) {
      const { code } = toUpstreamFailure(error);
      if (code === 'upstream_unreachable' || code === 'upstream_timeout') attempt?.fail();
      else attempt?.drop();
      throw error;
    }
  }
}

const NOBODY: ServerListener = { onMessage: () => undefined };
const PROTOCOL_CHANGED = 'The server changed its protocol while it was connected to. Try again.';

function chooseSide(client: DialledFor, { way }: OlderSide): string {
  return way ? buildOwnKey(client) : SHARED;
}
