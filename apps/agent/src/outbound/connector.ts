import tls from 'node:tls';

import { buildConnector } from 'undici';

import { toLookupFunction, type Lookup } from '@gatehouse/network/lookup';

import type { Guardrails } from '../config/guardrails/guardrails.ts';
import { isNamedPrivate, lookupPublic, requirePermittedName } from './address-policy.ts';
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

/** Applies the address policy where a connection is made: the address that was checked is the one that is dialled. */
export function buildGuardedConnector(options: ConnectorOptions): buildConnector.connector {
  const { http, lookup, proxy, connectTimeoutMs } = options;
  const ca = options.ca.length > 0 ? [...tls.getCACertificates('default'), ...options.ca] : undefined;
  // said here, so that no environment variable of Node switches it off
  const security = { ca, rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const;
  const common = { timeout: connectTimeoutMs, allowH2: false, ...security };
  const toAny = buildConnector({ ...common, lookup: toLookupFunction(lookup) });
  const toPublic = buildConnector({ ...common, lookup: lookupPublic(lookup) });
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
    if (isNamedPrivate(http, url)) toAny(target, callback);
    else if (proxy?.serves(url)) void tunnel(url, proxy, target, callback);
    else toPublic(target, callback);
  };
}
