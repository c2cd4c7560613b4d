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
