import { expect, test } from 'vitest';

import type { CheckResult } from '@gatehouse/policy/decision';

import { arrangeChecks, describeUpstream } from '../../src/features/receipt/check-order.ts';

const readChecks = (text: string): CheckResult[] =>
  text.split(' ').map((part) => {
    const [check, result] = part.split(':');
    return { check, result } as CheckResult;
  });
const write = (of: readonly CheckResult[]) => of.map(({ check, result }) => `${check}:${result}`).join(' ');

test('what passed before the call was refused stands before the refusal, whatever began first', () => {
  // as the agent notes a definition that changed: the comparison begins with the decision and ends last
  const noted = readChecks(
    'identity:pass profile:pass catalogue:pass pin:fail arguments:pass rules:pass intent:pass redaction:pass',
  );
  expect(write(arrangeChecks(noted))).toBe(
    'identity:pass profile:pass catalogue:pass arguments:pass rules:pass intent:pass pin:fail redaction:pass',
  );
});

test('what was not reached stands after the refusal, and what was not needed where it was', () => {
  const noted = readChecks('identity:pass session:skip catalogue:pass pin:skip arguments:fail redaction:pass');
  expect(write(arrangeChecks(noted))).toBe('session:skip identity:pass catalogue:pass arguments:fail pin:skip redaction:pass');
  const passed = readChecks('identity:pass session:skip pin:pass upstream:pass redaction:pass');
  expect(arrangeChecks(passed)).toEqual(passed);
});

test('the time before a call was refused is no time in the server', () => {
  expect(describeUpstream(readChecks('upstream:pass'))).toBe('in the server');
  expect(describeUpstream(readChecks('upstream:fail'))).toBe('waiting for the server');
  expect(describeUpstream(readChecks('pin:fail'))).toContain('the call was not sent');
  expect(describeUpstream(readChecks('pin:fail upstream:skip'))).toContain('the call was not sent');
});
