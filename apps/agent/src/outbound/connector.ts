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
  /** after how many milliseconds a connection to this origin is given up */
  getConnectMs: (url: URL) => number;
  lookup: Lookup;
  /** null: every server is dialled directly */
  proxy: OutboundProxy | null;
}

/**
 * When a connection is given up, milliseconds. Few, because each has connectors of its own, with the TLS sessions that they may go on with; and
 * longer than what the server may take, so that its own limit ends whoever waits, with a sentence that names it.
 */
const GIVE_UP_MS = [10_000, 30_000, 125_000, 600_000];
const LAST_GIVE_UP_MS = 1_900_000;

/** When a connection that may take so long is given up, milliseconds. */
export function giveConnectMs(connectMs: number): number {
  return GIVE_UP_MS.find((ms) => ms > connectMs) ?? LAST_GIVE_UP_MS;
}

/** Applies the address policy where a connection is made: the address that was checked is the one that is dialled. */
export function buildGuardedConnector(options: ConnectorOptions): buildConnector.connector {
  const { http, lookup, proxy, getConnectMs } = options;
  const ca = options.ca.length > 0 ? [...tls.getCACertificates('default'), ...options.ca] : undefined;
  // said here, so that no environment variable of Node switches it off
  const security = { ca, rejectUnauthorized: true, minVersion: 'TLSv1.2' } as const;
  const build = (timeout: number) => {
    const common = { timeout, allowH2: false, ...security };
    return {
      toAny: buildConnector({ ...common, lookup: toLookupFunction(lookup) }),
      toPublic: buildConnector({ ...common, lookup: lookupPublic(lookup) }),
      throughTunnel: buildConnector(common),
    };
  };
  const built = new Map<number, ReturnType<typeof build>>();
  const getConnectors = (timeout: number) => {
    const connectors = built.get(timeout) ?? build(timeout);
    built.set(timeout, connectors);
    return connectors;
  };

  /** Answers through `callback` alone, as undici wants it: never rejects. */
  async function tunnel(url: URL, via: OutboundProxy, target: buildConnector.Options, callback: buildConnector.Callback) {
    try {
      await requirePermittedName(http, lookup, url);
      const timeoutMs = getConnectMs(url);
      const httpSocket = await openTunnel(via, url, { ...security, timeoutMs });
      getConnectors(timeoutMs).throughTunnel({ ...target, httpSocket }, callback);
    } catch (error) {
      callback(error instanceof Error ? error : new Error(String(error)), null);
    }
  }

  return (target, callback) => {
    const url = new URL(`${target.protocol}//${target.host ?? target.hostname}`);
    const { toAny, toPublic } = getConnectors(getConnectMs(url));
    if (isNamedPrivate(http, url)) toAny(target, callback);
    else if (proxy?.serves(url)) void tunnel(url, proxy, target, callback);
    else toPublic(target, callback);
  };
}
