import { expectGoodEverywhere } from '../src/accessibility.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import { openPage } from '../src/open-page.ts';

test.use({ timezoneId: 'America/New_York' });

test('a person chooses a time zone, and every time is shown in it, with its name; before that in the zone of the browser', async ({
  page,
  stack,
}) => {
  test.setTimeout(180_000);
  const { consoleUrl } = stack.demo;
  await signIn(page, stack, 'owner');
  await openPage(page, stack, '/audit/admin');
  const head = page.getByRole('columnheader', { name: /^Time/ });
  await expect(head).toHaveText(/^Time ?UTC-[45]$/);
  await openPage(page, stack, `/agents/${stack.demo.agents[0]?.id}`);
  await expect(page.getByText(/\d{4}, \d\d:\d\d:\d\d UTC-[45]$/).first()).toBeVisible();

  await page.goto(`${consoleUrl}/account`);
  const field = page.getByRole('combobox', { name: 'Time zone', exact: true });
  await expect(field).toHaveAttribute('placeholder', 'As the browser: America/New York');
  await field.fill('tokyo');
  await page.getByRole('option', { name: 'Asia/Tokyo' }).click();
  await page.getByRole('button', { name: 'Save time zone' }).click();
  await expect(page.getByText(/\d\d:\d\d:\d\d UTC\+9/)).toBeVisible();
  await expectGoodEverywhere(page, 'account time zone');

  await page.getByRole('link', { name: 'Back to the console' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await openPage(page, stack, '/audit/admin');
  await expect(head).toHaveText(/UTC\+9$/);
  await openPage(page, stack, `/agents/${stack.demo.agents[0]?.id}`);
  await expect(page.getByText(/\d{4}, \d\d:\d\d:\d\d UTC\+9$/).first()).toBeVisible();

  // a minute that is typed is one of the same clocks, and the address has it in UTC
  await openPage(page, stack, '/audit?from=2026-11-21T10:00:00.000Z');
  await expect(page.getByLabel('From')).toHaveValue('2026-11-21T19:00');
  await page.getByLabel('From').fill('2026-11-21T20:00');
  await page.getByLabel('From').press('Enter');
  await expect(page).toHaveURL(/from=2026-11-21T11:00:00\.000Z/);
  await openPage(page, stack, '/audit/admin?from=2026-11-21T10:00:00.000Z');
  await expect(page.getByRole('combobox', { name: 'Time' })).toContainText('Since 21 Nov 2026, 19:00:00 UTC+9');

  await page.goto(`${consoleUrl}/account`);
  await page.getByRole('button', { name: 'Clear time zone' }).click();
  await page.getByRole('button', { name: 'Save time zone' }).click();
  await expect(page.getByText(/\d\d:\d\d:\d\d UTC-[45]/)).toBeVisible();
});
