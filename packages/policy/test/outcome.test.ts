import { expect, test } from 'vitest';

import { CheckName, CheckResult, Outcome, ReasonCode } from '../src/decision.ts';
import { getOutcome } from '../src/outcome.ts';

const readWords = (words: string) => words.trim().split(/\s+/);
const BY_OUTCOME: Record<string, string[]> = {
  allowed: readWords('ok tool_error'),
  denied: readWords(`
    identity_missing identity_unknown identity_expired identity_revoked identity_other_profile session_unknown profile_unknown
    lease_expired agent_revoked agent_quarantined tool_unknown prompt_unknown resource_unknown tool_denied tool_not_approved
    arguments_invalid request_malformed request_too_large busy audit_unavailable credential_unavailable guardrail
  `),
  held: [],
  failed: readWords(`
    upstream_unreachable upstream_timeout upstream_protocol upstream_too_large cancelled answer_unread unknown_after_crash internal
  `),
};

test.each(Object.entries(BY_OUTCOME))('these reasons mean %s: %j', (outcome, reasons) => {
  expect(ReasonCode.options.filter((reason) => getOutcome(reason) === outcome)).toEqual(reasons);
});

test('receipts hold these words, which are stored: none is renamed, and none is missing', () => {
  expect(Outcome.options).toEqual(Object.keys(BY_OUTCOME));
  expect(new Set(ReasonCode.options)).toEqual(new Set(Object.values(BY_OUTCOME).flat()));
  expect(CheckName.options).toEqual(
    readWords('identity session profile catalogue pin arguments rules intent credential upstream response redaction'),
  );
});

test.each<[string, object, boolean]>([
  ['passed', {}, true],
  ['skipped', { result: 'skip' }, true],
  ['failed, and why', { result: 'fail', code: 'tool_denied' }, true],
  ['a reason that nobody knows', { result: 'fail', code: 'tired' }, false],
  ['a check that nobody knows', { check: 'mood' }, false],
  ['listed a while ago', { listedMsAgo: 0 }, true],
  ['listed never', { listedMsAgo: null }, true],
  ['listed in the future', { listedMsAgo: -1 }, false],
  ['a limit', { limit: { name: 'answer', ms: 1 } }, true],
  ['a limit of no time', { limit: { name: 'answer', ms: 0 } }, false],
  ['a limit that there is not', { limit: { name: 'mood', ms: 1 } }, false],
  ['hidden text', { hiddenText: { handling: 'mark', places: 1, rules: ['tags'] } }, true],
  ['hidden text at no place', { hiddenText: { handling: 'mark', places: 0, rules: [] } }, false],
  ['changed arguments', { changedArguments: { named: [{ path: '/a', rule: 'text_read' }] } }, true],
  ['changed arguments without one', { changedArguments: { named: [] } }, false],
  ['changed by a rule that there is not', { changedArguments: { named: [{ path: '/a', rule: 'guessed' }] } }, false],
])('a check is written down: %s', (_name, more, is) => {
  expect(CheckResult.safeParse({ check: 'arguments', result: 'pass', ...more }).success).toBe(is);
});
