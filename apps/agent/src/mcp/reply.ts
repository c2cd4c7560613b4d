import type { ServerResponse } from 'node:http';

/** JSON-RPC codes that this endpoint answers with itself. */
export const RpcCode = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  /** of the older protocol's transport: refused before any method was looked at */
  refused: -32000,
  sessionNotFound: -32001,
  headerMismatch: -32020,
  unsupportedVersion: -32022,
} as const;

export type RpcId = string | number | null;

export interface RpcError {
  code: number;
  message: string;
  data?: unknown;
}

export function sendResult(response: ServerResponse, id: RpcId, result: unknown, headers: Record<string, string> = {}): void {
  sendJson(response, 200, { jsonrpc: '2.0', id, result }, headers);
}

/** `status`: 200 for an answer to a request that was understood, else what the refusal is in HTTP. */
export function sendError(
  response: ServerResponse,
  status: number,
  id: RpcId,
  error: RpcError,
  headers: Record<string, string> = {},
): void {
  sendJson(response, status, { jsonrpc: '2.0', id, error }, headers);
}

/** Nothing here may be kept by a cache: it depends on who asks. */
export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  if (response.headersSent || response.destroyed) return;
  const text = JSON.stringify(body);
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
      ...headers,
    })
    .end(text);
}
