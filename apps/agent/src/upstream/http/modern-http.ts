import type { RpcAnswer, RpcError, ServerMessage } from '../../wire/json-rpc.ts';
import { writeBody } from '../../wire/json-text.ts';
import { restoreProgressToken } from '../../wire/meta.ts';
import { mirrorRequest } from '../../wire/mirrored-headers.ts';
import { METHOD, MODERN_VERSION, RpcCode } from '../../wire/protocol.ts';
import { InFlight } from '../abort.ts';
import { noteListChange, type ClientFacts, type Connection, type McpRequest, type ServerFacts } from '../client/connection.ts';
import { buildModernMeta, readDiscoverResult } from '../client/initialize.ts';
import { createAgentClosedFailure, toStatusFailure, UpstreamFailure } from '../failure.ts';
import { readHttpAnswer, describeMissingAnswer } from './http-answer.ts';
import type { HttpEndpoint } from './http-endpoint.ts';
import { findSessionEnd, toSessionFailure } from './session-end.ts';

/** Streamable HTTP of 2026-07-28: every request stands alone and says for whom it is. */
export class ModernHttpConnection implements Connection {
  readonly server: ServerFacts;
  readonly #options: HttpEndpoint;
  readonly #inFlight = new InFlight();
  #nextId = 1;

  constructor(options: HttpEndpoint, server: ServerFacts) {
    this.#options = options;
    this.server = server;
  }

  async request(request: McpRequest): Promise<RpcAnswer> {
    const flight = this.#inFlight.begin(request.signal);
    try {
      return await ask(this.#options, this.#nextId++, { ...request, signal: flight.signal });
    } finally {
      flight.end();
    }
  }

  /** This protocol has no notifications from clients over HTTP. */
  notify(): Promise<void> {
    return Promise.resolve();
  }

  /** This protocol has no questions on its streams; they are part of results. */
  answer(): Promise<void> {
    return Promise.resolve();
  }

  /** HTTP has no lasting connection: only the next request notices that the server is gone. */
  onLost(): void {}

  close(): Promise<void> {
    this.#inFlight.end(createAgentClosedFailure());
    return Promise.resolve();
  }
}

/** Asks whether the server speaks the newer protocol; null when it does not. Rejects as `readHttpAnswer` does. */
export async function discoverOverHttp(
  options: HttpEndpoint,
  client: ClientFacts,
  signal: AbortSignal,
): Promise<ServerFacts | null> {
  const params = { _meta: buildModernMeta(client, null) };
  return readDiscoverResult(await ask(options, 0, { method: METHOD.discover, params, signal }));
}

async function ask(
  options: HttpEndpoint,
  id: number,
  { method, params, headers, signal, onMessage, waitForReader, onNoRoom, onHeadersRefused }: McpRequest,
): Promise<RpcAnswer> {
  const { log } = options;
  const receive = (message: ServerMessage) => {
    // there are no questions on the streams of this protocol
    if (message.id !== undefined) log.warn({ method: message.method.slice(0, 60) }, 'a server asked where it may not');
    else onMessage?.(message);
  };
  try {
    const response = await options.send(options.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...mirrorRequest(method, params, MODERN_VERSION),
        ...headers,
      },
      body: writeBody({ jsonrpc: '2.0', id, method, params }),
      signal,
      onNoRoom,
      longLived: method === METHOD.listen,
    });
    const take = (message: ServerMessage) => {
      noteListChange(options.listener, message);
      receive(restoreProgressToken(message, params));
    };
    const isHandshake = method === METHOD.discover;
    const read = await readHttpAnswer(response, { id, onMessage: take, waitForReader, isHandshake, log });
    if (!read.answer) throw describeMissingAnswer(read.words);
    if ('error' in read.answer && method !== METHOD.discover) refuseOlderProtocol(read.answer.error, response.status);
    // under any other status, or behind messages, something may have taken the request and say this of one of its own
    const isRefused = 'error' in read.answer && read.answer.error.code === RpcCode.headerMismatch && response.status === 400;
    if (isRefused) onHeadersRefused?.();
    return read.answer;
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof UpstreamFailure && REFUSALS.includes(error.status) ? toSessionFailure(error, STATELESS) : error;
  }
}

/** This protocol has no session, so a server that misses one speaks it no more. */
const STATELESS = { inSession: false, accepted: false } as const;
/** Statuses of a refusal, with the errors that this protocol defines for them. */
const REFUSALS: readonly (number | null)[] = [400, 404, 405];
const DEFINED: readonly RpcError['code'][] = [
  RpcCode.parseError,
  RpcCode.invalidRequest,
  RpcCode.methodNotFound,
  RpcCode.invalidParams,
  RpcCode.headerMismatch,
  RpcCode.missingCapability,
  RpcCode.unsupportedVersion,
];

/** Throws UpstreamFailure when a server refuses in the way of the older protocol, which it may speak since it was started anew. */
function refuseOlderProtocol(error: RpcError, status: number): void {
  if (!REFUSALS.includes(status) || DEFINED.includes(error.code)) return;
  const found = findSessionEnd(error, status, STATELESS);
  throw found?.ended ?? toStatusFailure(status, { wait: '', words: error.message });
}
