import { expect, test } from 'vitest';

import { listEnrolmentSteps, describeFailure, isStopped } from '../../src/features/agent/enrolment-steps.ts';
import { buildInstallCommand } from '../../src/features/agent/install-command.ts';

const at = new Date('2026-11-02T10:05:00Z');
const PROGRESS = {
  id: '01a1fdde-4f5b-7044-a00d-3095895caa08',
  agentName: 'helsinki-01',
  siteId: '01a1fdde-4f5b-7044-a00d-3095895caa09',
  createdAt: at,
  expiresAt: new Date('2026-11-02T11:05:00Z'),
  revokedAt: null,
  presentedAt: null,
  usedAt: null,
  agentId: null,
  enrolledName: null,
  connectedAt: null,
  ackedAt: null,
  failureCode: null,
  failureAt: null,
};

test('the install command downloads from this console, checks the hash and only then runs', () => {
  const facts = { consoleUrl: 'https://console.example', sha256: 'ab'.repeat(32), token: 'agt_enroll_xyz' };
  expect(buildInstallCommand(facts, 'linux')).toBe(
    [
      'curl -fsSO https://console.example/agent/gatehouse-agent.mjs &&',
      `echo '${'ab'.repeat(32)}  gatehouse-agent.mjs' | sha256sum -c &&`,
      'GATEHOUSE_ENROLL_TOKEN=agt_enroll_xyz node gatehouse-agent.mjs up',
    ].join('\n'),
  );
  expect(buildInstallCommand(facts, 'macos')).toContain('| shasum -a 256 -c &&');
});

test('each dot is its own fact: a connection is not an identity', () => {
  expect(listEnrolmentSteps({ ...PROGRESS, connectedAt: at }).map((step) => step.at !== null)).toEqual([
    false,
    false,
    true,
    false,
  ]);
  expect(listEnrolmentSteps({ ...PROGRESS, presentedAt: at, usedAt: at, ackedAt: at }).map((step) => step.at !== null)).toEqual([
    true,
    true,
    false,
    true,
  ]);
});

test('an unused token stops when it expires or is revoked, a used one never does', () => {
  const before = PROGRESS.expiresAt.getTime() - 1;
  const after = PROGRESS.expiresAt.getTime();
  expect(isStopped(PROGRESS, before)).toBe(false);
  expect(isStopped(PROGRESS, after)).toBe(true);
  expect(isStopped({ ...PROGRESS, revokedAt: at }, before)).toBe(true);
  expect(isStopped({ ...PROGRESS, usedAt: at }, after)).toBe(false);
});

test('each refusal has its own sentence', () => {
  const codes = ['token_expired', 'token_used', 'token_revoked', 'clock_skew', 'malformed'] as const;
  expect(new Set(codes.map(describeFailure)).size).toBe(codes.length);
});
