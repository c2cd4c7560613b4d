import { expectGoodEverywhere } from '../src/accessibility.ts';
import { addDescribedApi } from '../src/described-api.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import { openPage } from '../src/open-page.ts';

test('what is approved of a server waits for its owner, who is told, agrees, and puts it in effect by that', async ({
  page,
  stack,
  browser,
}) => {
  test.setTimeout(300_000);
  await signIn(page, stack, 'admin');
  const url = await addDescribedApi(page, stack, 'Invoices', [
    { operationId: 'readInvoice', description: 'Reads an invoice.', responses: { 200: { description: 'It' } } },
  ]);
  await openPage(page, stack, '/servers/invoices?tab=people');
  await page.getByRole('button', { name: 'Change owner…' }).click();
  const dialog = page.getByRole('dialog');
  const field = dialog.getByRole('combobox', { name: 'Owner' });
  const { email } = stack.getUser('auditor');
  await field.fill(email);
  await page.getByRole('option', { name: email }).click();
  await dialog.getByRole('button', { name: 'Save owner' }).click();
  await expect(page.getByText('Ari Auditor owns it, and agrees to what is approved of it')).toBeVisible();

  const deciding = await (await browser.newContext()).newPage();
  await signIn(deciding, stack, 'reviewer');
  await deciding.goto(url);
  await expect(deciding.getByText(/^It takes the consent of/)).toBeVisible();
  await deciding.getByRole('radiogroup', { name: 'Decision on readInvoice' }).getByRole('radio', { name: 'Approve' }).click();
  await deciding
    .getByRole('button', { name: /^Approve 1/ })
    .first()
    .click();
  await expect(deciding.getByRole('dialog')).toContainText('It waits for the owner of the server');
  await expectGoodEverywhere(deciding, 'decide with an owner');
  await deciding
    .getByRole('dialog')
    .getByRole('button', { name: /^Approve 1/ })
    .click();
  await expect(deciding.getByText(/^It waits for .* to agree$/)).toBeVisible();
  await expectGoodEverywhere(deciding, 'review waits for its owner');

  const owner = await (await browser.newContext()).newPage();
  await signIn(owner, stack, 'auditor');
  await openPage(owner, stack, '/');
  await expect(owner.getByText('waits for its owner to agree')).toBeVisible();
  await owner.goto(url);
  await expect(owner.getByText('It waits for you to agree')).toBeVisible();
  await expectGoodEverywhere(owner, 'review for its owner');
  await owner.getByRole('button', { name: 'Agree…' }).click();
  await owner.getByRole('alertdialog').getByRole('button', { name: 'Agree' }).click();
  await expect(owner.getByText('It waits for you to agree')).toHaveCount(0);
  await expect(owner.getByText('Decided', { exact: true })).toBeVisible();
  await expect(owner.getByText(/agreed, who owns the server/)).toBeVisible();
  await expectGoodEverywhere(owner, 'review agreed to');
  await owner.context().close();
  await deciding.context().close();
});
