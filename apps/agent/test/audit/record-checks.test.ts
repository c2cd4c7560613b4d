import { createSecretKey, randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { CheckName, type CheckResult } from '@gatehouse/policy/decision';

import { recordCall } from '../../src/audit/record.ts';
import { LiveRedactor } from '../../src/audit/redaction/live-redactor.ts';
import { makeRecord } from '../support/clients/calls.ts';

const context = {
  siteId: randomUUID(),
  siteKey: { id: 'k1', key: createSecretKey(Buffer.alloc(32, 7)) },
  redactor: new LiveRedactor(),
  detail: 'marked',
  canSend: () => true,
} as const;

const record = (checks: CheckResult[]) => recordCall(context, makeRecord({ checks })).checks;

test('a receipt holds every check once, however often it was made, and the redaction last', () => {
  const again = Array.from({ length: 30 }, (): CheckResult => ({ check: 'identity', result: 'pass' }));
  const all = CheckName.options.filter((check) => check !== 'redaction').map((check): CheckResult => ({ check, result: 'pass' }));
  const checks = record([...again, ...all]);
  expect(checks.map(({ check }) => check)).toEqual(CheckName.options);
});

test('what says that a control acted is never displaced', () => {
  expect(
    record([
      { check: 'upstream', result: 'fail', code: 'upstream_timeout', limit: { name: 'answer', ms: 1_000 } },
      { check: 'upstream', result: 'pass' },
      { check: 'pin', result: 'skip' },
      { check: 'pin', result: 'pass', listedMsAgo: 5 },
      { check: 'pin', result: 'skip' },
    ]),
  ).toEqual([
    { check: 'upstream', result: 'fail', code: 'upstream_timeout', limit: { name: 'answer', ms: 1_000 } },
    { check: 'pin', result: 'pass', listedMsAgo: 5 },
    { check: 'redaction', result: 'skip' },
  ]);
});
