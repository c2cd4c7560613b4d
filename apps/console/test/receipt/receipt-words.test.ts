import { expect, test } from 'vitest';

import { CheckName, ReasonCode } from '@gatehouse/policy/decision';

import { describeAction, describeChange, describeDetails } from '../../src/features/receipt/admin-actions.ts';
import { getAdvice } from '../../src/features/server/discovery/discovery-advice.ts';
import { describeCheck, describeListAge, describeReason } from '../../src/ui/entity/reasons.ts';

test('every reason and every check has words of its own', () => {
  const reasons = ReasonCode.options.map(describeReason);
  expect(new Set(reasons).size).toBe(ReasonCode.options.length);
  expect(new Set(CheckName.options.map(describeCheck)).size).toBe(CheckName.options.length);
  expect(reasons.filter((words) => words.includes('_'))).toEqual([]);
});

test('a definition says what it was compared with', () => {
  expect([0, 812, 240_049].map(describeListAge)).toEqual(['listed 0.0 s before', 'listed 0.8 s before', 'listed 240.0 s before']);
  expect(describeListAge(null)).toBe('made from the reviewed description');
});

test('a code that is newer than this console is shown as it is', () => {
  expect(describeReason('brand_new')).toBe('brand_new');
  expect(describeReason('constructor')).toBe('constructor');
  expect(describeAction('thing.explode')).toBe('thing.explode');
  expect(getAdvice('brand_new')).toEqual(getAdvice(null));
});

test('the details of an admin entry name what matters and leave ids and hashes out', () => {
  const details = {
    siteIds: ['0192f0c0-0000-7000-8000-000000000000'],
    profileId: '0192f0c0-0000-7000-8000-000000000000',
    contentHash: 'a'.repeat(64),
    expiresAt: '2027-01-01',
    nothing: null,
    name: 'Orders',
  };
  expect(describeDetails(details)).toBe('name: Orders · sites: 1 · expires at: 2027-01-01');
  expect(describeDetails(null)).toBe('');
});

test('an entry of the log says what is otherwise now, and from what', () => {
  const before = { name: 'Orders', address: 'https://a.example', siteIds: ['x'], limits: {} };
  const after = { name: 'Orders', address: 'https://b.example', siteIds: ['x', 'y'], limits: { startMs: 1 }, endedApprovals: 3 };
  expect(describeChange(before, after)).toBe(
    'address: https://a.example → https://b.example · sites: 1 → 2 · ended approvals: 3',
  );
  expect(describeChange(null, { name: 'Orders' })).toBe('name: Orders');
  expect(describeChange({ name: 'Orders' }, null)).toBe('name: Orders');
  expect(describeChange({ disabled: false }, { disabled: true })).toBe('disabled: no → yes');
  expect(describeChange(null, { expiresAt: '2027-02-27T19:43:44.165Z' })).toBe('expires at: 27 Feb 2027, 19:43:44 UTC');
  expect(describeChange(null, { expiresAt: '2027-02-27T19:43:44.165Z' }, {}, 'Asia/Kathmandu')).toBe(
    'expires at: 28 Feb 2027, 01:28:44 UTC+5:45',
  );
});

test('details of the admin log say names for ids, and what was there before', () => {
  const [mia, oulu] = ['0190b2f4-0000-7000-8000-000000000001', '0190b2f4-0000-7000-8000-000000000002'];
  const named = { [mia]: { kind: 'person', name: 'Mia' }, [oulu]: { kind: 'site', name: 'Oulu' } };
  expect(describeChange(null, { membershipId: mia }, named)).toBe('person: Mia');
  expect(describeChange({ membershipId: mia }, { revokedKeyIds: [] }, named)).toBe('person: Mia · revoked keys: 0');
  expect(describeChange({ siteIds: [] }, { siteIds: [oulu] }, named)).toBe('sites: 0 → Oulu');
  expect(describeChange({ role: 'builder' }, { role: 'admin' })).toBe('role: builder → admin');
  expect(describeChange(null, { membershipId: mia })).toBe('');
});
