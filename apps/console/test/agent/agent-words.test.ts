import { expect, test } from 'vitest';

import { describeEnrolment } from '../../src/features/agent/enrolment-steps.ts';
import { describeServers } from '../../src/features/agent/server-words.ts';
import { getStatusTime } from '../../src/ui/entity/agent-status.tsx';

const makeHealth = (serverId: string, state: 'unused' | 'connected' | 'unreachable') => ({
  serverId,
  state,
  error: null,
  at: null,
  retryAt: null,
  protocolVersion: null,
  connections: 0,
});

test('the list counts every server that the page of the agent lists', () => {
  const serverHealth = [
    makeHealth('a', 'connected'),
    makeHealth('b', 'unused'),
    makeHealth('c', 'unreachable'),
    makeHealth('d', 'unreachable'),
  ];
  const withheld = [{ kind: 'server' as const, id: 'd', code: 'guardrail' as const, message: 'no' }];
  const connected = { status: 'Connected' as const, serverHealth, withheld, unreadableReports: 0 };
  expect(describeServers(connected)).toBe('1 up, 1 down, 1 withheld, 1 not used');
  expect(describeServers({ ...connected, status: 'Offline' })).toBe('–');
  expect(describeServers({ ...connected, serverHealth: [], withheld: [] })).toBe('none');
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
