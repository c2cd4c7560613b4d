import type { ReasonCode } from '@gatehouse/policy/decision';

/** Why a call ended as it did, for people. */
const SENTENCES: Record<ReasonCode, string> = {
  ok: 'The tool answered.',
  tool_error: 'The tool itself reported an error.',
  identity_missing: 'No client key was presented.',
  identity_unknown: 'The client key is not known.',
  identity_expired: 'The client key has expired.',
  identity_revoked: 'The client key was revoked.',
  identity_other_profile: 'The client key belongs to another profile.',
  session_unknown: 'The session is not known to this agent.',
  profile_unknown: 'There is no such profile at this site.',
  lease_expired: 'The configuration is too old to serve from.',
  tool_unknown: 'The profile has no such tool.',
  tool_denied: 'The profile denies this tool.',
  tool_not_approved: 'The definition of the tool is not the approved one.',
  arguments_invalid: 'The arguments do not fit the schema of the tool.',
  request_malformed: 'The request is not valid.',
  request_too_large: 'The request is too large.',
  audit_unavailable: 'The intent could not be written to disk.',
  credential_unavailable: 'The credential of the server is not available on the agent.',
  guardrail: 'The guardrails of the site refuse it.',
  upstream_unreachable: 'The server could not be reached.',
  upstream_timeout: 'The server did not answer in time.',
  upstream_protocol: 'The server answered with something that is not MCP.',
  upstream_too_large: 'The answer of the server is too large.',
  cancelled: 'The client cancelled the call.',
  unknown_after_crash: 'The agent stopped before the result was known.',
  internal: 'The agent failed. Its log has the cause.',
};

const isReason = (code: string): code is ReasonCode => Object.hasOwn(SENTENCES, code);

/** The sentence of a reason code; a code from a newer agent stands for itself. */
export function reasonSentence(code: string): string {
  return isReason(code) ? SENTENCES[code] : code;
}
