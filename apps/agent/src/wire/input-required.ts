import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

import { METHOD } from './protocol.ts';

/** What a server of the newer protocol wants to know from the client before it answers. */
export interface AskedInputs {
  /** by the server's own key */
  inputRequests: ReadonlyMap<string, { method: string; params: JsonObject }>;
  requestState: string | undefined;
}

/** The capability that a client must have declared to be asked with each method. A server may ask with no other method. */
const NEEDED: Readonly<Record<string, string>> = {
  [METHOD.elicit]: 'elicitation',
  [METHOD.createMessage]: 'sampling',
  [METHOD.listRoots]: 'roots',
};

const MOST_QUESTIONS = 64;

/** Whether a client that declared these capabilities may be asked with this method. */
export function mayAsk(method: string, capabilities: JsonObject): boolean {
  const needed = Object.hasOwn(NEEDED, method) ? NEEDED[method] : undefined;
  return needed !== undefined && isJsonObject(capabilities[needed]);
}

export function isInputRequired(result: JsonObject): boolean {
  return result['resultType'] === 'input_required';
}

/** Reads an `input_required` result. Null when it is malformed, or asks for something that the client has declared no capability for. */
export function readAskedInputs(result: JsonObject, capabilities: JsonObject): AskedInputs | null {
  const { inputRequests = {}, requestState } = result;
  if (!isJsonObject(inputRequests) || (requestState !== undefined && typeof requestState !== 'string')) return null;
  const asked = new Map<string, { method: string; params: JsonObject }>();
  const entries = Object.entries(inputRequests);
  if (entries.length > MOST_QUESTIONS || (entries.length === 0 && requestState === undefined)) return null;
  for (const [key, question] of entries) {
    if (!isJsonObject(question)) return null;
    const { method, params = {} } = question;
    if (typeof method !== 'string' || !isJsonObject(params) || !mayAsk(method, capabilities)) return null;
    asked.set(key, { method, params });
  }
  return { inputRequests: asked, requestState };
}
