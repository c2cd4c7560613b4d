import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import type { Logger } from 'pino';

import { listen } from './listen.ts';
import { findOpsScope } from './ops-access.ts';
import { answerJson, findOpsAnswer, type OpsAnswer, type OpsScope, type OpsSources } from './ops.ts';
import { serveRequests } from './request-entry.ts';

type OpsOptions = OpsSources & {
  log: Logger;
  /** opens /metrics and /version to others than this machine; null: nobody else sees them */
  token: string | null;
  /** the name that this machine listens on, where that is a name */
  ownName?: string;
};

/** Answers an operations request and returns true; false leaves the request to the caller. `limit`: what this asker may know at most. */
export type OpsHandler = (request: IncomingMessage, response: ServerResponse, limit?: OpsScope) => boolean;

/** Answers GET and HEAD of /healthz and /readyz, and of /metrics and /version for this machine and for who shows the token. */
export function createOpsHandler({ log, token, ownName, ...sources }: OpsOptions): OpsHandler {
  return (request, response, limit) => {
    const { method, url = '' } = request;
    if (method !== 'GET' && method !== 'HEAD') return false;
    const [path = ''] = url.split('?', 1);
    const answer = findOpsAnswer(sources, path, limit === 'probes' ? limit : findOpsScope(request, token, ownName));
    if (!answer) return false;
    answer().then(
      (ready) => send(response, ready),
      (error: unknown) => {
        log.error({ err: error }, 'ops request failed');
        send(response, answerJson(500, { status: 'failed' }));
      },
    );
    return true;
  };
}

/** Probes and scrapers are few, and wait for nothing. */
export const OPS_LIMITS = { connections: 1_000, connectionsPerAddress: 100, headersMs: 10_000, requestMs: 10_000 } as const;

/** A server with nothing but the ops paths. `close` ends open connections. */
export async function startOpsServer(
  options: OpsOptions & { host: string; port: number },
): Promise<{ port: number; close: () => Promise<void> }> {
  const handle = createOpsHandler(options);
  const { connections, connectionsPerAddress, headersMs, requestMs } = OPS_LIMITS;
  const server = createServer({ headersTimeout: headersMs, requestTimeout: requestMs });
  server.maxConnections = connections;
  serveRequests(server, {
    log: options.log,
    onRequest(request, response) {
      if (!handle(request, response)) send(response, answerJson(404, { status: 'not found' }));
    },
    connectionsPerAddress,
  });
  return {
    port: await listen(server, options),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, { status, headers, body }: OpsAnswer): void {
  response.writeHead(status, headers).end(body);
}
