import { expect, test } from 'vitest';

import { decodeJoinToken, encodeJoinToken, toEnrolmentBytes } from '../src/enrolment.ts';
import { toAuthenticationBytes, getCloseCode, LinkErrorCode } from '../src/messages.ts';
import { TestKey } from '../src/testing/test-key.ts';

const content = { hub: 'wss://hub.example.com', rootHash: new TestKey().hash, secret: 'a'.repeat(43) };

test('T-02: a join token carries hub, hash of the root and secret', () => {
  expect(decodeJoinToken(`  ${encodeJoinToken(content)}\n`)).toEqual(content);
});

test('T-02: what is not a whole join token is none', () => {
  const token = encodeJoinToken(content);
  const texts = [
    '',
    'agt_enroll_',
    token.slice(0, -8),
    token.replace('agt_enroll_', ''),
    `agt_enroll_${Buffer.from('null').toString('base64url')}`,
  ];
  const contents = [
    { ...content, hub: 'https://hub.example.com' },
    { ...content, rootHash: 'ab' },
    { ...content, extra: 1 },
  ];
  for (const text of [...texts, ...contents.map(encodeJoinToken)]) expect(decodeJoinToken(text)).toBeNull();
});

test('T-03: no two sets of values sign the same bytes', () => {
  const part = { nonce: 'n', audience: 'hub:1', agentId: 'a', epoch: 12 };
  const variants = [
    part,
    { ...part, epoch: 1 },
    { ...part, nonce: 'n5:hub:1' },
    { ...part, audience: 'hub', agentId: ':1a' },
    { ...part, agentId: 'a2:1' },
  ];
  expect(new Set(variants.map((variant) => toAuthenticationBytes(variant).toString())).size).toBe(variants.length);
  expect(toEnrolmentBytes({ secret: 's', publicKey: 'p' }).toString()).not.toBe(toAuthenticationBytes(part).toString());
});

test('every reason has a close code that an application may send', () => {
  for (const code of LinkErrorCode.options) expect([1008, 1009, 1013, 4401, 4403, 4423, 4429]).toContain(getCloseCode(code));
});
