import { defineConfig } from '@playwright/test';

// docs/operations.md, block by block, on processes of its own; no browser.
export default defineConfig({
  testDir: 'guide',
  outputDir: '../../test-results/guide',
  workers: 1,
  retries: 0,
  timeout: 600_000,
  reporter: [['list']],
});
