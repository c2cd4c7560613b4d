import { expect, signIn, test } from '../src/fixtures.ts';

test('a dialog starts at its first field, and a taken slug is said at the field', async ({ page, stack, consoleErrors }) => {
  await signIn(page, stack, 'admin');
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}/profiles`);
  await page.getByRole('button', { name: 'Create profile' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByLabel('Name')).toBeFocused();
  await page.keyboard.type('Support');
  await dialog.getByRole('button', { name: 'Create profile' }).click();
  const slug = dialog.getByLabel('Slug');
  await expect(slug).toHaveAccessibleDescription(/"support" is taken/);
  await expect(slug).toBeFocused();
  expect(consoleErrors.splice(0), 'of the refusal alone').toEqual([expect.stringContaining('409')]);
  await slug.fill('support-2');
  await expect(dialog.getByText('is taken')).toHaveCount(0);
});

test('a dialog without a field starts at the button that does nothing', async ({ page, stack }) => {
  await signIn(page, stack, 'admin');
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}/servers/orders`);
  await expect(page.getByRole('navigation', { name: 'Breadcrumb' })).toContainText('Orders');
  await page.getByRole('button', { name: 'Disable' }).click();
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeFocused();
});

test('closing the panel of a call goes back to the row that was shown last', async ({ page, stack }) => {
  await signIn(page, stack, 'auditor');
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}/audit`);
  const row = page.getByRole('table', { name: 'Calls' }).getByRole('row').nth(1);
  await row.getByRole('cell').nth(1).click();
  await expect(page.getByRole('complementary', { name: 'Call' })).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(row.getByRole('button')).toBeFocused();
});

test('clearing a filter that hides everything keeps the focus at the filters', async ({ page, stack }) => {
  await signIn(page, stack, 'auditor');
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}/audit?outcome=failed&to=2020-01-01T00:00:00.000Z`);
  await page.getByRole('button', { name: 'Clear the search' }).click();
  await expect(page.getByRole('search', { name: 'Find calls' })).toBeFocused();
});

test('a row of tabs too long for its place shows the chosen one', async ({ page, stack }) => {
  await page.setViewportSize({ width: 420, height: 900 });
  await signIn(page, stack, 'admin');
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}/servers/orders?tab=details`);
  await expect(page.getByRole('tab', { name: 'Details' })).toBeInViewport({ ratio: 0.99 });
});

test('what a tab shows can be reached by keyboard, and is seen to be', async ({ page, stack }) => {
  await signIn(page, stack, 'admin');
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}/servers/orders`);
  await page.getByRole('tab', { name: /^Tools/ }).focus();
  await page.keyboard.press('Tab');
  const panel = page.getByRole('tabpanel', { name: /^Tools/ });
  await expect(panel).toBeFocused();
  await expect(panel).toHaveCSS('outline-style', 'solid');
});
