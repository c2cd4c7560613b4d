import type { CheckResult } from '@gatehouse/policy/decision';

/**
 * As they ended: what passed stands before what failed, and what was not reached after it. A receipt names a check where it began, and the comparison with
 * the server's list begins before others and ends after them. Writing the receipt comes last, whatever became of the call.
 */
export function arrangeChecks<Check extends Pick<CheckResult, 'check' | 'result'>>(checks: readonly Check[]): Check[] {
  const decided = checks.filter(({ check }) => check !== 'redaction');
  const failed = decided.findIndex(({ result }) => result === 'fail');
  if (failed === -1) return [...checks];
  const rank = { pass: 0, fail: 1, skip: 2 } as const;
  // one that was passed over before the failure was not needed, one after it was not reached
  const before = decided.slice(0, failed).filter(({ result, check }) => result === 'skip' && check !== 'pin');
  const rest = decided.filter((check) => !before.includes(check)).toSorted((a, b) => rank[a.result] - rank[b.result]);
  return [...before, ...rest, ...checks.filter(({ check }) => check === 'redaction')];
}

/** Where the time went that was not the agent's own. A call that was refused meanwhile was never sent: the server was only asked what it defines. */
export function describeUpstream(checks: readonly Pick<CheckResult, 'check' | 'result'>[]): string {
  const sent = checks.find(({ check }) => check === 'upstream')?.result;
  if (sent === 'pass') return 'in the server';
  return sent === 'fail' ? 'waiting for the server' : 'asking the server what it defines: the call was not sent';
}
