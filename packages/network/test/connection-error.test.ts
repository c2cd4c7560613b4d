import { expect, test } from 'vitest';

import { describeConnectionError, isCertificateError, readErrorCode } from '../src/connection-error.ts';

test.each([
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_HAS_EXPIRED',
  'CERT_NOT_YET_VALID',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])('%s is about a certificate', (code) => {
  expect(isCertificateError(code)).toBe(true);
  expect(describeConnectionError(code)).toBe(`its certificate is not trusted (${code})`);
});

test('other codes are not, and what is of no connection has no words', () => {
  expect(['ECONNREFUSED', 'ETIMEDOUT', 'ENOENT'].map(isCertificateError)).toEqual([false, false, false]);
  expect(describeConnectionError('ENOTFOUND')).toBe('its host name is unknown');
  expect(describeConnectionError('ENOENT')).toBeNull();
});

test('only an error has a code, and only a text is one', () => {
  expect(readErrorCode(Object.assign(new Error('x'), { code: 'EPIPE' }))).toBe('EPIPE');
  for (const error of [new DOMException('late', 'TimeoutError'), new Error('x'), { code: 'EPIPE' }, null]) {
    expect(readErrorCode(error)).toBeNull();
  }
});
