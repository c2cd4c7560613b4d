import { expect, test } from 'vitest';

import { LocalError, readSettings } from './settings.ts';

test('the launcher lists every problem of its environment in plain sentences', () => {
  const wrong = { GATEHOUSE_PORT_BASE: 'abc', DATABASE_URL: 'mysql://x', REDIS_URL: 'localhost' };
  expect(() => readSettings(wrong)).toThrow(
    new LocalError(`GATEHOUSE_PORT_BASE: must be a whole number from 1024 to 65000
  DATABASE_URL: must be a URL that begins with postgres://
  REDIS_URL: must be a URL that begins with redis:// or rediss://`),
  );
  expect(readSettings({ GATEHOUSE_PORT_BASE: '' }).ports).toMatchObject({ console: 3000, agent: 7300 });
});
