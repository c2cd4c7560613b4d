import { expect, type Page } from '@playwright/test';

import type { Stack } from './stack.ts';

/** Goes to a page of the demo's workspace, "/members", and waits until all of it is there. */
export async function openPage(page: Page, stack: Stack, path: string): Promise<void> {
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}${path}`);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await expect(page.locator('[aria-busy]')).toHaveCount(0);
}
