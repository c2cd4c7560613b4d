import { defineConfig } from '@playwright/test';

import { readEnv } from './src/env.ts';

const env = readEnv();

export default defineConfig({
  testDir: 'tests',
  outputDir: '../../test-results',
  // One stack of real processes serves the whole run; the specs use it one after the other.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 120_000,
  expect: { timeout: 15_000 },
  // the second only where a file is named for it
  reporter: env.PLAYWRIGHT_JSON_OUTPUT_FILE ? [['list'], ['json']] : [['list']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 900 },
    trace: 'off',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: env.PLAYWRIGHT_CHROMIUM,
      args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
    },
  },
});
