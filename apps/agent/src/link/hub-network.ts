import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';

import { isLoopback } from '@gatehouse/network/hostname';

/** How the hub is reached: the customer's own CA beside the public ones, and the proxy variables of the environment. */
export interface HubNetwork {
  /** PEM file of further certificate authorities */
  caFile: string | null;
  /** HTTPS_PROXY, HTTP_PROXY, NO_PROXY as Node's agents read them */
  proxyEnvironment: Record<string, string | undefined>;
}

/** The hub's address is not one the agent may use; one line. */
export class HubAddressError extends Error {
  override readonly name = 'HubAddressError';
}

/** Parses a hub URL; unencrypted websockets only to this machine. Throws HubAddressError. */
export function parseHubUrl(hub: string): URL {
  const url = new URL(hub);
  if (url.protocol === 'ws:' && !isLoopback(url.hostname)) {
    throw new HubAddressError(`The hub ${hub} is not encrypted. Use wss://; ws:// is only for a hub on this machine.`);
  }
  return url;
}

/** One agent per process for one hub. Loopback never goes through a proxy. */
export function openHubAgent(hub: URL, network: HubNetwork): http.Agent {
  if (hub.protocol === 'ws:') return new http.Agent({ keepAlive: false });
  const options = {
    keepAlive: false,
    // said here, so that no environment variable of Node switches it off
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2' as const,
    ca: network.caFile === null ? undefined : [...tls.getCACertificates('default'), readFileSync(network.caFile, 'utf8')],
    proxyEnv: network.proxyEnvironment,
  };
  return new https.Agent(options);
}
