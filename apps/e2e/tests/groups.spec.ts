import { expectGoodEverywhere } from '../src/accessibility.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import { openPage } from '../src/open-page.ts';

test.describe('a group', () => {
  test.describe.configure({ mode: 'serial', timeout: 240_000 });

  test('is made, gets people and a profile, and whoever is in it has the profile until leaving it', async ({ page, stack }) => {
    await signIn(page, stack, 'admin');
    await openPage(page, stack, '/groups');
    await page.getByRole('button', { name: 'New group' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Order desk');
    await dialog.getByLabel('What it is for').fill('Looks up and refunds orders.');
    await dialog.getByRole('button', { name: 'Create group' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Order desk' })).toBeVisible();
    await expectGoodEverywhere(page, 'group empty');

    await page.getByRole('button', { name: 'Add people' }).click();
    const auditor = stack.demo.users.find(({ role }) => role === 'auditor') ?? { email: '' };
    await dialog.getByLabel('Search people of the workspace').fill(auditor.email);
    await expect(dialog.getByRole('checkbox')).toHaveCount(1);
    await dialog.getByRole('checkbox').click();
    await expectGoodEverywhere(page, 'group add people');
    await dialog.getByRole('button', { name: 'Add 1 person' }).click();
    await expect(dialog).toHaveCount(0);
    const people = page.getByRole('table', { name: 'People of the group' });
    await expect(people.getByRole('row')).toHaveCount(2);

    await openPage(page, stack, '/profiles/research?tab=access');
    await page.getByRole('combobox', { name: 'Group' }).click();
    await page.getByRole('option', { name: /Order desk/ }).click();
    await page.getByRole('button', { name: 'Give to group' }).click();
    const given = page.getByRole('table', { name: 'Groups with access' });
    await expect(given.getByRole('link', { name: 'Order desk' })).toBeVisible();
    await expectGoodEverywhere(page, 'profile access with a group');

    const other = await page.context().browser()?.newPage();
    if (!other) throw new Error('There is no browser');
    await signIn(other, stack, 'auditor');
    await openPage(other, stack, '/connect');
    await expect(other.getByRole('heading', { name: 'Research' })).toBeVisible();

    await given.getByRole('link', { name: 'Order desk' }).click();
    await expect(page.getByRole('button', { name: 'Delete group…' })).toHaveAttribute('aria-disabled', 'true');
    await expectGoodEverywhere(page, 'group');
    await people.getByRole('button', { name: /^Take .* out of the group$/ }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Take out' }).click();
    await expect(page.getByRole('heading', { name: 'Nobody is in it yet' })).toBeVisible();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(people.getByRole('row')).toHaveCount(2);
    await people.getByRole('button', { name: /^Take .* out of the group$/ }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Take out' }).click();
    await expect(page.getByRole('heading', { name: 'Nobody is in it yet' })).toBeVisible();
    await other.reload();
    await expect(other.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(other.locator('[aria-busy]')).toHaveCount(0);
    await expect(other.getByRole('heading', { name: 'Research' })).toHaveCount(0);
    await other.close();
  });

  test('shows both versions to whoever comes second, says what it did in the log, and goes when it has nothing', async ({
    page,
    stack,
    browser,
    consoleErrors,
  }) => {
    await signIn(page, stack, 'owner');
    await openPage(page, stack, '/groups?q=order');
    await page.getByRole('link', { name: /Order desk/ }).click();
    await page.getByRole('button', { name: 'Edit group…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Orders');
    const other = await browser.newPage();
    await signIn(other, stack, 'admin');
    await openPage(other, stack, '/groups');
    await other.getByRole('link', { name: /Order desk/ }).click();
    await other.getByRole('button', { name: 'Edit group…' }).click();
    await other.getByRole('dialog').getByLabel('What it is for').fill('Looks orders up.');
    await other.getByRole('button', { name: 'Save group' }).click();
    await expect(other.getByRole('dialog')).toHaveCount(0);
    await other.close();

    await dialog.getByRole('button', { name: 'Save group' }).click();
    const notice = dialog.getByRole('region', { name: 'Changed meanwhile' });
    await expect(notice).toContainText('Looks orders up.');
    await notice.getByRole('button', { name: 'Put this into the form' }).click();
    await dialog.getByRole('button', { name: 'Save group' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Orders' })).toBeVisible();
    expect(consoleErrors.splice(0), 'of the conflict alone').toEqual([expect.stringContaining('409')]);

    await openPage(page, stack, '/profiles/research?tab=access');
    await page.getByRole('button', { name: 'Remove access from Orders' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Remove access' }).click();
    await expect(page.getByRole('button', { name: 'Remove access from Orders' })).toHaveCount(0);
    await openPage(page, stack, '/groups');
    await page.getByRole('link', { name: /^Orders/ }).click();
    await page.getByRole('button', { name: 'Delete group…' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Delete group' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Groups' })).toBeVisible();
    await expect(page.getByText('Orders was deleted').first()).toBeVisible();
    await expect(page.getByRole('link', { name: /^Orders/ })).toHaveCount(0);
    await openPage(page, stack, '/audit/admin');
    for (const did of ['Deleted a group', 'Took a profile from a group', 'Took a person out of a group', 'Made a group'])
      await expect(page.getByText(did).first()).toBeVisible();
  });
});
