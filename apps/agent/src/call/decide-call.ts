import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { evaluate, type CallTarget, type Decision } from '@gatehouse/policy/evaluate';

import { METHOD } from '../wire/protocol.ts';
import { isStillValid } from './client-key.ts';
import type { CallDeps, IncomingCall, Refusal } from './handle-call.ts';
import type { CallRequest } from './request.ts';

type Refused = { refused: Refusal };
/** What a decision is made on, and noted in. */
type Decided = Pick<IncomingCall, 'caller' | 'request' | 'trail'>;

/** Decides a call by the configuration of this moment, which the trail notes. */
export function decideCall(deps: Pick<CallDeps, 'current' | 'now'>, { caller, request, trail }: Decided): Decision | Refused {
  const serving = deps.current.checkServing(deps.now().getTime());
  if (!serving.ok) return { refused: ['profile', serving.code, serving.message] };
  const { compiled, version } = serving.config;
  trail.setConfigVersion(version);
  // the key may have been revoked since it was shown
  if (!isStillValid(serving.config, caller.key, deps.now())) {
    return {
      refused: ['identity', 'identity_revoked', 'This client key is not valid any more. Create a new one on the Connect page.'],
    };
  }
  return evaluateRequest(compiled, caller.profile.profile.slug, request);
}

/**
 * Decides once more, for a call that goes on after its client was asked, which may have taken minutes: what was approved then has to be
 * approved now, with the same arguments. Resolves to the target of this moment.
 */
export function decideAgain(
  deps: Pick<CallDeps, 'current' | 'now'>,
  call: Decided,
  before: CallTarget,
): { target: CallTarget } | Refused {
  const decision = decideCall(deps, call);
  if ('refused' in decision) return decision;
  if (decision.kind === 'deny') {
    return { refused: [decision.checks.at(-1)?.check ?? 'rules', decision.code, decision.message] };
  }
  const { target } = decision;
  if (identify(target) === identify(before)) return { target };
  const message = 'The configuration was changed while the client was asked, so the call did not go on. Make it again.';
  return { refused: ['rules', 'tool_not_approved', message] };
}

function identify(target: CallTarget): string {
  const { server, entry } = target;
  return hashContent([server.id, entry.kind, entry.name, entry.pin, target.kind === 'tool' ? target.arguments : null]);
}

function evaluateRequest(compiled: Parameters<typeof evaluate>[0], profileSlug: string, request: CallRequest): Decision {
  switch (request.method) {
    case METHOD.callTool:
      return evaluate(compiled, { profileSlug, method: METHOD.callTool, name: request.name, arguments: request.arguments ?? {} });
    case METHOD.getPrompt:
      return evaluate(compiled, { profileSlug, method: METHOD.getPrompt, name: request.name });
    case METHOD.readResource:
      return evaluate(compiled, { profileSlug, method: METHOD.readResource, uri: request.uri });
  }
}
