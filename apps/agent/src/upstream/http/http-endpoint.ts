import type { Logger } from 'pino';

import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';

import { CookieJar } from '../../outbound/cookie-jar.ts';
import { withConnectTime, type LeanRequest, type Outbound, type OutboundAnswer } from '../../outbound/outbound.ts';
import type { ServerListener } from '../client/connection.ts';
import type { UpstreamDeps } from '../client/dialer.ts';
import { addHeaders, addQuery, createAuthorizer, type Authorizer } from '../credentials/authorizer.ts';
import type { TimedRequest } from '../failure.ts';

export type HttpTransport = Extract<SnapshotServer['transport'], { kind: 'http' }>;
/** `timed`: how long the server may take, of which making a connection is a part. */
export type TimedDeps = UpstreamDeps & { timed: TimedRequest };
export type BoundRequest = (url: URL, init: LeanRequest) => Promise<OutboundAnswer>;

/** One MCP server over HTTP: its address, and the requests to it with its credential. */
export interface HttpEndpoint {
  url: URL;
  send: BoundRequest;
  listener: ServerListener;
  log: Logger;
}

/** What authenticates the requests to a server; to be kept for as long as its definition stays. */
export function openAuthorizer({ url, credential }: HttpTransport, deps: TimedDeps): Authorizer {
  const outbound = withConnectTime(deps.outbound, deps.timed.limits.start.ms);
  return createAuthorizer(credential, new URL(url).origin, { ...deps, outbound });
}

export function openHttpEndpoint(
  { url: address }: HttpTransport,
  authorizer: Authorizer,
  { outbound, log, timed }: TimedDeps,
  listener: ServerListener,
): HttpEndpoint {
  const url = new URL(address);
  const patient = withConnectTime(outbound, timed.limits.start.ms);
  return { url, send: bindRequest(patient, url, authorizer, new CookieJar()), listener, log };
}

/**
 * A request function that adds the credential and the cookies to requests to the origin of a server, and to no other. A request that is refused although a
 * newer credential can be had is sent once more.
 */
export function bindRequest(
  outbound: Pick<Outbound, 'request'>,
  server: URL,
  authorizer: Authorizer,
  cookies: CookieJar,
): BoundRequest {
  const { origin } = server;
  async function send(url: URL, init: LeanRequest, again: boolean): Promise<OutboundAnswer> {
    if (url !== server && url.origin !== origin) return outbound.request(url, init);
    const credential = await authorizer.authorize(origin, init.signal ?? undefined);
    if (!credential) return outbound.request(url, { ...init, cookies });
    const headers = addHeaders(init.headers ?? {}, credential);
    const answer = await outbound.request(addQuery(url, credential), { ...init, cookies, headers });
    if (answer.status !== 401 || !authorizer.discard(credential) || !again) return answer;
    await answer.body.dump();
    return send(url, init, false);
  }
  return (url, init) => send(url, init, true);
}
