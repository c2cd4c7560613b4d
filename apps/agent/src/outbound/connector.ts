import { isIP } from 'node:net';
import tls from 'node:tls';

import { buildConnector } from 'undici';

import { matchesHost, type Guardrails } from '../config/guardrails.ts';
import { bareHost, isPrivateNamed, OutboundRefused } from './address-policy.ts';
import { everyLookup, publicLookup, requirePublic, type Lookup } from './lookup.ts';
import { openTunnel, type OutboundProxy } from './proxy.ts';

export interface ConnectorOptions {
  http: Guardrails['http'];
  /** certificate authorities beside the public ones, PEM */
  ca: readonly string[];
  connectTimeoutMs: number;
  lookup: Lookup;
  /** null: every server is dialled directly */
  proxy: OutboundProxy | null;
}

/** Judges a connection where it is made: the address that was checked is the one that is dialled. */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  const { http, lookup, proxy, connectTimeoutMs } = options;
  const ca = options.ca.length > 0 ? [...tls.getCACertificates('default'), ...options.ca] : undefined;
  // said here, so that no environment variable of Node switches it off
  const security = { ca, rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const;
  const common = { timeout: connectTimeoutMs, allowH2: false, ...security };
  const toAny = buildConnector({ ...common, lookup: everyLookup(lookup) });
  const toPublic = buildConnector({ ...common, lookup: publicLookup(lookup) });
  const throughTunnel = buildConnector(common);

  /** Answers through `callback` alone, as undici wants it: never rejects. */
  async function tunnel(url: URL, via: OutboundProxy, target: buildConnector.Options, callback: buildConnector.Callback) {
    try {
      await requirePermittedName(http, lookup, url);
      const httpSocket = await openTunnel(via, url, { ...security, timeoutMs: connectTimeoutMs });
      throughTunnel({ ...target, httpSocket }, callback);
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)), null);
    }
  }

  return (target, callback) => {
    const url = new URL(`${target.protocol}//${target.host ?? target.hostname}`);
    if (isPrivateNamed(http, url)) toAny(target, callback);
    else if (proxy?.serves(url)) void tunnel(url, proxy, target, callback);
    else toPublic(target, callback);
  };
}

/**
 * Behind a proxy the proxy dials, so the agent's own answer of the name server is a check and not the dialled address. A name that this
 * machine cannot resolve is one that only the proxy knows: the customer has to name it.
 */
export async function requirePermittedName(http: Guardrails['http'], lookup: Lookup, url: URL): Promise<void> {
  const host = bareHost(url.hostname);
  if (isIP(host) !== 0) return; // judged by refuseByName
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
