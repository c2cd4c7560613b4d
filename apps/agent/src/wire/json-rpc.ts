import { isExactNumber, isInteger, type ExactNumber } from '@gatehouse/policy/documents/exact-number';
import { isJsonObject, withoutNulls, type JsonObject } from '@gatehouse/policy/documents/json';

import { getMember, keepText, readJsonText, rememberText, splitList, type ReadJson } from './json-text.ts';
import { RpcCode } from './protocol.ts';

/** The id of a request. An answer has `null` in its place when nobody can say which request it belongs to. */
export type RpcId = string | number | ExactNumber;

/** An error of the other side may have further members, which go on with it. */
export interface RpcError {
  code: number | ExactNumber;
  message: string;
  data?: unknown;
}

/** The answer to a request, exactly as it was sent. */
export type RpcAnswer = { result: JsonObject } | { error: RpcError };

/** A message that a server sends of its own accord: without an id a notification, with one a request that wants an answer. */
export interface ServerMessage {
  method: string;
  params?: JsonObject;
  id?: RpcId;
}

/** The refusal of a request that the receiver does not know or does not take. */
export const METHOD_NOT_FOUND: RpcError = { code: RpcCode.methodNotFound, message: 'Method not found' };

export function isRpcId(value: unknown): value is RpcId {
  return typeof value === 'string' || ((typeof value === 'number' || isExactNumber(value)) && isInteger(value));
}

/** Whether two ids or progress tokens are the same one. */
export function isSameId(a: unknown, b: unknown): boolean {
  return a === b || (isExactNumber(a) && isExactNumber(b) && a.rawJSON === b.rawJSON);
}

/** What an id is looked up by: the same for equal ids. */
export function toIdKey(id: RpcId): string | number {
  return isExactNumber(id) ? `number ${id.rawJSON}` : id;
}

/**
 * The number that was sent as the id of a request, or as a token in its place, out of what came back. Some servers send it back as text. Null: it
 * was none.
 */
export function readSentNumber(value: unknown): number | null {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && SENT_NUMBER.test(value) ? Number(value) : null;
}

/** also as languages write it whose every number has a fraction */
const SENT_NUMBER = /^\d{1,15}(?:\.0)?$/;

/** One JSON-RPC message that came from a server. `id` of an answer is null when the server could not tell which request it answers. */
export type Incoming =
  | { kind: 'message'; message: ServerMessage }
  | { kind: 'answer'; id: RpcId | null; answer: RpcAnswer }
  /** an answer that is neither a result nor an error */
  | { kind: 'malformed'; id: RpcId };

/** The messages of one JSON text: one, or those of a batch as 2025-03-26 allowed it. Empty when it holds none. Throws JsonTooRich. `isAscii`: see `readJsonText`. */
export function readMessages(text: string, isAscii = false): Incoming[] {
  const read = readJsonText(text, null, isAscii);
  return read ? (splitList(read) ?? [read]).map(readMessage).filter((message) => message !== null) : [];
}

function readMessage(read: ReadJson): Incoming | null {
  const { value } = read;
  if (!isJsonObject(value)) return null;
  const { id, method, params, result, error } = value;
  if (typeof method === 'string') {
    rememberText(getMember(read, 'params'));
    return readServerMessage(method, params, id);
  }
  const known = isRpcId(id) ? id : null;
  if (isJsonObject(result)) rememberText(getMember(read, 'result'));
  else if (isJsonObject(error)) rememberText(getMember(read, 'error'));
  if (isJsonObject(result) && known !== null) return { kind: 'answer', id: known, answer: { result } };
  if (isJsonObject(error)) return { kind: 'answer', id: known, answer: { error: readServerError(error) } };
  if (known === null) return null;
  // no error of the protocol, but the words of the server for this request
  if (typeof error === 'string' && error !== '')
    return { kind: 'answer', id: known, answer: { error: { code: RpcCode.internal, message: readErrorMessage(error) } } };
  return { kind: 'malformed', id: known };
}

function readServerMessage(method: string, params: unknown, id: unknown): Incoming | null {
  if (params !== undefined && params !== null && !isJsonObject(params)) return null;
  if (id !== undefined && !isRpcId(id)) return null;
  return { kind: 'message', message: { method, ...(params && { params }), ...(id !== undefined && { id }) } };
}

/** The error as it came. A code that the protocol does not have, which has integers alone, is said in its data. */
function readServerError(error: JsonObject): RpcError {
  if (isError(error) && error.message.length <= MAX_ERROR_MESSAGE) return error;
  const { code, message: said, data } = error;
  const message = readErrorMessage(said);
  if (isCode(code)) return keepText({ ...error, code, message }, error);
  const isSaid = code !== undefined && code !== null;
  const holder = isJsonObject(data) && !Object.hasOwn(data, 'code') ? data : data === undefined ? {} : { data };
  const told = isSaid ? { data: keepText({ ...holder, code }, data) } : {};
  return keepText({ ...error, code: RpcCode.internal, message, ...told }, error);
}

function isError(error: JsonObject): error is JsonObject & RpcError {
  return isCode(error['code']) && typeof error['message'] === 'string';
}

function isCode(code: unknown): code is RpcError['code'] {
  return (typeof code === 'number' || isExactNumber(code)) && isInteger(code);
}

/** The code of an error as it is written. */
export function formatCode(code: RpcError['code']): string {
  return isExactNumber(code) ? code.rawJSON : String(code);
}

/** Characters. Longer ones are dropped, not cut: a cut could leave half of a secret, which nobody recognises. */
const MAX_ERROR_MESSAGE = 64 * 1024;

function readErrorMessage(message: unknown): string {
  if (typeof message !== 'string') return 'The server answered with an error without a message.';
  return message.length <= MAX_ERROR_MESSAGE
    ? message
    : 'The server answered with an error whose message is too long to pass on.';
}

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
export function readClientMessage(read: ReadJson): ClientMessage | null {
  const { value: body } = read;
  if (!isJsonObject(body) || body['jsonrpc'] !== '2.0') return null;
  const { id, method, params, result, error } = body;
  const known = isRpcId(id);
  if (typeof method === 'string') {
    const said = params ?? {};
    if (!isJsonObject(said) || (id !== undefined && !known)) return null;
    if (params) rememberText(getMember(read, 'params'));
    // in each method's own type, what may be null may be absent
    const present = keepText(withoutNulls(said), said);
    return known ? { kind: 'request', id, method, params: present } : { kind: 'notification', method, params: present };
  }
  if (!known || method !== undefined) return null;
  if (isJsonObject(result)) rememberText(getMember(read, 'result'));
  else if (isJsonObject(error)) rememberText(getMember(read, 'error'));
  if (isJsonObject(result) && error === undefined) return { kind: 'answer', id, answer: { result } };
  const refusal = result === undefined ? readClientError(error) : null;
  return refusal && { kind: 'answer', id, answer: { error: refusal } };
}

function readClientError(error: unknown): RpcError | null {
  if (!isJsonObject(error)) return null;
  if (isError(error)) return error;
  const { code, message } = error;
  if (!(typeof code === 'number' || isExactNumber(code)) || typeof message !== 'string') return null;
  return keepText({ ...error, code, message }, error);
}
