import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { Logger } from 'pino';

export interface OpsOptions {
  /** what /version answers */
  version: { name: string; version: string; commit?: string | undefined };
  /** rejects while the process cannot do its work */
  ready: () => Promise<void>;
  /** what /metrics answers; the registry of prom-client fits */
  metrics: { contentType: string; metrics(): Promise<string> };
  log: Logger;
}

/** Answers /healthz, /readyz, /metrics and /version. Returns false for any other path, which is then the caller's to answer. */
export type OpsHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

const TYPE_JSON = 'application/json; charset=utf-8';

export function createOpsHandler({ version, ready, metrics, log }: OpsOptions): OpsHandler {
  const routes = new Map<string, () => Promise<Answer>>([
    ['/healthz', async () => json(200, { status: 'ok' })],
    ['/version', async () => json(200, version)],
    ['/metrics', async () => ({ status: 200, type: metrics.contentType, body: await metrics.metrics() })],
    ['/readyz', async () => ((await isReady(ready, log)) ? json(200, { status: 'ready' }) : json(503, { status: 'not ready' }))],
  ]);
  return (request, response) => {
    const route = routes.get(new URL(request.url ?? '/', 'http://ops').pathname);
    if (!route || (request.method !== 'GET' && request.method !== 'HEAD')) return false;
    route().then(
      (answer) => send(response, answer),
      (error: unknown) => {
        log.error({ err: error }, 'ops request failed');
        send(response, json(500, { status: 'failed' }));
      },
    );
    return true;
  };
}

/** A server with nothing but the ops paths. `close` ends open connections. */
export async function startOpsServer(
  options: OpsOptions & { host: string; port: number },
): Promise<{ port: number; close: () => Promise<void> }> {
  const handle = createOpsHandler(options);
  const server = createServer((request, response) => {
    if (!handle(request, response)) send(response, json(404, { status: 'not found' }));
  });
  await listen(server, options.port, options.host);
  return {
    port: addressOf(server).port,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

interface Answer {
  status: number;
  type: string;
  body: string;
}

function json(status: number, value: unknown): Answer {
  return { status, type: TYPE_JSON, body: JSON.stringify(value) };
}

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
}

async function isReady(ready: () => Promise<void>, log: Logger): Promise<boolean> {
  try {
    await ready();
    return true;
  } catch (error) {
    log.warn({ err: error }, 'not ready');
    return false;
  }
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The ops server has no port');
  return address;
}
