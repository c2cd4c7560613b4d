import { runToStart } from '../abort.ts';
import type { Attempt } from '../breaker.ts';
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
import { toUpstreamFailure, type TimedRequest } from '../failure.ts';
import { connectLegacy, probeHttp, UNKNOWN_WAY, type HttpVerdict, type LegacyWay } from './connect-http.ts';
import { openAuthorizer, openHttpEndpoint, type HttpTransport } from './http-endpoint.ts';
import { ModernHttpConnection } from './modern-http.ts';

export interface HttpDialerOptions extends UpstreamDeps {
  limits: { idleMs: number; connections: number };
}

/** The older protocol of a server that speaks the newer one as well, as far as it was asked for. */
interface OlderSide {
  /** null: a client of the older protocol is better served by the newer one */
  way: LegacyWay | null;
  /** monotonic: to be asked again from then on */
  until: number;
}

/** How long it is not asked for when that failed for a reason that says nothing, milliseconds. */
const OLDER_RETRY_MS = 5 * 60_000;

/**
 * Over HTTP the era decides: one connection for all in the newer protocol, one session for each client in the older one. A server that speaks
 * both is spoken to in the protocol of the client at hand.
 */
export class HttpDialer implements Dialer {
  readonly #transport: HttpTransport;
  readonly #timed: TimedRequest;
  readonly #options: HttpDialerOptions;
  readonly #authorizer: Authorizer;
  readonly #closing = new AbortController();
  #verdict: { value: HttpVerdict; at: number } | null = null;
  #probing: Promise<HttpVerdict> | null = null;
  #older: OlderSide | null = null;
  #probingOlder: Promise<OlderSide> | null = null;

  constructor(transport: HttpTransport, timed: TimedRequest, options: HttpDialerOptions) {
    this.#transport = transport;
    this.#timed = timed;
    this.#options = options;
    this.#authorizer = openAuthorizer(transport, options);
  }

  resolveKey(client: DialledFor, admit: () => Attempt): Promise<string> | string {
    const verdict = this.#recallVerdict();
    if (verdict?.era === 'legacy') return buildOwnKey(client);
    if (verdict && client.era === 'modern') return SHARED;
    const older = this.#recallOlder();
    return verdict && older ? chooseSide(client, older) : this.#findKey(client, admit);
  }

  getNewerKey(): string | null {
    return this.#recallVerdict()?.era === 'modern' ? SHARED : null;
  }

  async dial({ key, client, signal, onMessage, makeRoom }: DialRequest): Promise<Dialled> {
    const { idleMs, connections } = this.#options.limits;
    const endpoint = openHttpEndpoint(this.#transport, this.#authorizer, this.#options, onMessage);
    const verdict = this.#verdict?.value;
    const release = () => undefined;
    if (verdict?.era === 'modern' && key === SHARED) {
      return { connection: new ModernHttpConnection(endpoint, verdict.facts), shared: true, idleMs, release };
    }
    await makeRoom(() => true, `All ${connections} connections to this server are in use. Try again later.`);
    const known = (verdict?.era === 'legacy' ? verdict.way : this.#older?.way) ?? UNKNOWN_WAY;
    const made = await runToStart(this.#timed, signal, (stop) => connectLegacy(endpoint, client, known, stop));
    if (verdict?.era === 'legacy') verdict.way = made.way;
    return { connection: made.connection, shared: false, idleMs, release };
  }

  forget(): void {
    this.#verdict = null;
    this.#older = null;
  }

  close(): void {
    this.#closing.abort();
  }

  #recallVerdict(): HttpVerdict | null {
    if (!this.#verdict) return null;
    const { value, at } = this.#verdict;
    return value.era === 'legacy' && performance.now() - at > LEGACY_VERDICT_MS ? null : value;
  }

  #recallOlder(): OlderSide | null {
    return this.#older && performance.now() < this.#older.until ? this.#older : null;
  }

  async #findKey(client: DialledFor, admit: () => Attempt): Promise<string> {
    const verdict = this.#recallVerdict() ?? (await this.#probeOnce(admit));
    if (verdict.era === 'legacy') return buildOwnKey(client);
    return client.era === 'modern' ? SHARED : chooseSide(client, this.#recallOlder() ?? (await this.#probeOlderOnce()));
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
    const endpoint = openHttpEndpoint(this.#transport, this.#authorizer, this.#options, () => undefined);
    let way: LegacyWay | null = null;
    let forMs = LEGACY_VERDICT_MS;
    try {
      const signal = this.#closing.signal;
      const made = await runToStart(this.#timed, signal, (stop) => connectLegacy(endpoint, client, UNKNOWN_WAY, stop));
      if (made.way.keepsSession) way = made.way;
      await made.connection.close();
    } catch (error) {
      const failure = toUpstreamFailure(error);
      if (failure.code !== 'upstream_protocol' || failure.status === 429) forMs = OLDER_RETRY_MS;
      this.#options.log.debug({ err: failure }, 'a server of the newer protocol does not speak the older one');
    }
    return (this.#older = { way, until: performance.now() + forMs });
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
    const endpoint = openHttpEndpoint(this.#transport, this.#authorizer, this.#options, () => undefined);
    let attempt: Attempt | null = null;
    try {
      attempt = admit();
      const value = await runToStart(this.#timed, this.#closing.signal, (stop) => probeHttp(endpoint, client, stop));
      this.#verdict = { value, at: performance.now() };
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

function chooseSide({ affinity }: DialledFor, { way }: OlderSide): string {
  return way ? affinity : SHARED;
}
