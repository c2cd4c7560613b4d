import { expect, test } from 'vitest';

import { getAgentStatus, HEARTBEAT_MS } from '../../src/agent/status.ts';

const now = new Date('2026-11-21T10:00:00Z');
const makeSeen = (intervals: number) => ({
  revokedAt: null,
  quarantinedAt: null,
  lastSeenAt: new Date(now.getTime() - intervals * HEARTBEAT_MS),
});

test.each([
  [0, 'Connected'],
  [2, 'Connected'],
  [2.1, 'Late'],
  [4, 'Late'],
  [4.1, 'Offline'],
  [10_000, 'Offline'],
])('silent for %s heartbeats: %s', (intervals, status) => {
  expect(getAgentStatus(makeSeen(intervals), now)).toBe(status);
});

test('an agent that was never seen, was revoked or is quarantined says so whatever its age', () => {
  expect(getAgentStatus({ ...makeSeen(0), lastSeenAt: null }, now)).toBe('Never connected');
  expect(getAgentStatus({ ...makeSeen(0), quarantinedAt: now }, now)).toBe('Quarantined');
  expect(getAgentStatus({ ...makeSeen(0), quarantinedAt: now, revokedAt: now }, now)).toBe('Revoked');
});
