import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import type { CallMethod } from '@gatehouse/protocol/receipt';

import { rememberMembers } from '../wire/json-text.ts';
import { pickCallerMeta } from '../wire/meta.ts';
import { METHOD } from '../wire/protocol.ts';

/** What a client adds when it repeats a request that was answered with `input_required`: the answers to what the server asked. */
export interface Retry {
  inputResponses?: JsonObject;
  /** from the client: as `RequestStates` sealed it; to the server: what that server itself had sent */
  requestState?: string;
}

/** One governed request, its form checked. */
export type CallRequest = { meta: JsonObject; retry: Retry | null } & (
  | { method: typeof METHOD.callTool; name: string; arguments: JsonObject | undefined }
  | { method: typeof METHOD.getPrompt; name: string; arguments: JsonObject | undefined }
  | { method: typeof METHOD.readResource; uri: string }
);

/** What a request must have, for the caller of a malformed one. */
export const CALL_FORMS: Record<CallMethod, string> = {
  [METHOD.callTool]: 'Invalid params: a tools/call has a name and, as an object, arguments.',
  [METHOD.getPrompt]: 'Invalid params: a prompts/get has a name and, as an object of texts, arguments.',
  [METHOD.readResource]: 'Invalid params: a resources/read has a uri.',
};

export function isCallMethod(method: unknown): method is CallMethod {
  return typeof method === 'string' && Object.hasOwn(CALL_FORMS, method);
}

/** Reads `params`; null when they have not the form of their method. */
export function readCall(method: CallMethod, params: JsonObject): CallRequest | null {
  rememberMembers(params, ['arguments', 'inputResponses']);
  const { inputResponses, requestState } = params;
  if (inputResponses !== undefined && !isJsonObject(inputResponses)) return null;
  if (inputResponses) rememberMembers(inputResponses, Object.keys(inputResponses));
  if (requestState !== undefined && typeof requestState !== 'string') return null;
  const isRetry = inputResponses !== undefined || requestState !== undefined;
  const common = { meta: pickCallerMeta(params), retry: isRetry ? { inputResponses, requestState } : null };

  if (method === METHOD.readResource) {
    const uri = params['uri'];
    return typeof uri === 'string' && uri !== '' ? { ...common, method, uri } : null;
  }
  const { name, arguments: args } = params;
  if (typeof name !== 'string' || name === '') return null;
  if (args !== undefined && !isJsonObject(args)) return null;
  if (method === METHOD.getPrompt && args && !Object.values(args).every((value) => typeof value === 'string')) return null;
  return { ...common, method, name, arguments: args };
}

/** What the client named. */
export function getRequestName(request: CallRequest): string {
  return request.method === METHOD.readResource ? request.uri : request.name;
}

/** What was asked for with which values, as receipts record it and states are bound to it. */
export function getRequestArguments(request: CallRequest): JsonObject {
  return request.method === METHOD.readResource ? { uri: request.uri } : (request.arguments ?? {});
}
