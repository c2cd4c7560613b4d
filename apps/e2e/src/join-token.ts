import type { Page } from '@playwright/test';

import { signIn } from './fixtures.ts';
import type { Stack } from './stack.ts';

/** Makes an install command for a new agent in the console, as an admin does; returns what the copy button copies. */
export async function createInstallCommand(page: Page, stack: Stack, agentName: string): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: stack.demo.consoleUrl });
  await signIn(page, stack, 'admin');
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}/agents/new`);
  await page.getByLabel('Name of the agent').fill(agentName);
  await page.getByRole('button', { name: 'Create install command' }).click();
  await page.getByRole('button', { name: 'Copy install command' }).click();
  await page.getByText('Command copied').waitFor();
  return page.evaluate(() => navigator.clipboard.readText());
}

/** The token inside such a command. */
export async function createJoinToken(page: Page, stack: Stack, agentName: string): Promise<string> {
  return /agt_enroll_[A-Za-z0-9_-]+/.exec(await createInstallCommand(page, stack, agentName))?.[0] ?? '';
}
