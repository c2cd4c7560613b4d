import { expectAccessible } from '../src/accessibility.ts';
import { expect, signIn, test } from '../src/fixtures.ts';

test('a role can be changed once another one is chosen', async ({ page, stack }) => {
  await signIn(page, stack, 'owner');
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}/members`);
  const row = page.getByRole('row').filter({ hasText: 'Bea Builder' });
  const dialog = page.getByRole('dialog');
  for (const role of ['Auditor', 'Builder']) {
    await row.getByRole('button', { name: 'Actions for Bea Builder' }).click();
    await page.getByRole('menuitem', { name: 'Edit…' }).click();
    await expect(dialog.getByRole('button', { name: 'Save member' })).toBeDisabled();
    await dialog.getByLabel('Role').click();
    await page.getByRole('option', { name: role }).click();
    await dialog.getByRole('button', { name: 'Save member' }).click();
    await expect(dialog).toHaveCount(0);
    await expect(row).toContainText(role);
  }
});

test('a name that another agent has is said at the field', async ({ page, stack, consoleErrors }) => {
  await signIn(page, stack, 'admin');
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}/agents/new`);
  const name = page.getByLabel('Name of the agent');
  await name.fill('local-01');
  await page.getByRole('button', { name: 'Create install command' }).click();
  await expect(name).toHaveAccessibleDescription(/already has an agent named local-01/);
  await expect(name).toBeFocused();
  expect(consoleErrors.splice(0), 'of the refusal alone').toEqual([expect.stringContaining('409')]);
});

test('a server is looked at again by the agent that is connected, unless another is chosen', async ({ page, stack }) => {
  await signIn(page, stack, 'admin');
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}/servers/orders`);
  await page.getByRole('button', { name: 'Look again' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByLabel('Agent')).toContainText('local-01');
  await dialog.getByRole('button', { name: 'Look again' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText(/^Found 4 tools/)).toBeVisible();
});

test('what is typed on a page is not lost without a question', async ({ page, stack }) => {
  await signIn(page, stack, 'admin');
  const home = `${stack.demo.consoleUrl}/t/${stack.demo.tenant}`;
  await page.goto(`${home}/servers/orders/edit`);
  const purpose = page.getByLabel('What will people use it for?');
  const reviews = page.getByRole('link', { name: 'Reviews' }).first();
  const question = page.getByRole('alertdialog', { name: 'Leave without saving?' });
  await expect(purpose).not.toHaveValue('');
  await purpose.fill('Typed, not saved.');
  await reviews.click();
  await expect(question.getByRole('button', { name: 'Stay' })).toBeFocused();
  await expectAccessible(page, 'leaving without saving');
  await page.keyboard.press('Escape');
  await expect(question).toHaveCount(0);
  await expect(purpose).toHaveValue('Typed, not saved.');

  const asked = page.waitForEvent('dialog');
  const reloading = page.reload({ timeout: 3_000 }).catch(() => null);
  const dialog = await asked;
  expect(dialog.type()).toBe('beforeunload');
  await dialog.dismiss();
  await reloading;
  await expect(purpose).toHaveValue('Typed, not saved.');

  // a key that leads elsewhere asks as well, and so does what the palette finds
  await page.getByRole('heading', { level: 1 }).click();
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await question.getByRole('button', { name: 'Stay' }).click();
  await reviews.click();
  await question.getByRole('button', { name: 'Leave' }).click();
  await page.waitForURL('**/reviews');

  // nothing is typed, or it is given up by name: no question
  await page.goto(`${home}/servers/orders/edit`);
  await expect(purpose).not.toHaveValue('');
  await purpose.fill('Typed, given up.');
  await page.getByRole('link', { name: 'Cancel' }).click();
  await page.waitForURL('**/servers/orders');
  await reviews.click();
  await page.waitForURL('**/reviews');
});

test('what is typed in a dialog goes with its button alone, and what is too long is said and never cut', async ({
  page,
  stack,
}) => {
  await signIn(page, stack, 'admin');
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}/groups`);
  const open = page.getByRole('button', { name: 'New group' }).first();
  const dialog = page.getByRole('dialog');
  const question = page.getByRole('alertdialog', { name: 'Throw away what you typed?' });
  await open.click();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);

  await open.click();
  const name = dialog.getByLabel('Name');
  await name.fill('x'.repeat(300));
  await expect(name).toHaveValue('x'.repeat(300));
  await expect(name).toHaveAccessibleDescription('Use at most 80 characters. This has 300.');
  await dialog.getByRole('button', { name: 'Create group' }).click();
  await expect(name).toBeFocused();
  await name.fill('Not made');
  await expect(name).not.toHaveAccessibleDescription(/Use at most/);

  await page.keyboard.press('Escape');
  await expect(question.getByRole('button', { name: 'Keep editing' })).toBeFocused();
  await expectAccessible(page, 'throwing away what is typed');
  await page.keyboard.press('Escape');
  await expect(question).toHaveCount(0);
  await page.mouse.click(5, 400);
  await question.getByRole('button', { name: 'Keep editing' }).click();
  await expect(name).toHaveValue('Not made');
  await page.keyboard.press('Escape');
  await question.getByRole('button', { name: 'Throw away' }).click();
  await expect(dialog).toHaveCount(0);

  await open.click();
  await name.fill('Not made');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(question).toHaveCount(0);
});
