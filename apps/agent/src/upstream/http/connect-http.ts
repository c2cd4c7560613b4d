import type { ClientFacts, Connection, ServerFacts } from '../client/connection.ts';
import { connectPipe } from '../client/pipe-connection.ts';
import { UnknownRevision, UpstreamFailure } from '../failure.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import { connectLegacyHttp } from './legacy-http.ts';
import { discoverOverHttp } from './modern-http.ts';
import { SsePipe } from './sse-pipe.ts';

/** Which protocol a server over HTTP speaks. `sse`: HTTP+SSE is all it knows of the older one. */
export type HttpVerdict = { era: 'modern'; facts: ServerFacts } | { era: 'legacy'; sse: boolean };

/**
 * Finds out whether a server over HTTP speaks the newer protocol. Statuses that say nothing about that, and a network that fails, reject with
 * UpstreamFailure or the cause.
 */
export async function probeHttp(endpoint: HttpEndpoint, client: ClientFacts, signal: AbortSignal): Promise<HttpVerdict> {
  const facts = await discoverOverHttp(endpoint, client, signal).catch((error: unknown) => {
    // an answer that was cut off says nothing about the protocol
    signal.throwIfAborted();
    if (error instanceof UpstreamFailure && error.code === 'upstream_protocol' && !(error instanceof UnknownRevision))
      return null;
    throw error;
  });
  return facts ? { era: 'modern', facts } : { era: 'legacy', sse: false };
}

/** Connects to a server of the older protocol: Streamable HTTP, or HTTP+SSE where that is all it knows. `sse` says which it was. */
export async function connectLegacy(
  endpoint: HttpEndpoint,
  client: ClientFacts,
  known: { sse: boolean },
  signal: AbortSignal,
): Promise<{ connection: Connection; sse: boolean }> {
  if (known.sse) return { connection: await connectSse(endpoint, client, signal), sse: true };
  try {
    return { connection: await connectLegacyHttp(endpoint, client, signal), sse: false };
  } catch (error) {
    const refused = error instanceof UpstreamFailure && error.status !== null && [400, 404, 405].includes(error.status);
    if (!refused) throw error;
    try {
      return { connection: await connectSse(endpoint, client, signal), sse: true };
    } catch (second) {
      // the answer to Streamable HTTP says more, unless HTTP+SSE began and this side refused it
      throw second instanceof UpstreamFailure ? error : second;
    }
  }
}

function connectSse(endpoint: HttpEndpoint, client: ClientFacts, signal: AbortSignal): Promise<Connection> {
  const { onMessage, log } = endpoint;
  return connectPipe({ pipe: new SsePipe(endpoint), client, shared: false, legacyOnly: true, onMessage, log }, signal);
}
