import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import { encodeHeaderValue } from '../wire/mirrored-headers.ts';
import { META } from '../wire/protocol.ts';

/** One JSON-RPC message as its text, with what has to be known of it to carry it. The text itself is never written anew. */
export interface Message {
  /** one line */
  text: string;
  /** null for a notification */
  id: string | number | null;
  /** null for a response */
  method: string | null;
  params: JsonObject;
  /** the revision that a message without sessions names in its `_meta`; null for one of the older protocol */
  revision: string | null;
}

/** Null for what is no single JSON-RPC message. */
export function parseMessage(text: string): Message | null {
  const value = parseJson(text);
  if (!isJsonObject(value)) return null;
  const { id, method } = value;
  const params = isJsonObject(value['params']) ? value['params'] : {};
  const meta = isJsonObject(params['_meta']) ? params['_meta'] : {};
  const revision = meta[META.protocolVersion];
  return {
    // a line break inside a string is always escaped, so one between tokens is mere space
    text: text.replaceAll(/[\r\n]+/g, ' '),
    id: typeof id === 'string' || typeof id === 'number' ? id : null,
    method: typeof method === 'string' ? method : null,
    params,
    revision: typeof revision === 'string' ? revision : null,
  };
}

/** The parsed message again, for the few whose content matters here. */
export function contentOf({ text }: Message): JsonObject {
  const value = parseJson(text);
  return isJsonObject(value) ? value : {};
}

/** The headers that a message of the newer protocol repeats itself in. */
export function mirrorHeaders({ method, params, revision }: Message): Record<string, string> {
  if (revision === null || method === null) return {};
  const name = params[method === 'resources/read' ? 'uri' : 'name'];
  const named = ['tools/call', 'prompts/get', 'resources/read'].includes(method) && typeof name === 'string';
  return {
    'mcp-protocol-version': revision,
    'mcp-method': method,
    ...(named && { 'mcp-name': encodeHeaderValue(name) }),
  };
}

/** An error as the answer to a request, on one line. */
export function errorLine(id: string | number | null, code: number, message: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
