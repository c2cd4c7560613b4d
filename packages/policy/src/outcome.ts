import type { Outcome, ReasonCode } from './decision.ts';

/** The outcome that a reason stands for. */
export function outcomeOf(code: ReasonCode): Outcome {
  switch (code) {
    case 'ok':
    case 'tool_error':
      return 'allowed';
    case 'identity_missing':
    case 'identity_unknown':
    case 'identity_expired':
    case 'identity_revoked':
    case 'identity_other_profile':
    case 'session_unknown':
    case 'profile_unknown':
    case 'lease_expired':
    case 'tool_unknown':
    case 'tool_denied':
    case 'tool_not_approved':
    case 'arguments_invalid':
    case 'request_malformed':
    case 'request_too_large':
    case 'audit_unavailable':
    case 'credential_unavailable':
    case 'guardrail':
      return 'denied';
    case 'upstream_unreachable':
    case 'upstream_timeout':
    case 'upstream_protocol':
    case 'upstream_too_large':
    case 'cancelled':
    case 'unknown_after_crash':
    case 'internal':
      return 'failed';
  }
}
