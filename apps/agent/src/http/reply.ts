import type { ServerResponse } from 'node:http';

import { toBody, type JsonPieces } from '../wire/json-parts.ts';
import type { RpcError, RpcId } from '../wire/json-rpc.ts';
import { writeJson } from '../wire/json-text.ts';

/** Answers a request with a result. `result` becomes JSON here and only here. */
export function sendResult(
  response: ServerResponse,
  id: RpcId | null,
  result: unknown,
  headers: Record<string, string> = {},
): void {
  sendJson(response, 200, { jsonrpc: '2.0', id, result }, headers);
}

/** `status`: 200 for an answer to a request that was understood, else what the refusal is in HTTP. */
export function sendError(
  response: ServerResponse,
  status: number,
  id: RpcId | null,
  error: RpcError,
  headers: Record<string, string> = {},
): void {
  sendJson(response, status, { jsonrpc: '2.0', id, error }, headers);
}

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  sendText(response, status, writeJson(body), headers);
}

/** A body that is JSON already. Nothing here may be kept by a cache: it depends on who asks. */
export function sendText(response: ServerResponse, status: number, json: JsonPieces, headers: Record<string, string> = {}): void {
  if (response.headersSent || response.destroyed) return;
  // a short body goes out in one piece with the head; of a long one as a text the socket would make room for three times its length
  const body = toBody(json);
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      ...headers,
    })
    .end(body);
}

/** A notification was taken, or a message that has no answer. */
export function sendAccepted(response: ServerResponse): void {
  if (!response.headersSent && !response.destroyed) response.writeHead(202).end();
}
