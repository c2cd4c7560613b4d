import { defineConfig } from 'vitest/config';

const { GATEHOUSE_TEST_DATABASE_URL, REDIS_URL, PATH } = process.env;
const elsewhere = ['**/node_modules/**', '**/dist/**', '**/.next/**', 'apps/e2e/**', 'tools/gates/canary/**'];

/**
 * How long a test waits for a fact before it fails. It says how slow a machine may be and nothing of the product, so one number for all; the
 * default of a second is less than a loaded machine takes to start a process.
 */
const expectSettings = { poll: { timeout: 25_000 } };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{apps,packages}/*/test/**/*.test.{ts,tsx}', 'tools/**/*.test.ts'],
          exclude: [...elsewhere, '**/*.int.test.ts'],
          testTimeout: 30_000,
          expect: expectSettings,
        },
      },
      {
        test: {
          name: 'int',
          include: ['{apps,packages}/*/test/**/*.int.test.ts', 'tools/**/*.int.test.ts'],
          exclude: elsewhere,
          globalSetup: ['packages/db/src/testing/global-setup.ts'],
          testTimeout: 120_000,
          expect: expectSettings,
          hookTimeout: 120_000,
          env: Object.fromEntries(
            Object.entries({ GATEHOUSE_TEST_DATABASE_URL, REDIS_URL, PATH }).filter((entry) => entry[1] !== undefined),
          ),
        },
      },
    ],
  },
});
