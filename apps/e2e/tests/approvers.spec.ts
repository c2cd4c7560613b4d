import { expectGoodEverywhere } from '../src/accessibility.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import { openPage } from '../src/open-page.ts';

test('approvers are searched for and named, on the page of a server and of a profile, and decide from then on', async ({
  page,
  stack,
  browser,
}) => {
  test.setTimeout(300_000);
  await signIn(page, stack, 'admin');
  await openPage(page, stack, '/servers/orders?tab=people');
  await expect(page.getByText('No approver is named, so whoever has the role')).toBeVisible();
  await expectGoodEverywhere(page, 'server people');
  await page.getByRole('button', { name: 'Change owner…' }).click();
  const dialog = page.getByRole('dialog');
  const auditor = stack.getUser('auditor').email;
  const owner = dialog.getByRole('combobox', { name: 'Owner' });
  await owner.click();
  await owner.fill(auditor);
  await expect(page.getByRole('option')).toHaveCount(1);
  await page.getByRole('option').click();
  await dialog.getByRole('button', { name: 'Save owner' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText('agrees to what is approved of it')).toBeVisible();

  await page.getByRole('button', { name: 'Change approvers…' }).click();
  const field = dialog.getByRole('combobox', { name: 'Add an approver' });
  await field.click();
  await field.fill(stack.getUser('reviewer').email);
  await expect(page.getByRole('option')).toHaveCount(1);
  await expectGoodEverywhere(page, 'approver search');
  await page.getByRole('option').click();
  await expect(dialog.getByRole('list', { name: 'Approvers' }).getByRole('listitem')).toHaveCount(1);
  await field.fill('nobody is called so');
  await expect(page.getByText('Nothing matches')).toBeVisible();
  await page.keyboard.press('Escape');
  await expectGoodEverywhere(page, 'approvers');
  await dialog.getByRole('button', { name: 'Save approvers' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText(/alone approves? what it offers/)).toBeVisible();
  await expectGoodEverywhere(page, 'server people named');
  await page.getByRole('button', { name: 'Change approvers…' }).click();
  await dialog.getByRole('button', { name: /^Take .* off$/ }).click();
  await dialog.getByRole('button', { name: 'Save approvers' }).click();
  await expect(page.getByText('No approver is named')).toBeVisible();

  await openPage(page, stack, '/profiles/support?tab=access');
  await page.getByRole('button', { name: 'Change approvers…' }).click();
  await field.click();
  await field.fill(auditor);
  await expect(page.getByRole('option')).toHaveCount(1);
  await page.getByRole('option').click();
  await dialog.getByRole('button', { name: 'Save approvers' }).click();
  await expect(page.getByText(/decides? on requests, beside its owner/)).toBeVisible();
  await expectGoodEverywhere(page, 'profile approvers');

  const asking = await (await browser.newContext()).newPage();
  await signIn(asking, stack, 'builder');
  await openPage(asking, stack, '/connect');
  await asking.getByRole('button', { name: 'Ask for Support' }).click();
  await asking.getByRole('dialog').getByLabel('What do you need it for?').fill('To build the next one');
  await asking.getByRole('dialog').getByRole('button', { name: 'Ask for access' }).click();
  await expect(asking.getByRole('button', { name: 'Withdraw the request for Support' })).toBeVisible();
  const deciding = await (await browser.newContext()).newPage();
  await signIn(deciding, stack, 'auditor');
  await openPage(deciding, stack, '/connect');
  await expect(deciding.getByText('asks for Support')).toBeVisible();
  await expectGoodEverywhere(deciding, 'connect with a request to decide');
  await deciding.getByRole('link', { name: 'Decide' }).click();
  await deciding.getByRole('button', { name: /^Refuse Support for/ }).click();
  await deciding.getByRole('dialog').getByLabel('Why?').fill('Research has what you need.');
  await deciding.getByRole('dialog').getByRole('button', { name: 'Refuse' }).click();
  await expect(deciding.getByRole('heading', { name: 'Nobody waits' })).toBeVisible();
  await deciding.context().close();
  await asking.context().close();

  await page.getByRole('button', { name: 'Change approvers…' }).click();
  await dialog.getByRole('button', { name: /^Take .* off$/ }).click();
  await dialog.getByRole('button', { name: 'Save approvers' }).click();
  await expect(page.getByText('No approver is named')).toBeVisible();
});
