import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import { isRpcId, readSentNumber, type ServerMessage } from './json-rpc.ts';
import { keepText, rememberMembers } from './json-text.ts';
import { LOG_LEVELS, META, NOTIFICATION } from './protocol.ts';

const PROTOCOL_KEYS: ReadonlySet<string> = new Set(Object.values(META));

/** `_meta` of `params` or of a result; empty when there is none. */
export function getMeta(holder: JsonObject): JsonObject {
  const meta = holder['_meta'];
  return isJsonObject(meta) ? meta : {};
}

/** The caller's `_meta` as it is passed on: progress token, trace context and keys of extensions, without those of the protocol itself. */
export function pickCallerMeta(params: JsonObject): JsonObject {
  rememberMembers(params, ['_meta']);
  const meta = getMeta(params);
  const isPassedOn = (key: string) => !PROTOCOL_KEYS.has(key) && !(key === 'progressToken' && meta[key] === null);
  const all = Object.keys(meta);
  const kept = all.filter(isPassedOn);
  if (kept.length === all.length) return meta;
  return kept.length === 0 ? {} : keepText(Object.fromEntries(kept.map((key) => [key, meta[key]])), meta);
}

/**
 * Puts `id` in the place of the sender's progress token, if it gave one: ids are unique on a connection, tokens of several senders are not.
 * `token` is the sender's own, undefined when it gave none.
 */
export function replaceProgressToken(params: JsonObject, id: number): { token: unknown; params: JsonObject } {
  const meta = params['_meta'];
  if (!isJsonObject(meta) || meta['progressToken'] === undefined) return { token: undefined, params };
  const sent = { ...params, _meta: keepText({ ...meta, progressToken: id }, meta) };
  return { token: meta['progressToken'], params: keepText(sent, params) };
}

/** A message about a request, with the request's own progress token where its server sent a number back as text. */
export function restoreProgressToken(message: ServerMessage, request: JsonObject): ServerMessage {
  const { method, params } = message;
  if (method !== NOTIFICATION.progress || typeof params?.['progressToken'] !== 'string') return message;
  const { progressToken } = getMeta(request);
  const isOwn = typeof progressToken === 'number' && readSentNumber(params['progressToken']) === progressToken;
  return isOwn ? { ...message, params: keepText({ ...params, progressToken }, params) } : message;
}

/** Whether a request or notification claims the newer protocol: only there does `_meta` name the revision. */
export function isModern(params: JsonObject): boolean {
  return Object.hasOwn(getMeta(params), META.protocolVersion);
}

/** What the `_meta` of a request of the newer protocol says about its sender. */
export interface ModernEnvelope {
  version: string;
  capabilities: JsonObject;
  clientInfo: { name: string; version: string; title?: string } | null;
  logLevel: string | null;
}

/** Characters of each name that a client gives itself: they are kept with its session, sent to servers, and written into receipts. */
const MAX_CLIENT_TEXT = 1_024;
/** Characters of the JSON of what it can do, which is kept as long. */
const MAX_CAPABILITIES = 64 * 1_024;

/** What is too long of what a client says about itself, as a sentence; null when nothing is. */
export function findLongFacts(
  info: { name: string; version: string; title?: string | null | undefined } | null,
  capabilities: JsonObject,
): string | null {
  const long = info && (['name', 'version', 'title'] as const).find((key) => (info[key]?.length ?? 0) > MAX_CLIENT_TEXT);
  if (long) return `Invalid params: clientInfo.${long} is longer than ${MAX_CLIENT_TEXT} characters.`;
  const isLong = Object.keys(capabilities).length > 0 && JSON.stringify(capabilities).length > MAX_CAPABILITIES;
  return isLong ? `Invalid params: the capabilities of the client are longer than ${MAX_CAPABILITIES} characters.` : null;
}

/** Null when a required key of `_meta` is missing or a key has another form than the protocol says. */
export function readEnvelope(params: JsonObject): ModernEnvelope | null {
  const meta = getMeta(params);
  const version = readVersion(params);
  const capabilities = meta[META.clientCapabilities];
  const info = meta[META.clientInfo] ?? undefined;
  const logLevel = meta[META.logLevel] ?? undefined;
  const token = meta['progressToken'] ?? undefined;
  if (version === null || !isJsonObject(capabilities)) return null;
  if (logLevel !== undefined && (typeof logLevel !== 'string' || !LOG_LEVELS.includes(logLevel))) return null;
  if (token !== undefined && !isRpcId(token)) return null;
  const clientInfo = readClientInfo(params);
  if (info !== undefined && !clientInfo) return null;
  return { version, capabilities, clientInfo, logLevel: logLevel ?? null };
}

/** The revision that `_meta` names; null when it names none. */
export function readVersion(params: JsonObject): string | null {
  const version = getMeta(params)[META.protocolVersion];
  return typeof version === 'string' ? version : null;
}

/** Who `_meta` says the sender is, also when the rest of it has not its form; null when it says nothing that can be read. */
export function readClientInfo(params: JsonObject): ModernEnvelope['clientInfo'] {
  const info = getMeta(params)[META.clientInfo];
  if (!isJsonObject(info)) return null;
  const { name, version, title } = info;
  if (typeof name !== 'string' || typeof version !== 'string') return null;
  return { name, version, ...(typeof title === 'string' && { title }) };
}
