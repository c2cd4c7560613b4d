import type { Outbound, OutboundRequest } from '../outbound/outbound.ts';

export type BoundFetch = (url: URL, init: OutboundRequest) => Promise<Response>;

/** A fetch that adds the credential to requests to one origin, and to no other. */
export function bindFetch(outbound: Outbound, origin: string, credential: [name: string, value: string] | null): BoundFetch {
  return (url, init) => {
    const headers = new Headers(init.headers);
    if (credential && url.origin === origin) headers.set(...credential);
    return outbound.fetch(url, { ...init, headers });
  };
}
