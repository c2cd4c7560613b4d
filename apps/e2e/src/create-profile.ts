import type { Page } from '@playwright/test';

import { openPage } from './open-page.ts';
import type { Stack } from './stack.ts';

/** Makes a profile of this name for the demo's own site, as an admin does, and ends on its page. Another spec may have made further sites, of which one is then chosen. */
export async function createProfile(page: Page, stack: Stack, name: string): Promise<void> {
  await openPage(page, stack, '/profiles');
  await page.getByRole('button', { name: 'Create profile' }).first().click();
  const dialog = page.getByRole('dialog', { name: 'Create profile' });
  await dialog.getByLabel('Name', { exact: true }).fill(name);
  const sites = await stack.query('select id from site');
  if (sites.length > 1) await dialog.getByRole('checkbox', { name: 'Local machine' }).click();
  await dialog.getByRole('button', { name: 'Create profile' }).click();
  await page.waitForURL(`**/profiles/${name.toLowerCase().replaceAll(' ', '-')}`);
}
