import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Logger } from 'pino';

import type { OpsHandler } from '@gatehouse/process/ops-server';

import type { HostGuard } from '../http/host-guard.ts';
import { sendError, sendJson } from '../http/reply.ts';
import { findFramingProblem, PipeliningGuard } from '../http/request.ts';
import { HEADER, RpcCode } from '../wire/protocol.ts';
import type { Admission } from './admission.ts';
import { sendHumanPage } from './human-page.ts';
import type { LegacyEndpoint } from './legacy/endpoint.ts';
import { handlePost, type Endpoints } from './post.ts';
import { refuseMethod, refuseWhileClosing } from './refusals.ts';

export interface RouterOptions extends Endpoints {
  legacy: LegacyEndpoint;
  hostGuard: HostGuard;
  admission: Admission;
  ops?: OpsHandler;
  /** base URL under which this request reached the listener, without a trailing slash */
  formatBaseUrl: (request: IncomingMessage) => string;
  log: Logger;
}

const QUERY_REFUSED =
  'The address takes no query. Send the client key in the Authorization header, and make a new one if it stood in the address.';

/** Brings each HTTP request to where it is answered: operations, the page for people, or the endpoint of a profile. */
export class Router {
  readonly #options: RouterOptions;
  readonly #pipelining = new PipeliningGuard();

  constructor(options: RouterOptions) {
    this.#options = options;
  }

  handle(request: IncomingMessage, response: ServerResponse): void {
    this.#route(request, response).catch((error: unknown) => {
      if (request.destroyed && !request.complete) return response.destroy();
      this.#options.log.error({ err: error }, 'a request failed inside the agent');
      sendError(response, 500, null, { code: RpcCode.internal, message: 'The agent failed while handling this request.' });
    });
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { hostGuard, ops, work, admission, legacy, formatBaseUrl } = this.#options;
    const elsewhere = takePath(request);
    if (elsewhere) return sendError(response, 400, null, { code: RpcCode.invalidRequest, message: elsewhere });
    const framing = findFramingProblem(request) ?? this.#pipelining.check(request, response);
    if (framing) return refuseFraming(response, framing);
    const foreign = hostGuard(request);
    if (ops?.(request, response, foreign === null ? 'all' : 'probes')) return;
    if (foreign) return sendJson(response, 403, { jsonrpc: '2.0', id: null, error: { code: RpcCode.refused, message: foreign } });
    const [, slug, query] = /^\/p\/([a-z0-9-]{1,40})\/mcp\/?(\?.*)?$/.exec(request.url ?? '') ?? [];
    if (slug === undefined) return sendJson(response, 404, { error: 'There is nothing here. An endpoint is /p/<profile>/mcp.' });
    if (query !== undefined) return sendError(response, 400, null, { code: RpcCode.refused, message: QUERY_REFUSED });
    if (isBrowser(request)) return sendHumanPage(response, `${formatBaseUrl(request)}/p/${slug}/mcp`);
    if (work.isClosing() && beginsWork(request)) return refuseWhileClosing(response);
    const admitted = admission.admit(request, response, slug);
    if (!admitted) return;
    switch (request.method) {
      case 'POST':
        return handlePost(this.#options, admitted);
      // only the older protocol has these: a stream of its own for a session, and the end of one
      case 'GET':
        return legacy.handleGet(admitted);
      case 'DELETE':
        return legacy.handleDelete(admitted);
      default:
        return refuseMethod(response);
    }
  }
}

/**
 * A request line may name the whole address, as it does to a proxy: of that the path is left. Null, or why it is refused: what is checked is `Host`, so both
 * have to name the same host.
 */
function takePath(request: IncomingMessage): string | null {
  const [, host, path = ''] = /^https?:\/\/([^/?#]*)(.*)$/i.exec(request.url ?? '') ?? [];
  if (host === undefined) return null;
  if (host.toLowerCase() !== request.headers.host?.toLowerCase()) return 'The address and Host name different hosts.';
  request.url = path.startsWith('/') ? path : `/${path}`;
  return null;
}

function refuseFraming(response: ServerResponse, message: string): void {
  sendError(response, 400, null, { code: RpcCode.invalidRequest, message }, { connection: 'close' });
}

/**
 * Whether a request surely begins something new. A POST inside a session may instead bring the answer that a call under way waits for, which
 * only its body tells.
 */
function beginsWork({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' || (method === 'POST' && headers[HEADER.sessionId] === undefined);
}

function isBrowser({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.authorization === undefined && /text\/html/.test(headers.accept ?? '');
}
