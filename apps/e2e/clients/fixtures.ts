import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test as base } from '@playwright/test';

import { startReferenceSite, type ReferenceSite } from '../conformance/site.ts';
import { readEnv } from '../src/env.ts';
import { InstalledPackages } from '../src/installed-packages.ts';

const run = promisify(execFile);
const installed = new InstalledPackages(join(import.meta.dirname, '..', '.clients'));

/** Runs a client's command with an empty home of its own; resolves with what it printed on both streams. */
export type RunClient = (args: string[]) => Promise<string>;

/** `site`: the reference server and an agent in front of it. `home`: an empty folder for one test. */
export const test = base.extend<{ home: string }, { site: ReferenceSite }>({
  site: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const site = await startReferenceSite();
      await use(site);
      await site.stop();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  // eslint-disable-next-line no-empty-pattern
  home: async ({}, use) => {
    const home = mkdtempSync(join(tmpdir(), 'gatehouse-client-'));
    await use(home);
    rmSync(home, { recursive: true, force: true });
  },
});

/** Path of the command of a published client, as `installClient` finds it. */
export async function resolveClientCommand(name: string, version: string, bin: string): Promise<string> {
  return join(await installClient(name, version), 'node_modules', '.bin', bin);
}

/** Folder of a published client, installed when it is first needed. One that cannot be had skips the test with a loud line, or fails it in strict runs. */
export async function installClient(name: string, version: string): Promise<string> {
  test.setTimeout(400_000);
  try {
    return await installed.installPackage(name, version);
  } catch (error) {
    if (readEnv().GATEHOUSE_TEST_STRICT === '1') throw error;
    process.stdout.write(`SKIPPED, because it cannot be had here: the client ${name} ${version}\n`);
    return test.skip(true, String(error)) as never;
  }
}

/** How a client runs: nothing of the developer's own settings, no updates, no statistics. */
export function createRunner(command: string, home: string, environment: Record<string, string> = {}): RunClient {
  return async (args) => {
    const { stdout, stderr } = await run(command, args, {
      cwd: home,
      timeout: 90_000,
      maxBuffer: 16 * 1024 * 1024,
      env: { PATH: process.env.PATH, HOME: home, NO_COLOR: '1', DO_NOT_TRACK: '1', ...environment },
    });
    return `${stdout}${stderr}`;
  };
}

export { expect };
