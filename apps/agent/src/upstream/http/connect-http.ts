import type { ClientFacts, Connection, ServerFacts } from '../client/connection.ts';
import { connectPipe } from '../client/pipe-connection.ts';
import { UnknownRevision, UpstreamFailure } from '../failure.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import { connectLegacyHttp } from './legacy-http.ts';
import { discoverOverHttp } from './modern-http.ts';
import { SsePipe } from './sse-pipe.ts';

/** How a server over HTTP opens the older protocol, as far as it is known. */
export interface LegacyWay {
  /** HTTP+SSE is all that it knows */
  sse: boolean;
  /** the revision that it took; null: none was asked for yet */
  revision: string | null;
  /** it gave the last client a session */
  keepsSession: boolean;
}

/** Which protocol a server over HTTP speaks. */
export type HttpVerdict = { era: 'modern'; facts: ServerFacts } | { era: 'legacy'; way: LegacyWay };

export const UNKNOWN_WAY: LegacyWay = { sse: false, revision: null, keepsSession: false };

/**
 * Finds out whether a server over HTTP speaks the newer protocol. Statuses that say nothing about that, and a network that fails, reject with
 * UpstreamFailure or the cause.
 */
export async function probeHttp(endpoint: HttpEndpoint, client: ClientFacts, signal: AbortSignal): Promise<HttpVerdict> {
  const facts = await discoverOverHttp(endpoint, client, signal).catch((error: unknown) => {
    // an answer that was cut off says nothing about the protocol
    signal.throwIfAborted();
    if (!(error instanceof UpstreamFailure) || error.code !== 'upstream_protocol') throw error;
    // who is busy has not looked at what it was asked
    if (error instanceof UnknownRevision || error.status === 429) throw error;
    return null;
  });
  return facts ? { era: 'modern', facts } : { era: 'legacy', way: UNKNOWN_WAY };
}

/** Connects to a server of the older protocol: Streamable HTTP, or HTTP+SSE where that is all it knows. `way` is how it went. */
export async function connectLegacy(
  endpoint: HttpEndpoint,
  client: ClientFacts,
  known: LegacyWay,
  signal: AbortSignal,
): Promise<{ connection: Connection; way: LegacyWay }> {
  const throughSse = async () => ({
    connection: await connectSse(endpoint, client, signal),
    way: { ...known, sse: true, keepsSession: true },
  });
  if (known.sse) return throughSse();
  try {
    const { connection, ...way } = await connectLegacyHttp(endpoint, client, known.revision, signal);
    return { connection, way: { sse: false, ...way } };
  } catch (error) {
    const refused = error instanceof UpstreamFailure && error.status !== null && [400, 404, 405].includes(error.status);
    if (!refused) throw error;
    try {
      return await throughSse();
    } catch (second) {
      // the answer to Streamable HTTP says more, unless HTTP+SSE began and this side refused it
      throw second instanceof UpstreamFailure ? error : second;
    }
  }
}

function connectSse(endpoint: HttpEndpoint, client: ClientFacts, signal: AbortSignal): Promise<Connection> {
  const { listener, log } = endpoint;
  return connectPipe({ pipe: new SsePipe(endpoint), client, shared: false, probeMs: null, listener, log }, signal);
}
