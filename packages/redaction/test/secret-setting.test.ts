import { expect, test } from 'vitest';

import { isSecretSetting } from '../src/secret-setting.ts';

test.each([
  ['Authorization', 'x'],
  ['X-Api-Key', 'abc'],
  ['X-Auth-Token', 'abc'],
  ['api_key', 'abc'],
  ['sig', 'abc'],
  ['DB_PASSWORD', 'abc'],
  ['Cookie', 'a=b'],
  ['X-Any', 'Bearer abcdefgh'],
  ['X-Any', 'Basic Z2F0ZTpwYXNz'],
  ['X-Any', 'ghp_abcdefghijklmnopqrstuvwxyz0123456789'],
  ['code', 'Zk3vQ9x7LmN2pR8sT4wY6bC1dF5gH0jK'],
  ['DATABASE', 'postgres://gate:hunter22@db.example/orders'],
])('%s: %s is secret', (name, value) => {
  expect(isSecretSetting(name, value)).toBe(true);
});

test.each([
  ['X-Org', 'acme'],
  ['X-Tenant-Id', '7d3c1d1e-4a0b-4a57-9f5e-0b5a6c1f2e3d'],
  ['Accept-Language', 'de-CH, de;q=0.9, en;q=0.5'],
  ['X-Api-Version', '2026-07-28'],
  ['X-Region', 'eu-central-1'],
  ['session_mode', 'stateless'],
  ['X-Toolsets', 'repos,issues,pull_requests'],
  ['X-Url', 'https://orders.example.com/mcp'],
  ['X-Api-Key', ' '],
  ['', 'Bearer '],
  ['', 'Token token='],
])('%s: %s is not', (name, value) => {
  expect(isSecretSetting(name, value)).toBe(false);
});
