import type { Page } from '@playwright/test';

import { expect, signIn, test } from '../src/fixtures.ts';

const EMAIL = 'new.cfo@acme.example';

/** The link that a dialog of the members page shows. */
async function readLink(page: Page): Promise<string> {
  return (await page.getByRole('figure', { name: 'Link' }).locator('code').textContent()) ?? '';
}

async function signInAs(page: Page, url: string, password: string): Promise<void> {
  await page.goto('about:blank');
  await page.context().clearCookies();
  await page.goto(url);
  await page.getByLabel('Work e-mail').fill(EMAIL);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL('**/t/acme/connect');
}

test('a person is invited, joins with a password that nobody else chose, and changes it', async ({ page, stack }) => {
  const { consoleUrl } = stack.demo;
  const home = `${consoleUrl}/t/${stack.demo.tenant}`;
  const sent: string[] = [];
  page.on('request', (request) => sent.push(request.url(), request.headers().referer ?? ''));

  await signIn(page, stack, 'owner');
  await page.goto(`${home}/members`);
  await page.getByRole('button', { name: 'Invite member' }).click();
  await page.getByLabel('Work e-mail').fill(EMAIL);
  await page.getByRole('button', { name: 'Make invitation' }).click();
  const invitation = await readLink(page);
  await page.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('table', { name: 'Invitations' }).getByText(EMAIL)).toBeVisible();
  await expect(page.getByRole('table', { name: 'Members' }).getByText(EMAIL)).toHaveCount(0);

  // leaves the page first: one that finds itself signed out goes to the sign-in page by itself
  await page.goto('about:blank');
  await page.context().clearCookies();
  await page.goto(invitation);
  await page.getByLabel('Your name').fill('Nea Newcomer');
  await page.getByLabel('Choose a password').fill('the first password of Nea');
  await page.getByRole('button', { name: 'Join Acme' }).click();
  await page.waitForURL('**/t/acme/connect');

  await page.goto(`${consoleUrl}/account`);
  await page.getByLabel('Present password').fill('the first password of Nea');
  await page.getByLabel('New password').fill('the second password of Nea');
  await page.getByRole('button', { name: 'Change password' }).click();
  await expect(page.getByText('The password is changed').first()).toBeVisible();
  await signInAs(page, `${consoleUrl}/login`, 'the second password of Nea');

  const secret = new URL(invitation).hash.slice(1);
  expect(secret).toHaveLength(43);
  expect(sent.filter((text) => text.split('#', 1)[0]?.includes(secret))).toEqual([]);
});
