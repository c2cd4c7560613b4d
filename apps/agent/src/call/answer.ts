import type { CheckName, ReasonCode } from '@gatehouse/policy/decision';

import type { CredentialScrub } from '../secrets/credential-scrub.ts';
import type { UpstreamFailureCode } from '../upstream/failure.ts';
import { argumentsOf } from './request.ts';
import type { CallReply, IncomingCall } from './handle-call.ts';
import { RpcCode } from '../wire/protocol.ts';

/** Who may not, or asked for what is not there. */
export function answerDenied(deps: Scrubbing, call: IncomingCall, code: ReasonCode, message: string): CallReply {
  if (code === 'tool_unknown' || code === 'prompt_unknown')
    return { kind: 'error', error: { code: RpcCode.invalidParams, message } };
  if (code !== 'resource_unknown') return answerRefused(deps, call, message);
  const unknown = call.side.era === 'modern' ? RpcCode.invalidParams : RpcCode.resourceNotFound;
  return { kind: 'error', error: { code: unknown, message, data: argumentsOf(call.request) } };
}

/** Failures and refusals of a tool reach the model as a result: it can read the sentence and act on it. */
export function answerRefused({ scrub }: Scrubbing, { request, side }: IncomingCall, message: string): CallReply {
  const text = scrub.text(message);
  if (request.method !== 'tools/call') return { kind: 'error', error: { code: RpcCode.internal, message: text } };
  return { kind: 'result', json: JSON.stringify(side.finish({ content: [{ type: 'text', text }], isError: true })) };
}

/** Which check a failure of the server belongs to. */
export function failedCheck(code: UpstreamFailureCode): CheckName {
  switch (code) {
    case 'tool_not_approved':
      return 'pin';
    case 'identity_revoked':
      return 'identity';
    case 'credential_unavailable':
      return 'credential';
    default:
      return 'upstream';
  }
}

interface Scrubbing {
  scrub: CredentialScrub;
}
