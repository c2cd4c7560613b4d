import { isIP } from 'node:net';

import { matchesHost, type Guardrails } from '../config/guardrails.ts';
import { isPublicAddress } from './address.ts';

/** The guardrails do not let the agent go there. The message names the place and the remedy. */
export class OutboundRefused extends Error {
  override readonly name = 'OutboundRefused';
}

/** What can be said before an address is known. A literal address is never looked up, so it is judged here. Throws OutboundRefused. */
export function refuseByName(http: Guardrails['http'], url: URL): void {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new OutboundRefused(`${url.protocol} is no way to reach a server; use https.`);
  }
  if (url.username || url.password) {
    throw new OutboundRefused(`The address of ${url.host} holds a user or password; use a credential reference.`);
  }
  if (isPrivateNamed(http, url)) return;
  if (url.protocol !== 'https:') throw new OutboundRefused(notNamed(url.host, 'is not reached over https'));
  if (http.hosts.length > 0 && !matchesHost(http.hosts, url)) {
    throw new OutboundRefused(`${url.host} is not among http.hosts of the agent's guardrails.`);
  }
  const host = bareHost(url.hostname);
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw new OutboundRefused(notNamed(url.host, 'is not a public address'));
}

/** Whether the customer named this host as one inside the perimeter. */
export function isPrivateNamed(http: Guardrails['http'], url: URL): boolean {
  return matchesHost(http.privateHosts, url);
}

export function notNamed(host: string, problem: string): string {
  return `${host} ${problem}. Name it in http.privateHosts of the agent's guardrails to allow that.`;
}

/** A host name as the resolver takes it: an IPv6 literal without its brackets. */
export function bareHost(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
