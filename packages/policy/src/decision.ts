import * as z from 'zod';

import { ArgumentChanges } from './documents/argument-changes.ts';
import { HiddenTextHandling } from './documents/profile.ts';
import { LimitName } from './documents/server-limits.ts';
import { HIDDEN_TEXT_RULES } from './findings/hidden-text.ts';

/** What the console shows in the outcome column. `held`: reserved in receipts; this version holds no call. */
export const Outcome = z.enum(['allowed', 'denied', 'held', 'failed']);
export type Outcome = z.infer<typeof Outcome>;

/**
 * Why a call ended as it did. Closed set: stored, filtered on and documented, so a code is never renamed.
 * allowed: ok, tool_error (the tool itself answered isError). denied: the ones before the upstream was asked. failed: the rest.
 */
export const ReasonCode = z.enum([
  'ok',
  'tool_error',
  'identity_missing',
  'identity_unknown',
  'identity_expired',
  'identity_revoked',
  'identity_other_profile',
  'session_unknown',
  'profile_unknown',
  'lease_expired',
  'agent_revoked',
  'agent_quarantined',
  'tool_unknown',
  'prompt_unknown',
  'resource_unknown',
  'tool_denied',
  'tool_not_approved',
  'arguments_invalid',
  'request_malformed',
  'request_too_large',
  'busy',
  'audit_unavailable',
  'credential_unavailable',
  'guardrail',
  'upstream_unreachable',
  'upstream_timeout',
  'upstream_protocol',
  'upstream_too_large',
  'cancelled',
  'answer_unread',
  'unknown_after_crash',
  'internal',
]);
export type ReasonCode = z.infer<typeof ReasonCode>;

/** The checks of one call, in the order they are made. */
export const CheckName = z.enum([
  'identity',
  'session',
  'profile',
  'catalogue',
  'pin',
  'arguments',
  'rules',
  'intent',
  'credential',
  'upstream',
  'response',
  'redaction',
]);
export type CheckName = z.infer<typeof CheckName>;

export const CheckResult = z.object({
  check: CheckName,
  result: z.enum(['pass', 'fail', 'skip']),
  /** a reason code on failure */
  code: ReasonCode.optional(),
  /** of a pin that passed: how long before the server had listed it so, milliseconds; null: it lists nothing, the definition was made at the site */
  listedMsAgo: z.int().nonnegative().nullable().optional(),
  /** of a server that took too long: which of its limits was reached, and how long that is, milliseconds */
  limit: z.object({ name: LimitName, ms: z.int().positive() }).optional(),
  /** of arguments that were brought into the form that their tool takes, as the profile allows: what was judged, recorded and sent is the changed form */
  changedArguments: ArgumentChanges.optional(),
  /** of an answer with text that a person would not see: in how many places, of which kinds, and what was done with it */
  hiddenText: z
    .object({
      handling: HiddenTextHandling,
      places: z.int().positive(),
      rules: z.array(z.enum(HIDDEN_TEXT_RULES)).max(HIDDEN_TEXT_RULES.length),
    })
    .optional(),
});
export type CheckResult = z.infer<typeof CheckResult>;
