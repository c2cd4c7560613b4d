import { defineConfig } from '@playwright/test';

// Real MCP clients against an agent, and the verdict of the conformance run; no browser.
export default defineConfig({
  testDir: '.',
  testMatch: ['clients/**/*.spec.ts', 'conformance/**/*.spec.ts'],
  outputDir: '../../test-results/clients',
  workers: 1,
  fullyParallel: false,
  retries: 0,
  timeout: 120_000,
  reporter: [['list']],
});
