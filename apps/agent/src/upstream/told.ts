import { ASK_ADMIN, ASK_ADMIN_ELSE } from '../config/ask-admin.ts';
import type { UpstreamFailureCode } from './failure.ts';

/** What callers are told of a failure. The whole cause is in the agent's log, and on the server's page in the console. */
export const TOLD: Readonly<Record<UpstreamFailureCode, string>> = {
  tool_not_approved: `What the server offers is not what was approved, so nothing was sent. ${ASK_ADMIN}`,
  upstream_unreachable: `The server cannot be reached. Try again later. ${ASK_ADMIN_ELSE}`,
  upstream_timeout: `The server did not answer in time. ${ASK_ADMIN_ELSE}`,
  upstream_protocol: `The server did not answer as its protocol asks for. ${ASK_ADMIN}`,
  upstream_too_large: 'The server answered with more than is passed on. Ask it for less.',
  credential_unavailable: `The agent has no credential that this server accepts. ${ASK_ADMIN}`,
  guardrail: `This site does not let its agent use this server. ${ASK_ADMIN}`,
  cancelled: 'The call was cancelled.',
  identity_revoked: 'The key was revoked while the call was running.',
  agent_revoked: 'This agent was revoked while the call was running.',
  agent_quarantined: 'This agent was quarantined while the call was running.',
};
