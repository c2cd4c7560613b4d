import { expect, type Page } from '@playwright/test';

import type { Stack } from './stack.ts';

/** Adds an API by its pasted description, of which every operation reads, and opens the review of it; returns the address of that. */
export async function addDescribedApi(page: Page, stack: Stack, title: string, operations: readonly object[]): Promise<string> {
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}/servers/new/openapi`);
  await page.getByText('Pasted text').click();
  const paths = Object.fromEntries(operations.map((get, index) => [`/orders/${index}`, { get }]));
  // as a file would have it: the characters themselves
  const text = JSON.stringify({ openapi: '3.1.0', info: { title, version: '1' }, paths });
  await page.getByLabel('Text of the description').fill(text);
  await page.getByRole('button', { name: 'Read the description' }).click();
  await page.getByRole('button', { name: `Add ${operations.length} that read` }).click();
  await page.getByLabel('Base URL').fill(`http://127.0.0.1:${stack.base + 30}/api`);
  await page.getByLabel('What will people use it for?').fill('To see what becomes of it.');
  const agent = page.getByLabel('Which agent reaches it?');
  if (!(await agent.innerText()).includes('local-01')) {
    await agent.click();
    await page.getByRole('option', { name: /local-01/ }).click();
  }
  await page.getByRole('button', { name: new RegExp(`^Send ${operations.length} tools? for review$`) }).click();
  await page.getByRole('link', { name: 'Open the review' }).click();
  await page.waitForURL('**/reviews/*');
  await expect(page.getByRole('heading', { level: 1 })).toContainText(title);
  return page.url();
}
