import { runToStart } from '../abort.ts';
import type { Attempt } from '../breaker.ts';
import { LEGACY_VERDICT_MS, SHARED, type Dialled, type Dialer, type DialRequest, type UpstreamDeps } from '../client/dialer.ts';
import { describeAgent } from '../client/initialize.ts';
import type { Authorizer } from '../credentials/authorizer.ts';
import { toUpstreamFailure, type TimedRequest } from '../failure.ts';
import { connectLegacy, probeHttp, UNKNOWN_WAY, type HttpVerdict } from './connect-http.ts';
import { openAuthorizer, openHttpEndpoint, type HttpTransport } from './http-endpoint.ts';
import { ModernHttpConnection } from './modern-http.ts';

export interface HttpDialerOptions extends UpstreamDeps {
  limits: { idleMs: number; connections: number };
}

/** Over HTTP the era decides: one connection for all in the newer protocol, one session for each client in the older one. */
export class HttpDialer implements Dialer {
  readonly #transport: HttpTransport;
  readonly #timed: TimedRequest;
  readonly #options: HttpDialerOptions;
  readonly #authorizer: Authorizer;
  readonly #closing = new AbortController();
  #verdict: { value: HttpVerdict; at: number } | null = null;
  #probing: Promise<HttpVerdict> | null = null;

  constructor(transport: HttpTransport, timed: TimedRequest, options: HttpDialerOptions) {
    this.#transport = transport;
    this.#timed = timed;
    this.#options = options;
    this.#authorizer = openAuthorizer(transport, options);
  }

  resolveKey(affinity: string, admit: () => Attempt): Promise<string> | string {
    const keyOf = ({ era }: HttpVerdict) => (era === 'modern' ? SHARED : affinity);
    const known = this.#recallVerdict();
    return known ? keyOf(known) : this.#probeOnce(admit).then(keyOf);
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
    const known = verdict?.era === 'legacy' ? verdict.way : UNKNOWN_WAY;
    const made = await runToStart(this.#timed, signal, (stop) => connectLegacy(endpoint, client, known, stop));
    if (verdict?.era === 'legacy') verdict.way = made.way;
    return { connection: made.connection, shared: false, idleMs, release };
  }

  forget(): void {
    this.#verdict = null;
  }

  close(): void {
    this.#closing.abort();
  }

  #recallVerdict(): HttpVerdict | null {
    if (!this.#verdict) return null;
    const { value, at } = this.#verdict;
    return value.era === 'legacy' && performance.now() - at > LEGACY_VERDICT_MS ? null : value;
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
