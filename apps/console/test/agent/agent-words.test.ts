import { expect, test } from 'vitest';

import { describeEnrolment } from '../../src/features/agent/enrolment-steps.ts';
import { describeServers } from '../../src/features/agent/server-words.ts';
import { getStatusTime } from '../../src/ui/entity/agent-status.tsx';

test('the list counts every server that the page of the agent lists', () => {
  const none = { connected: 0, unreachable: 0, withheld: 0, unused: 0, unreadable: 0 };
  const servers = { ...none, connected: 1, unreachable: 1, withheld: 1, unused: 1 };
  const connected = { status: 'Connected' as const, servers, unreadableReports: 0 };
  expect(describeServers(connected)).toBe('1 up, 1 down, 1 withheld, 1 not used');
  expect(describeServers({ ...connected, status: 'Offline' })).toBe('–');
  expect(describeServers({ ...connected, servers: none })).toBe('none');
});

test('an agent that was revoked is so since then, and not since it was heard last', () => {
  const times = { lastSeenAt: new Date(1), revokedAt: new Date(2), quarantinedAt: new Date(3) };
  expect(getStatusTime({ status: 'Revoked', ...times })).toEqual(new Date(2));
  expect(getStatusTime({ status: 'Quarantined', ...times })).toEqual(new Date(3));
  expect(getStatusTime({ status: 'Late', ...times })).toEqual(new Date(1));
});

test('an agent is called what it is called, also where the name that it was to have was taken', () => {
  const done = { done: true, stopped: false };
  expect(describeEnrolment({ agentName: 'hel-01', enrolledName: 'hel-01' }, done)).toBe('hel-01 is connected');
  expect(describeEnrolment({ agentName: 'hel-01', enrolledName: 'hel-01-2' }, done)).toBe(
    'hel-01-2 is connected: the name hel-01 was taken',
  );
  expect(describeEnrolment({ agentName: 'hel-01', enrolledName: null }, { done: false, stopped: true })).toBe(
    'hel-01 did not enrol',
  );
});
