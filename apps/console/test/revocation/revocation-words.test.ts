import { expect, test } from 'vitest';

import { describeAct, describeSubject, getHolderWords, type Holder } from '../../src/features/revocation/revocation-words.ts';

const makeHolder = (overrides: Partial<Holder>): Holder => ({
  id: 'a',
  name: 'helsinki-01',
  siteName: 'Helsinki',
  status: 'Connected',
  lastSeenAt: null,
  keepsLog: true,
  confirmed: null,
  confirmedAt: null,
  ...overrides,
});

test('an agent has only what it has confirmed', () => {
  const [none, some, all, earlier] = [
    makeHolder({}),
    makeHolder({ confirmed: 2 }),
    makeHolder({ confirmed: 3 }),
    makeHolder({ keepsLog: false }),
  ];
  expect([none, some, all, earlier].map((holder) => getHolderWords(holder, 3).word)).toEqual([
    'Not confirmed',
    'Not confirmed',
    'Has it',
    'By its configuration',
  ]);
});

test('what is newer than this console reads as its code', () => {
  expect(describeAct({ act: 'stop' })).toBe('Disabled');
  expect(describeAct({ act: 'pause' })).toBe('pause');
  expect(describeSubject({ subjectKind: 'key', subjectId: 'k1', subjectName: 'laptop of Mia' })).toBe('Client key laptop of Mia');
  expect(describeSubject({ subjectKind: 'session', subjectId: 'k1', subjectName: 'laptop of Mia' })).toBe(
    'Sessions of laptop of Mia',
  );
  expect(describeSubject({ subjectKind: 'room', subjectId: 'r1', subjectName: null })).toBe('room r1');
});
