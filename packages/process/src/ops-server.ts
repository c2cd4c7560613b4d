import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';

import type { Logger } from 'pino';

import { listen } from './listen.ts';
import { answerJson, findOpsAnswer, type OpsAnswer, type OpsScope, type OpsSources } from './ops.ts';
import { serveRequests } from './request-entry.ts';

type OpsOptions = OpsSources & { log: Logger };

/** Answers an operations request and returns true; false leaves the request to the caller. The scope is `all` unless it is given. */
export type OpsHandler = (request: IncomingMessage, response: ServerResponse, scope?: OpsScope) => boolean;

/** Answers GET and HEAD of /healthz, /readyz, /metrics and /version. */
export function createOpsHandler({ log, ...sources }: OpsOptions): OpsHandler {
  return ({ method, url = '' }, response, scope) => {
    const [path = ''] = url.split('?', 1);
    const answer = method === 'GET' || method === 'HEAD' ? findOpsAnswer(sources, path, scope) : null;
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

/** A server with nothing but the ops paths. `close` ends open connections. */
export async function startOpsServer(
  options: OpsOptions & { host: string; port: number },
): Promise<{ port: number; close: () => Promise<void> }> {
  const handle = createOpsHandler(options);
  const server = createServer();
  serveRequests(server, {
    log: options.log,
    onRequest(request, response) {
      if (!handle(request, response)) send(response, answerJson(404, { status: 'not found' }));
    },
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
