import { expect, test } from 'vitest';

import { describeCalm, describeNeed, isInStep, listSome, type Need } from '../../src/features/overview/need-words.ts';

const need: Need = {
  kind: 'agent_offline',
  id: 'a',
  subject: 'hel-01',
  path: '/agents/a',
  since: null,
  until: null,
  place: 'Helsinki',
  reason: null,
  code: null,
  names: [],
  many: 0,
};
const agent = { status: 'Connected', revokedAt: null, ackedVersion: 3, desiredVersion: 3, withheld: [] } as const;

test('that nothing waits is only said when nothing does, and what waits for others is not nothing', () => {
  expect(describeCalm({ total: 1, others: 0 }, true)).toBeNull();
  expect(describeCalm({ total: 0, others: 2 }, true)).toBe('Nothing waits for you. 2 things wait for others.');
  expect(describeCalm({ total: 0, others: 0 }, false)).toBe('Nothing waits for anybody.');
  expect(describeCalm({ total: 0, others: 0 }, true)).toBe('Nothing waits for anybody. Every agent runs what was published.');
});

test('that every agent runs what was published takes an agent, and each of them: heard of, up to date, whole', () => {
  expect(isInStep([{ ...agent, withheldCount: 0 }])).toBe(true);
  const others: Partial<Parameters<typeof isInStep>[0][number]>[] = [
    { status: 'Offline' },
    { status: 'Never connected', ackedVersion: 0, desiredVersion: 0 },
    { ackedVersion: 2 },
    { withheldCount: 1 },
  ];
  for (const change of others) expect(isInStep([{ ...agent, withheldCount: 0, ...change }])).toBe(false);
  // no agent is left
  expect(isInStep([])).toBe(false);
  expect(isInStep([{ ...agent, withheldCount: 0, status: 'Revoked', revokedAt: new Date(0) }])).toBe(false);
});

/** All of them: one that is missing here does not compile. */
function listKinds(all: Record<Need['kind'], true>): Need['kind'][] {
  const isKind = (key: string): key is Need['kind'] => Object.hasOwn(all, key);
  return Object.keys(all).filter(isKind);
}

test('every kind of need is a sentence of its own, and leads somewhere', () => {
  const kinds = listKinds({
    agent_quarantined: true,
    profile_unserved: true,
    agent_refused: true,
    agent_left_behind: true,
    agent_offline: true,
    server_failing: true,
    change_held: true,
    review_open: true,
    second_person: true,
    break_glass: true,
    tool_off: true,
    publish_requested: true,
    owned_publish: true,
    publish_waits: true,
    receipts_lost: true,
    receipts_waiting: true,
    agent_late: true,
    agent_never_connected: true,
    agent_behind: true,
    agent_withholding: true,
    discovery_failed: true,
    job_failing: true,
    mail_failed: true,
    certificate_ending: true,
    approval_ending: true,
    client_key_ending: true,
    join_token_ending: true,
    consent_missing: true,
    approvers_gone: true,
    owner_gone: true,
    access_requested: true,
    owned_review: true,
  });
  const sentences = kinds.map((kind) => describeNeed({ ...need, kind, names: ['look_up'], many: 1 }));
  expect(new Set(sentences.map(({ before = '', after, ends }) => `${before} ${after} ${ends?.[0] ?? ''}`)).size).toBe(
    kinds.length,
  );
  expect(sentences.filter(({ after, action }) => after.includes('needs somebody') || action === '')).toEqual([]);
});

test('a tool that is off says why, and leads to the change where there is one', () => {
  const off: Need = {
    ...need,
    kind: 'tool_off',
    subject: 'Support',
    place: 'Orders',
    names: ['a', 'b', 'c'],
    many: 5,
    code: 'changed',
  };
  expect(describeNeed({ ...off, path: '/reviews/r' })).toEqual({
    after: 'publishes a, b, c and 2 more, which are off: Orders defines it otherwise now.',
    action: 'See the change',
  });
  expect(describeNeed({ ...off, code: 'gone', names: ['a'], many: 1, path: '/profiles/p' })).toEqual({
    after: 'publishes a, which is off: Orders does not offer it any more.',
    action: 'Open',
  });
  expect(listSome(['a', 'b'], 2)).toBe('a and b');
});
