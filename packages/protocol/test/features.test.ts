import { expect, test } from 'vitest';

import { negotiateFeatures, chooseProtocol } from '../src/features.ts';
import { Authenticate, Challenge } from '../src/messages.ts';

test.each([
  [undefined, 1],
  ['', 1],
  ['1', 1],
  ['2', 2],
  ['99', 2],
  ['0', 1],
  ['-2', 1],
  ['2.0', 1],
  [['2', '2'], 1],
  ['2, 2', 1],
])('an upgrade with the header %j is challenged in protocol %i', (header, protocol) => {
  expect(chooseProtocol(header)).toBe(protocol);
});

test('only what both name is in force, and a name of a later version is no fault', () => {
  expect(negotiateFeatures(['parts', 'revocations'], ['revocations', 'telepathy'])).toEqual(new Set(['revocations']));
  expect(negotiateFeatures(['parts'], undefined)).toEqual(new Set());
});

test('messages of protocol 1 have no features, and those of protocol 2 bounded ones', () => {
  const challenge = { type: 'challenge', protocol: 1, nonce: 'n'.repeat(24), serverTime: new Date().toISOString() };
  expect(Challenge.parse(challenge)).toEqual(challenge);
  expect(Challenge.safeParse({ ...challenge, features: ['later-thing'] }).success).toBe(true);
  expect(Challenge.safeParse({ ...challenge, features: ['<b>'] }).success).toBe(false);
  expect(Authenticate.shape.features.safeParse(Array(65).fill('parts')).success).toBe(false);
});
