import { expect, test } from 'vitest';

import { redactMachineName } from '../src/machine-name.ts';

test('T-28: the name of a machine is kept, with the random parts that clusters give it', () => {
  const names = [
    '3f2a9c1b7d4e',
    'gatehouse-agent-7d9f8b6c5d-x2x4z',
    'DESKTOP-4F2K9QJ',
    'ip-10-0-0-7.eu-north-1.compute.internal',
    'i-0abcd1234ef567890',
    'runner-xyz12345-project-123456-concurrent-0',
    'b7c1a1f2-3d4e-4f5a-8b6c-7d8e9f0a1b2c',
  ];
  expect(names.map(redactMachineName)).toEqual(names);
});

test('T-28: credentials and addresses of people are taken out of it, also where they are one part of several', () => {
  const token = `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`;
  expect(redactMachineName(`host-${token}`)).toBe('host-[redacted:token]');
  expect(redactMachineName(`ida-maria@example.com`)).toBe('[redacted:email]');
  expect(redactMachineName('vault-Zk8Qx2Lw9Rt4Vn7Yb3Hd6Mf1Pc5Sg0Ja')).toBe('vault-[redacted:random]');
});
