import { expect, test } from 'vitest';

import { CredentialScrub } from '../../src/secrets/credential-scrub.ts';

const SECRET = 'sk-live_51H/x+Qz&7pR';
const MARK = '[redacted:credential]';

function createScrub(): CredentialScrub {
  const scrub = new CredentialScrub();
  scrub.add(SECRET);
  return scrub;
}

test('T-28: a credential goes from texts, keys and lists of bytes wherever they stand, and the rest keeps its form', () => {
  const bytes = Buffer.from(SECRET);
  const value = {
    content: [{ type: 'text', text: `token=${SECRET.toUpperCase()}` }],
    structuredContent: {
      [SECRET]: 1,
      list: [...bytes],
      typed: Object.assign({}, new Uint8Array(bytes)),
      buffer: bytes.toJSON(),
      other: [1, 2, 3],
    },
  };
  expect(createScrub().scrubValue(value)).toEqual({
    content: [{ type: 'text', text: `token=${MARK}` }],
    structuredContent: { [MARK]: 1, list: MARK, typed: MARK, buffer: { type: 'Buffer', data: MARK }, other: [1, 2, 3] },
  });
});

test('T-28: a credential within the base64 of a resource takes the whole of it along', () => {
  const blob = Buffer.from(`[default]\nkey = ${SECRET}\n`).toString('base64');
  expect(createScrub().scrubValue({ contents: [{ uri: 'file:///a', blob }] })).toEqual({
    contents: [{ uri: 'file:///a', blob: MARK }],
  });
});

test('what holds no credential is the same value', () => {
  const value = { numbers: [115, 107, 45, 108], text: 'sk-live' };
  expect(createScrub().scrubValue(value)).toBe(value);
});
