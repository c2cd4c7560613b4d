import type { LeanRequest, Outbound, OutboundAnswer } from '../../outbound/outbound.ts';
import type { Authorizer } from '../credentials/authorizer.ts';

export type BoundRequest = (url: URL, init: LeanRequest) => Promise<OutboundAnswer>;

/**
 * A request function that adds the credential to requests to one origin, and to no other. A request that is refused although a newer credential
 * can be had is sent once more.
 */
export function bindRequest(outbound: Pick<Outbound, 'request'>, origin: string, authorizer: Authorizer): BoundRequest {
  async function send(url: URL, init: LeanRequest, again: boolean): Promise<OutboundAnswer> {
    const credential = url.origin === origin ? await authorizer.authorize(origin, init.signal ?? undefined) : null;
    if (!credential) return outbound.request(url, init);
    const [name, value] = credential;
    const answer = await outbound.request(url, { ...init, headers: { ...init.headers, [name.toLowerCase()]: value } });
    if (answer.status !== 401 || !authorizer.refused(value) || !again) return answer;
    await answer.body.dump();
    return send(url, init, false);
  }
  return (url, init) => send(url, init, true);
}
