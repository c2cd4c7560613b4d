import http from 'node:http';
import https from 'node:https';
import { isIP, type Socket } from 'node:net';

import { stripBrackets } from '@gatehouse/network/hostname';
import { readProxyVariables } from '@gatehouse/network/no-proxy';

/** The proxy did not open the way. The message holds no user and no password. */
export class ProxyFailure extends Error {
  override readonly name = 'ProxyFailure';
}

/** A variable that names a proxy is wrong; the message does not repeat its value, which may hold a password. */
export class ProxySettingsError extends Error {
  override readonly name = 'ProxySettingsError';
}

/** The proxy through which public servers are reached. */
export interface OutboundProxy {
  /** host and port, without user and password */
  readonly host: string;
  /** false for a host that NO_PROXY excepts */
  serves(url: URL): boolean;
  /** the CONNECT request as `http.request` takes it, with the proxy's own credential */
  connectOptions(authority: string): https.RequestOptions;
}

export interface TunnelSecurity {
  ca: readonly string[] | undefined;
  rejectUnauthorized: true;
  minVersion: 'TLSv1.2';
  timeoutMs: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads HTTPS_PROXY and NO_PROXY (or their lower-case forms, which win). Null without HTTPS_PROXY: servers are then dialled directly.
 * HTTP_PROXY has no use here: plain http goes to hosts inside the perimeter only. Throws ProxySettingsError.
 */
export function readProxy(environment: Environment): OutboundProxy | null {
  const { proxy: text, isExcepted } = readProxyVariables(environment);
  if (!text) return null;
  const url = URL.parse(text);
  const authorization = url && readBasic(url);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '' || authorization === null) {
    throw new ProxySettingsError(
      'HTTPS_PROXY must be http://[user:password@]host:port or https://…, with other characters than letters and digits in user and password percent-encoded',
    );
  }
  return {
    host: url.host,
    serves: (target) => target.protocol === 'https:' && !isExcepted(target),
    connectOptions: (authority) => ({
      protocol: url.protocol,
      host: stripBrackets(url.hostname),
      // else the name of the Host header, which is the server's, would be looked for in the proxy's certificate
      servername: isIP(stripBrackets(url.hostname)) === 0 ? url.hostname : '',
      port: url.port || (url.protocol === 'https:' ? 443 : 80),
      method: 'CONNECT',
      path: authority,
      headers: { host: authority, ...(authorization && { 'proxy-authorization': authorization }) },
      agent: false,
    }),
  };
}

/** Asks the proxy for a connection to the host and port of `url`. Rejects with ProxyFailure or the error of the connection to the proxy. */
export function openTunnel(proxy: OutboundProxy, url: URL, { timeoutMs, ca, ...security }: TunnelSecurity): Promise<Socket> {
  const authority = `${url.hostname}:${url.port || 443}`;
  const tls = { ...security, ca: ca && [...ca] };
  const options = { ...proxy.connectOptions(authority), ...tls, signal: AbortSignal.timeout(timeoutMs) };
  return new Promise((resolve, reject) => {
    const request = options.protocol === 'https:' ? https.request(options) : http.request(options);
    request.once('connect', ({ statusCode = 0 }, socket: Socket, head) => {
      if (statusCode === 200 && head.length === 0) return resolve(socket);
      socket.destroy();
      reject(new ProxyFailure(describeRefusal(proxy.host, url.host, statusCode)));
    });
    request.once('error', (error: NodeJS.ErrnoException) => {
      const reason = options.signal.aborted ? 'did not answer in time' : `cannot be reached (${error.code ?? error.message})`;
      reject(new ProxyFailure(`The proxy ${proxy.host} ${reason}.`, { cause: error }));
    });
    request.end();
  });
}

function describeRefusal(proxy: string, target: string, status: number): string {
  if (status === 407) {
    return `The proxy ${proxy} did not accept the user and password of HTTPS_PROXY (HTTP 407). Correct them and start the agent again.`;
  }
  if (status === 403) return `The proxy ${proxy} does not allow connections to ${target} (HTTP 403). Ask who runs it.`;
  return `The proxy ${proxy} could not connect to ${target} (HTTP ${status}).`;
}

/** Undefined without a user; null when it cannot be decoded. */
function readBasic({ username, password }: URL): string | undefined | null {
  if (!username && !password) return undefined;
  try {
    const credential = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(credential).toString('base64')}`;
  } catch {
    return null;
  }
}
