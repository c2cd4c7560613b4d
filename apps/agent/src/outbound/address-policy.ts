import { isIP, type LookupFunction } from 'node:net';

import { stripBrackets } from '@gatehouse/network/hostname';
import { guardLookup, toLookupFunction, type Lookup } from '@gatehouse/network/lookup';
import { isPublicAddress } from '@gatehouse/network/public-address';

import type { Guardrails } from '../config/guardrails/guardrails.ts';
import { matchesHost } from '../config/guardrails/host-pattern.ts';

/** The guardrails do not let the agent go there. The message names the place and the remedy. */
export class OutboundRefused extends Error {
  override readonly name = 'OutboundRefused';
}

/** The server sends the agent on, where it does not go. `said` names no place, and is fit for callers. */
export class RedirectRefused extends OutboundRefused {
  readonly said: string;
  constructor(said: string, remedy: string) {
    super(`${said} ${remedy}`);
    this.said = said;
  }
}

/** Checks what is known before an address is. A literal address is never looked up, so it is checked here. Throws OutboundRefused. */
export function refuseByName(http: Guardrails['http'], url: URL): void {
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw new OutboundRefused(`${url.protocol} is no way to reach a server; use https.`);
  }
  if (url.username || url.password) {
    throw new OutboundRefused(`The address of ${url.host} holds a user or password; use a credential reference.`);
  }
  if (isNamedPrivate(http, url)) return;
  if (url.protocol !== 'https:') throw explainRefusal(url.host, 'is not reached over https');
  if (http.hosts.length > 0 && !matchesHost(http.hosts, url)) {
    throw new OutboundRefused(`${url.host} is not among http.hosts of the agent's guardrails.`);
  }
  const host = stripBrackets(url.hostname);
  if (isIP(host) !== 0 && !isPublicAddress(host)) throw explainRefusal(url.host, 'is not a public address');
}

/** Whether the customer named this host as one inside the perimeter. */
export function isNamedPrivate(http: Guardrails['http'], url: URL): boolean {
  return matchesHost(http.privateHosts, url);
}

/** A lookup for connections to public servers: fails with OutboundRefused for a name with an address that is not public. */
export function lookupPublic(lookup: Lookup): LookupFunction {
  const refuse = (hostname: string) => explainRefusal(hostname, 'has an address that is not public');
  return toLookupFunction(guardLookup(lookup, { isAllowed: isPublicAddress, refuse }));
}

/** Resolves when every address of the host is public. Rejects with OutboundRefused, or with the resolver's own error. */
export function requirePublic(lookup: Lookup, hostname: string): Promise<void> {
  return new Promise((resolve, reject) => {
    lookupPublic(lookup)(hostname, { all: true }, (error) => (error ? reject(error) : resolve()));
  });
}

/**
 * Behind a proxy the proxy dials, so the agent's own answer of the name server is a check and not the dialled address. A name that this
 * machine cannot resolve is one that only the proxy knows: the customer has to name it. Rejects with OutboundRefused.
 */
export async function requirePermittedName(http: Guardrails['http'], lookup: Lookup, url: URL): Promise<void> {
  const host = stripBrackets(url.hostname);
  if (isIP(host) !== 0) return; // checked by refuseByName
  try {
    await requirePublic(lookup, host);
  } catch (error) {
    if (error instanceof OutboundRefused) throw error;
    if (matchesHost(http.hosts, url)) return;
    throw new OutboundRefused(
      `${url.host} cannot be resolved on this machine, only by the proxy. Name it in http.hosts of the agent's guardrails to allow that.`,
      { cause: error },
    );
  }
}

function explainRefusal(host: string, problem: string): OutboundRefused {
  return new OutboundRefused(`${host} ${problem}. Name it in http.privateHosts of the agent's guardrails to allow that.`);
}
