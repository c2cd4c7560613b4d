import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import type { RecordedMethod } from '@gatehouse/protocol/receipt';

import { pickCallerMeta } from '../wire/meta.ts';

/** The answers to an `input_required` result, in the request that repeats the first one. */
export interface Retry {
  inputResponses?: JsonObject;
  /** sealed by this agent when it comes from the client, the server's own when it goes there */
  requestState?: string;
}

/** One governed request, its form checked. */
export type CallRequest = { meta: JsonObject; retry: Retry | null } & (
  | { method: 'tools/call'; name: string; arguments: JsonObject | undefined }
  | { method: 'prompts/get'; name: string; arguments: JsonObject | undefined }
  | { method: 'resources/read'; uri: string }
);

/** What a request must have, for the caller of a malformed one. */
export const CALL_FORMS: Record<RecordedMethod, string> = {
  'tools/call': 'Invalid params: a tools/call has a name and, as an object, arguments.',
  'prompts/get': 'Invalid params: a prompts/get has a name and, as an object of texts, arguments.',
  'resources/read': 'Invalid params: a resources/read has a uri.',
};

export function isCallMethod(method: unknown): method is RecordedMethod {
  return typeof method === 'string' && Object.hasOwn(CALL_FORMS, method);
}

/** Reads `params`; null when they have not the form of their method. */
export function readCall(method: RecordedMethod, params: JsonObject): CallRequest | null {
  const { inputResponses, requestState } = params;
  if (inputResponses !== undefined && !isJsonObject(inputResponses)) return null;
  if (requestState !== undefined && typeof requestState !== 'string') return null;
  const isRetry = inputResponses !== undefined || requestState !== undefined;
  const common = { meta: pickCallerMeta(params), retry: isRetry ? { inputResponses, requestState } : null };

  if (method === 'resources/read') {
    const uri = params['uri'];
    return typeof uri === 'string' && uri !== '' ? { ...common, method, uri } : null;
  }
  const { name, arguments: args } = params;
  if (typeof name !== 'string' || name === '') return null;
  if (args !== undefined && !isJsonObject(args)) return null;
  if (method === 'prompts/get' && args && !Object.values(args).every((value) => typeof value === 'string')) return null;
  return { ...common, method, name, arguments: args };
}

/** What the client named. */
export function getRequestName(request: CallRequest): string {
  return request.method === 'resources/read' ? request.uri : request.name;
}

/** What was asked for with which values, as receipts record it and states are bound to it. */
export function getRequestArguments(request: CallRequest): JsonObject {
  return request.method === 'resources/read' ? { uri: request.uri } : (request.arguments ?? {});
}
