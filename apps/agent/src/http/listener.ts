import http, { type RequestListener } from 'node:http';
import https from 'node:https';

import type { Logger } from 'pino';

import { isLoopback } from '@gatehouse/network/hostname';
import { serveRequests } from '@gatehouse/process/request-entry';

import type { Scheme } from './own-urls.ts';
import { StalledReaders } from './stalled-readers.ts';
import type { TlsFiles } from './tls-files.ts';
import { TlsReload, type TlsState } from './tls-reload.ts';

/** Bounds on what a connection may take before anybody is known. */
export interface ListenLimits {
  handshakeTimeoutMs: number;
  /** milliseconds for the headers; Node counts those of the first request from when the connection was opened, also while nothing comes */
  headersTimeoutMs: number;
  /** milliseconds for a request with its body, however slowly it drips; counted from the same moment */
  requestTimeoutMs: number;
  /** milliseconds that an idle connection is kept */
  keepAliveMs: number;
  headerBytes: number;
  connections: number;
  /** of these from one address: a client that is not known yet cannot take them all */
  connectionsPerAddress: number;
  /** milliseconds between two looks for slow requests and for certificates on disk */
  sweepMs: number;
  /** milliseconds between two looks for clients that do not read */
  readersSweepMs: number;
}

export const LISTEN_LIMITS: ListenLimits = {
  handshakeTimeoutMs: 15_000,
  // not less than an idle connection is kept: a client that opens one ahead of its need, and uses it as it is ended, is answered 408
  headersTimeoutMs: 65_000,
  requestTimeoutMs: 95_000,
  keepAliveMs: 65_000,
  headerBytes: 16 * 1024,
  connections: 10_000,
  connectionsPerAddress: 1_000,
  sweepMs: 2_000,
  readersSweepMs: 1_000,
};

/** On loopback everybody may come through one proxy of this machine. */
export function chooseConnectionsPerAddress(host: string): number {
  return isLoopback(host) ? LISTEN_LIMITS.connections : LISTEN_LIMITS.connectionsPerAddress;
}

export interface HttpListenerOptions {
  host: string;
  /** 0: any free port */
  port: number;
  /** null: plain HTTP */
  tls: TlsFiles | null;
  limits: ListenLimits;
  log: Logger;
  now: () => Date;
}

export interface HttpListener {
  scheme: Scheme;
  port: number;
  /** null on plain HTTP */
  getTls(): TlsState | null;
  /** Takes the handler of every request. Call it in the turn in which the listener came, before any request can. */
  serve(onRequest: RequestListener): void;
  /** Takes no new connection, cuts the open ones, resolves when none is left. */
  close(): Promise<void>;
}

/** Listens for HTTP or HTTPS, TLS 1.2 and newer. Rejects when the address cannot be had, or with TlsFilesError. */
export async function listenHttp(options: HttpListenerOptions): Promise<HttpListener> {
  const { limits, log } = options;
  const bounds = {
    // the host guard answers a missing Host itself
    requireHostHeader: false,
    headersTimeout: limits.headersTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: limits.sweepMs,
    maxHeaderSize: limits.headerBytes,
  };
  const secure = options.tls && (await openSecure(options, options.tls, bounds));
  const server = secure?.server ?? http.createServer(bounds);
  // Node drops headers over this number without a word, and a dropped Origin would not be checked; the bytes are bounded anyway
  server.maxHeadersCount = 0;
  server.maxConnections = limits.connections;
  const readers = new StalledReaders(server, { sweepMs: limits.readersSweepMs });
  const stopWatching = async () => {
    readers.close();
    await secure?.reload.close();
  };
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  }).catch(async (error: unknown) => {
    await stopWatching();
    throw error;
  });
  server.on('error', (error) => log.warn({ err: error }, 'the listener for AI clients'));
  const address = server.address();
  return {
    scheme: secure ? 'https' : 'http',
    port: typeof address === 'object' && address ? address.port : options.port,
    getTls: () => secure?.reload.getState() ?? null,
    serve: (onRequest) => serveRequests(server, { log, onRequest, connectionsPerAddress: limits.connectionsPerAddress }),
    async close() {
      await stopWatching();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

async function openSecure(
  { limits, log, now }: HttpListenerOptions,
  files: TlsFiles,
  bounds: http.ServerOptions,
): Promise<{ server: https.Server; reload: TlsReload }> {
  const security = { minVersion: 'TLSv1.2' } as const;
  const { reload, pair } = await TlsReload.open({
    files,
    apply: ({ cert, key }) => server.setSecureContext({ cert, key, ...security }),
    log,
    now,
    everyMs: limits.sweepMs,
  });
  const { cert, key } = pair;
  const server = https.createServer({ ...bounds, ...security, cert, key, handshakeTimeout: limits.handshakeTimeoutMs });
  return { server, reload };
}
