import { expect, test } from 'vitest';

import { keepPackages, listPackageFolders } from './sbom.ts';

test('the packages of a bundle are found by its files', () => {
  const files = [
    'node_modules/zod/index.js',
    'node_modules/zod/core.js',
    'apps/agent/node_modules/@a/b/c.js',
    'packages/policy/src/evaluate.ts',
  ];
  expect(listPackageFolders(files)).toEqual(['node_modules/zod', 'apps/agent/node_modules/@a/b', 'packages/policy']);
});

test('the bill keeps the packages of the bundle, and no others', () => {
  const sbom = {
    components: [{ 'bom-ref': 'zod@4.6.7' }, { 'bom-ref': '@gatehouse/policy@0.1.0' }, { 'bom-ref': 'vitest@5.1.1' }],
    dependencies: [
      { ref: '@gatehouse/policy@0.1.0', dependsOn: ['zod@4.6.7', 'vitest@5.1.1'] },
      { ref: 'vitest@5.1.1', dependsOn: ['zod@4.6.7'] },
    ],
  };
  expect(keepPackages(sbom, new Set(['zod@4.6.7', '@gatehouse/policy@0.1.0']))).toEqual({
    components: [{ 'bom-ref': 'zod@4.6.7' }, { 'bom-ref': '@gatehouse/policy@0.1.0' }],
    dependencies: [{ ref: '@gatehouse/policy@0.1.0', dependsOn: ['zod@4.6.7'] }],
  });
});
