import { expect, test } from 'vitest';

import { keepReachable } from './lockfile.ts';

test('a lock keeps what the workspaces need, each version at its place, and nothing else', () => {
  const packages = {
    '': {},
    'apps/a': { dependencies: { '@x/p': '1', near: '2' } },
    'apps/b': { dependencies: { alone: '1' } },
    'apps/a/node_modules/near': { dependencies: { deep: '1' } },
    'packages/p': { dependencies: { far: '1' }, optionalDependencies: { gone: '1' } },
    'node_modules/@x/a': { link: true, resolved: 'apps/a' },
    'node_modules/@x/p': { link: true, resolved: 'packages/p' },
    'node_modules/near': {},
    'node_modules/deep': {},
    'node_modules/far': { peerDependencies: { inner: '1' } },
    'node_modules/far/node_modules/inner': {},
    'node_modules/inner': {},
    'node_modules/alone': {},
  };
  expect(Object.keys(keepReachable(packages, ['apps/a']))).toEqual([
    '',
    'apps/a',
    'apps/a/node_modules/near',
    'packages/p',
    'node_modules/@x/a',
    'node_modules/@x/p',
    'node_modules/deep',
    'node_modules/far',
    'node_modules/far/node_modules/inner',
  ]);
});
