import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import { LOG_LEVELS, META, MODERN_VERSIONS, RpcCode, type RpcError } from '../wire/protocol.ts';

/** One message of a client, its JSON-RPC form checked and nothing else. */
export type ClientMessage =
  | { kind: 'request'; id: string | number; method: string; params: JsonObject }
  | { kind: 'notification'; method: string; params: JsonObject }
  | { kind: 'answer'; id: string | number; answer: { result: JsonObject } | { error: RpcError } };

/** Reads a body that is JSON. Null: it is no JSON-RPC message. */
export function readClientMessage(body: unknown): ClientMessage | null {
  if (!isJsonObject(body) || body['jsonrpc'] !== '2.0') return null;
  const { id, method, params, result, error } = body;
  const known = typeof id === 'string' || (typeof id === 'number' && Number.isInteger(id));
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

/** What a client of the newer protocol sends: nobody asks it, so it answers nothing. */
export type ModernMessage = Exclude<ClientMessage, { kind: 'answer' }>;

/** The era that a message belongs to. Only the body decides, never a header: `_meta` names the version in the newer protocol alone. */
export function claimsModern({ params }: ModernMessage): boolean {
  return Object.hasOwn(metaOf(params), META.protocolVersion);
}

export function metaOf(params: JsonObject): JsonObject {
  const meta = params['_meta'];
  return isJsonObject(meta) ? meta : {};
}

/** What the `_meta` of a request of the newer protocol says about its sender. */
export interface ModernEnvelope {
  version: string;
  capabilities: JsonObject;
  clientInfo: { name: string; version: string; title?: string } | null;
  logLevel: string | null;
}

/** Null when a required key of `_meta` is missing or a key has another form than the protocol says. */
export function readEnvelope(params: JsonObject): ModernEnvelope | null {
  const meta = metaOf(params);
  const version = meta[META.protocolVersion];
  const capabilities = meta[META.clientCapabilities];
  const info = meta[META.clientInfo];
  const logLevel = meta[META.logLevel];
  const token = meta['progressToken'];
  if (typeof version !== 'string' || !isJsonObject(capabilities)) return null;
  if (logLevel !== undefined && (typeof logLevel !== 'string' || !LOG_LEVELS.includes(logLevel))) return null;
  if (token !== undefined && typeof token !== 'string' && !Number.isInteger(token)) return null;
  const clientInfo = readClientInfo(info);
  if (info !== undefined && !clientInfo) return null;
  return { version, capabilities, clientInfo, logLevel: logLevel ?? null };
}

function readClientInfo(info: unknown): ModernEnvelope['clientInfo'] {
  if (!isJsonObject(info)) return null;
  const { name, version, title } = info;
  if (typeof name !== 'string' || typeof version !== 'string') return null;
  return { name, version, ...(typeof title === 'string' && { title }) };
}

export function unsupportedVersion(requested: string): RpcError {
  return {
    code: RpcCode.unsupportedVersion,
    message: 'Unsupported protocol version',
    data: { supported: MODERN_VERSIONS, requested },
  };
}
