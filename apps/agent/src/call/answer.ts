import type { CheckName, ReasonCode } from '@gatehouse/policy/decision';
import { CONTENT_ANNOTATIONS, CONTENT_FIELDS, dropNulls, type OptionalFields } from '@gatehouse/policy/documents/absent-fields';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import type { CallTarget } from '@gatehouse/policy/evaluate';
import { readReferences } from '@gatehouse/policy/schema/plain-references';
import type { CallMethod } from '@gatehouse/protocol/receipt';

import { NotConfirmed, type UpstreamFailure } from '../upstream/failure.ts';
import { isInputRequired } from '../wire/input-required.ts';
import type { RpcAnswer, RpcError } from '../wire/json-rpc.ts';
import { keepText } from '../wire/json-text.ts';
import { METHOD, RpcCode } from '../wire/protocol.ts';
import type { CallReply, IncomingCall } from './handle-call.ts';
import { getRequestArguments } from './request.ts';
import type { CallTrail } from './trail.ts';

/** The answer to a call that the decision refused: not allowed, or for something that is not there. */
export function answerDenied(call: IncomingCall, code: ReasonCode, message: string): CallReply {
  if (code === 'tool_unknown' || code === 'prompt_unknown')
    return { kind: 'error', error: { code: RpcCode.invalidParams, message } };
  if (code !== 'resource_unknown') return answerRefused(call, message);
  const unknown = call.relay.era === 'modern' ? RpcCode.invalidParams : RpcCode.resourceNotFound;
  return { kind: 'error', error: { code: unknown, message, data: getRequestArguments(call.request) } };
}

/** Failures and refusals of a tool reach the model as a result: it can read the sentence and act on it. */
export function answerRefused({ request, relay, text: clientText }: IncomingCall, message: string): CallReply {
  const text = clientText.cleanText(message);
  if (request.method !== METHOD.callTool) return { kind: 'error', error: { code: RpcCode.internal, message: text } };
  const json = JSON.stringify(relay.formatResult({ content: [{ type: 'text', text }], isError: true }));
  return { kind: 'result', json, reasonCode: null };
}

/** A result in the form of its method, or why there is none. */
export type RecordedAnswer =
  | { code: 'ok' | 'tool_error'; result: JsonObject }
  | { code: 'upstream_protocol'; error: RpcError | null };

/** Notes what a server answered. `error` is the server's own; null: it answered with something that is no result of the method. */
export function recordAnswer(trail: CallTrail, method: CallMethod, target: CallTarget, answer: RpcAnswer): RecordedAnswer {
  if ('error' in answer) {
    trail.fail('response', 'upstream_protocol');
    return { code: 'upstream_protocol', error: answer.error };
  }
  const result = normalizeResult(method, answer.result);
  const tool = target.kind === 'tool' ? target.entry : null;
  const schema = tool?.definition.outputSchema;
  trail.setResult({ value: result, schema: schema ? readReferences(schema).schema : null, marked: tool?.logResults ?? [] });
  if (!isResultOf(method, result)) {
    trail.fail('response', 'upstream_protocol');
    return { code: 'upstream_protocol', error: null };
  }
  trail.pass('response');
  return { code: result['isError'] === true ? 'tool_error' : 'ok', result };
}

/** Which check a failure of the server belongs to. */
export function chooseFailedCheck(failure: UpstreamFailure): CheckName {
  if (failure instanceof NotConfirmed) return 'pin';
  switch (failure.code) {
    case 'tool_not_approved':
      return 'pin';
    case 'identity_revoked':
      return 'identity';
    case 'agent_revoked':
    case 'agent_quarantined':
      return 'profile';
    case 'credential_unavailable':
      return 'credential';
    default:
      return 'upstream';
  }
}

/** Where the content of a result stands. */
const CONTENT_KEY: Record<CallMethod, string> = {
  [METHOD.callTool]: 'content',
  [METHOD.getPrompt]: 'messages',
  [METHOD.readResource]: 'contents',
};

/** The optional fields of each result. What a tool answers as data may be null in the newest revision, so that is not among them. */
const RESULT_FIELDS: Record<CallMethod, OptionalFields> = {
  [METHOD.callTool]: { resultType: true, content: CONTENT_FIELDS, isError: true, _meta: true },
  [METHOD.getPrompt]: { resultType: true, description: true, messages: { content: CONTENT_FIELDS }, _meta: true },
  [METHOD.readResource]: {
    resultType: true,
    contents: { mimeType: true, annotations: CONTENT_ANNOTATIONS, _meta: true },
    ttlMs: true,
    cacheScope: true,
    _meta: true,
  },
};

/**
 * A result without the nulls that stand in place of what is absent, the same object when there are none; a tool's result that names no content
 * has an empty one, because clients of the newest revision demand it.
 */
export function normalizeResult(method: CallMethod, result: JsonObject): JsonObject {
  const dropped = dropNulls(result, RESULT_FIELDS[method]);
  const kept = isJsonObject(dropped) ? keepText(dropped, result) : result;
  if (method !== METHOD.callTool || kept['content'] !== undefined || isInputRequired(kept)) return kept;
  return keepText({ ...kept, content: [] }, kept);
}

/** Whether an answer can be a result of this method. Only the form is checked: whether the content fits the tool's output schema is for the client to check. */
export function isResultOf(method: CallMethod, result: unknown): result is JsonObject {
  if (!isJsonObject(result)) return false;
  const { resultType } = result;
  if (resultType === 'input_required') return true;
  if (resultType !== undefined && resultType !== 'complete') return false;
  const content = result[CONTENT_KEY[method]];
  return Array.isArray(content) || (method === METHOD.callTool && content === undefined);
}
