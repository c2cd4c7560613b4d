import type { Outcome, ReasonCode } from './decision.ts';

const OUTCOMES: Record<ReasonCode, Outcome> = {
  ok: 'allowed',
  tool_error: 'allowed',
  identity_missing: 'denied',
  identity_unknown: 'denied',
  identity_expired: 'denied',
  identity_revoked: 'denied',
  identity_other_profile: 'denied',
  session_unknown: 'denied',
  profile_unknown: 'denied',
  lease_expired: 'denied',
  agent_revoked: 'denied',
  agent_quarantined: 'denied',
  tool_unknown: 'denied',
  prompt_unknown: 'denied',
  resource_unknown: 'denied',
  tool_denied: 'denied',
  tool_not_approved: 'denied',
  arguments_invalid: 'denied',
  request_malformed: 'denied',
  request_too_large: 'denied',
  busy: 'denied',
  audit_unavailable: 'denied',
  credential_unavailable: 'denied',
  guardrail: 'denied',
  upstream_unreachable: 'failed',
  upstream_timeout: 'failed',
  upstream_protocol: 'failed',
  upstream_too_large: 'failed',
  cancelled: 'failed',
  answer_unread: 'failed',
  unknown_after_crash: 'failed',
  internal: 'failed',
};

/** The outcome that a reason stands for. */
export function getOutcome(code: ReasonCode): Outcome {
  return OUTCOMES[code];
}
