import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import { isRpcId, type RpcAnswer, type RpcError, type RpcId } from './json-rpc.ts';

/** A message of a client that wants an answer. */
export interface ClientRequest {
  kind: 'request';
  id: RpcId;
  method: string;
  params: JsonObject;
}

/** One message of a client, its JSON-RPC form checked and nothing else. */
export type ClientMessage =
  | ClientRequest
  | { kind: 'notification'; method: string; params: JsonObject }
  | { kind: 'answer'; id: RpcId; answer: RpcAnswer };

/** What a client of the newer protocol sends: nobody asks it, so it answers nothing. */
export type ModernMessage = Exclude<ClientMessage, { kind: 'answer' }>;

/** Reads a body that is JSON. Null: it is no JSON-RPC message. */
export function readClientMessage(body: unknown): ClientMessage | null {
  if (!isJsonObject(body) || body['jsonrpc'] !== '2.0') return null;
  const { id, method, params, result, error } = body;
  const known = isRpcId(id);
  if (typeof method === 'string') {
    if ((params !== undefined && !isJsonObject(params)) || (id !== undefined && !known)) return null;
    return known ? { kind: 'request', id, method, params: params ?? {} } : { kind: 'notification', method, params: params ?? {} };
  }
  if (!known || method !== undefined) return null;
  if (isJsonObject(result) && error === undefined) return { kind: 'answer', id, answer: { result } };
  const read = result === undefined ? readError(error) : null;
  return read && { kind: 'answer', id, answer: { error: read } };
}

function readError(error: unknown): RpcError | null {
  if (!isJsonObject(error)) return null;
  const { code, message, data } = error;
  if (typeof code !== 'number' || typeof message !== 'string') return null;
  return { code, message, ...(data !== undefined && { data }) };
}
