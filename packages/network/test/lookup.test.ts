import type { LookupOptions } from 'node:dns';

import { expect, test } from 'vitest';

import { guardLookup, toLookupFunction, type Lookup } from '../src/lookup.ts';
import { isPublicAddress } from '../src/public-address.ts';

const NAMES: Record<string, string[]> = {
  'public.test': ['8.8.8.8', '1.1.1.1'],
  'mixed.test': ['8.8.8.8', '10.0.0.1'],
  'private.test': ['127.0.0.1'],
  'empty.test': [],
};

const lookup: Lookup = (hostname, callback) => {
  const addresses = NAMES[hostname];
  if (addresses)
    callback(
      null,
      addresses.map((address) => ({ address, family: 4 })),
    );
  else callback(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), []);
};

function resolve(hostname: string, options: LookupOptions = {}): Promise<unknown> {
  const guarded = guardLookup(lookup, { isAllowed: isPublicAddress, refuse: (name) => new Error(`${name} refused`) });
  return new Promise((done, fail) =>
    toLookupFunction(guarded)(hostname, options, (error, address) => (error ? fail(error) : done(address))),
  );
}

test('T-54: a name is resolved when all of its addresses are allowed', async () => {
  expect(await resolve('public.test')).toBe('8.8.8.8');
  expect(await resolve('public.test', { all: true })).toEqual([
    { address: '8.8.8.8', family: 4 },
    { address: '1.1.1.1', family: 4 },
  ]);
});

test('T-54: one address that is not allowed refuses the whole name', async () => {
  await expect(resolve('mixed.test')).rejects.toThrow('mixed.test refused');
  await expect(resolve('private.test', { all: true })).rejects.toThrow('private.test refused');
});

test('a name that does not resolve, or to nothing, is not found', async () => {
  await expect(resolve('unknown.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
  await expect(resolve('empty.test')).rejects.toMatchObject({ code: 'ENOTFOUND' });
});
