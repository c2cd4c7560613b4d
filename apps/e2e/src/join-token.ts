import type { Page } from '@playwright/test';

import { expect, signIn } from './fixtures.ts';
import type { Stack } from './stack.ts';

/** Makes a join token for a new agent in the console, as an admin does; returns the token of the shown command. */
export async function createJoinToken(page: Page, stack: Stack, agentName: string): Promise<string> {
  await signIn(page, stack, 'admin');
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}/agents/new`);
  await page.getByLabel('Name').fill(agentName);
  await page.getByRole('button', { name: 'Create command' }).click();
  const command = page.getByText(/agt_enroll_[A-Za-z0-9_-]+/).first();
  await expect(command).toBeVisible();
  return /agt_enroll_[A-Za-z0-9_-]+/.exec(await command.innerText())?.[0] ?? '';
}
