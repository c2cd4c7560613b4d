import { isExactNumber } from '@gatehouse/policy/documents/exact-number';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import type { RpcId } from '../wire/json-rpc.ts';
import { readBoundedText } from '../wire/json-text.ts';
import { getMeta } from '../wire/meta.ts';
import { mirrorRequest } from '../wire/mirrored-headers.ts';
import { META, NOTIFICATION } from '../wire/protocol.ts';

/** One JSON-RPC message as its text, with what has to be known to pass it on. The text itself is never serialised anew. */
export interface Message {
  /** one line */
  text: string;
  /** null for a notification */
  id: RpcId | null;
  /** null for a response */
  method: string | null;
  params: JsonObject;
  /** the revision that a message without sessions names in its `_meta`; null for one of the older protocol */
  revision: string | null;
}

/** Null for what is no single JSON-RPC message. Numbers have all digits: ids are answered by them, and headers repeat them. */
export function parseMessage(text: string): Message | null {
  const value = readBoundedText(text)?.value;
  if (!isJsonObject(value)) return null;
  const { id, method } = value;
  const params = isJsonObject(value['params']) ? value['params'] : {};
  const revision = getMeta(params)[META.protocolVersion];
  return {
    // a line break inside a string is always escaped, so one between tokens is mere space
    text: text.replaceAll(/[\r\n]+/g, ' '),
    id: typeof id === 'string' || typeof id === 'number' || isExactNumber(id) ? id : null,
    method: typeof method === 'string' ? method : null,
    params,
    revision: typeof revision === 'string' ? revision : null,
  };
}

/** The parsed message again, for the few whose content matters here. */
export function readContent({ text }: Message): JsonObject {
  const value = readBoundedText(text)?.value;
  return isJsonObject(value) ? value : {};
}

/** The headers in which a message of the newer protocol repeats itself; none for one of the older protocol. */
export function mirrorEnvelope({ method, params, revision }: Message): Record<string, string> {
  return revision === null || method === null ? {} : mirrorRequest(method, params, revision);
}

/** Lists of which a server can announce a change, by the capability that they belong to. */
export const LIST_CHANGES = [
  ['tools', NOTIFICATION.toolsChanged],
  ['prompts', NOTIFICATION.promptsChanged],
  ['resources', NOTIFICATION.resourcesChanged],
] as const;

/** An error as the answer to a request, on one line. */
export function buildErrorLine(id: RpcId | null, code: number, message: string): string {
  return JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } });
}
