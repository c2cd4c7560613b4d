import { CLIENT_CAPABILITIES_META_KEY, CLIENT_INFO_META_KEY, PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/client';
import { EventSourceParserStream } from 'eventsource-parser/stream';

import { isJsonObject, type JsonObject } from '@gatehouse/policy/json';

import { encodeHeaderValue, paramHeaders } from '../mcp/param-headers.ts';
import type { Connection } from './connect.ts';
import { fromStatus, UpstreamFailure } from './failure.ts';

/** A call as it is sent on: already decided, under the server's own name of the tool. */
export interface ToolCall {
  name: string;
  /** exactly what was judged */
  arguments: JsonObject | undefined;
  inputSchema: JsonObject;
}

export interface HttpCallOptions {
  id: string;
  signal: AbortSignal;
  clientInfo: { name: string; version: string };
  /** the server is being told that nobody waits any more */
  onCancelled(told: Promise<void>): void;
}

type HttpConnection = Connection & { http: NonNullable<Connection['http']> };

/**
 * One `tools/call` as one HTTP request, without the SDK's client in between: exact about limits, statuses and cancellation, and cheap.
 * Resolves with the result as the server sent it. Rejects with UpstreamFailure (`status` 404: the session is gone) or the cause.
 */
export async function callOverHttp(connection: HttpConnection, call: ToolCall, options: HttpCallOptions): Promise<unknown> {
  const { url, fetch } = connection.http;
  const body = JSON.stringify({
    jsonrpc: '2.0',
    id: options.id,
    method: 'tools/call',
    params: { name: call.name, arguments: call.arguments, ...envelope(connection, options.clientInfo) },
  });
  const { signal } = options;
  try {
    const response = await fetch(url, { method: 'POST', headers: headersOf(connection, call), body, signal });
    if (response.status !== 200) throw await refusal(response);
    const answer = await readAnswer(response, options.id);
    if (isJsonObject(answer['error'])) throw rpcError(answer['error']);
    return answer['result'];
  } catch (error) {
    if (signal.aborted && connection.era === 'legacy') options.onCancelled(cancel(connection, options.id));
    throw error;
  }
}

/** In the older protocol a closed request does not stop the work; a notification does. */
function cancel(connection: Connection, requestId: string): Promise<void> {
  const reason = 'The caller stopped waiting.';
  return connection.client.notification({ method: 'notifications/cancelled', params: { requestId, reason } });
}

function envelope(connection: Connection, clientInfo: HttpCallOptions['clientInfo']): { _meta?: JsonObject } {
  if (connection.era === 'legacy') return {};
  return {
    _meta: {
      [PROTOCOL_VERSION_META_KEY]: connection.protocolVersion,
      [CLIENT_CAPABILITIES_META_KEY]: {},
      [CLIENT_INFO_META_KEY]: clientInfo,
    },
  };
}

function headersOf(connection: HttpConnection, call: ToolCall): Headers {
  const headers = new Headers({
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': connection.protocolVersion,
  });
  const sessionId = connection.http.sessionId();
  if (connection.era === 'legacy') {
    if (sessionId !== undefined) headers.set('mcp-session-id', sessionId);
    return headers;
  }
  headers.set('mcp-method', 'tools/call');
  headers.set('mcp-name', encodeHeaderValue(call.name));
  for (const [name, value] of Object.entries(paramHeaders(call.inputSchema, call.arguments ?? {}))) headers.set(name, value);
  return headers;
}

/** A refusal that carries a JSON-RPC error says more than its status. */
async function refusal(response: Response): Promise<UpstreamFailure> {
  const failure = fromStatus(response.status);
  if (failure.code !== 'upstream_protocol' || response.status === 404) {
    await response.body?.cancel();
    return failure;
  }
  const error = parseObject(await response.text())?.['error'];
  return isJsonObject(error) ? rpcError(error) : failure;
}

async function readAnswer(response: Response, id: string): Promise<JsonObject> {
  const type = response.headers.get('content-type') ?? '';
  const isAnswer = (message: JsonObject | null) => message?.['id'] === id && message['method'] === undefined;
  if (type.startsWith('application/json')) {
    const answer = parseObject(await response.text());
    if (answer && isAnswer(answer)) return answer;
  } else if (type.startsWith('text/event-stream') && response.body) {
    const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream()).getReader();
    for (let next = await events.read(); !next.done; next = await events.read()) {
      const message = parseObject(next.value.data);
      if (!message || !isAnswer(message)) continue;
      void drain(events);
      return message;
    }
  }
  throw new UpstreamFailure('upstream_protocol', 'The server ended its answer without a result for this call.');
}

/** Reads on to the end that should follow at once, so that the connection can be used again; a server that does not end is cut off. */
async function drain(events: ReadableStreamDefaultReader<unknown>): Promise<void> {
  const late = setTimeout(() => void events.cancel().catch(() => undefined), 1_000);
  try {
    while (!(await events.read()).done);
  } catch {
    // the answer is already here; how its stream ends changes nothing
  } finally {
    clearTimeout(late);
  }
}

function rpcError(error: JsonObject): UpstreamFailure {
  const message = `The server answered with error ${String(error['code'])}: ${String(error['message'])}`;
  return new UpstreamFailure('upstream_protocol', message.slice(0, 1_000));
}

function parseObject(text: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
