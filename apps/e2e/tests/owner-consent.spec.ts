import type { Page } from '@playwright/test';
import { z } from 'zod';

import { expectGoodEverywhere } from '../src/accessibility.ts';
import { askConsole } from '../src/console-api.ts';
import { addDescribedApi } from '../src/described-api.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import { openPage } from '../src/open-page.ts';
import type { Stack } from '../src/stack.ts';

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
  await owner.getByLabel('Comment').fill('Read by the desk of claims alone.');
  await owner.getByRole('button', { name: 'Comment' }).click();
  await expect(deciding.getByText('Read by the desk of claims alone.')).toBeVisible();
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

const Made = z.looseObject({ id: z.string() });

/** The admin who is signed in on the page makes a profile of one tool and gives it to the demo's member. */
async function makeDesk(page: Page, stack: Stack) {
  const findId = async (text: string, value: string): Promise<string> => {
    const [row] = await stack.query<{ id: string }>(text, [value]);
    if (!row) throw new Error(`The demo has no ${value}`);
    return row.id;
  };
  const siteId = await findId('select id from site where slug = $1', 'local');
  const serverId = await findId('select id from server where slug = $1', 'orders');
  const ownerId = await findId('select id from membership where email = $1', stack.getUser('member').email);
  const ask = <T>(procedure: string, input: object, schema: z.ZodType<T>) => askConsole(page, stack, procedure, input, schema);
  const { id: profileId } = await ask('profile.create', { name: 'Claims desk', siteIds: [siteId] }, Made);
  const choose = (names: readonly string[]) => {
    const entries = names.map((name) => ({ kind: 'tool', serverId, name }));
    return ask('profile.saveDraft', { profileId, draft: { entries } }, z.unknown());
  };
  await choose(['get_order']);
  const owner = { kind: 'person', id: ownerId };
  await ask('owner.setOfProfile', { profileId, owner, isAskable: false, revision: 1 }, z.unknown());
  return { choose, archive: () => ask('profile.archive', { profileId }, z.unknown()) };
}

test('what is published of a profile waits for its owner, who reads it as a plain member, agrees or sends it back', async ({
  page,
  stack,
  browser,
}) => {
  test.setTimeout(420_000);
  await signIn(page, stack, 'admin');
  const desk = await makeDesk(page, stack);
  await openPage(page, stack, '/profiles/claims-desk?tab=access');
  await expect(page.getByText('Agrees to a new version before it takes effect')).toBeVisible();
  await page.getByRole('button', { name: 'Publish version 1' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Max Member owns it and has to agree');
  await expectGoodEverywhere(page, 'publish with an owner');
  await dialog.getByRole('button', { name: 'Publish version 1' }).click();
  await expect(dialog).toContainText('Version 1 waits for Max Member to agree');
  await expectGoodEverywhere(page, 'publish waits');
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByText('It waits for Max Member to agree')).toBeVisible();
  await expectGoodEverywhere(page, 'profile waits for its owner');
  await page.getByRole('button', { name: 'Publish version 1' }).click();
  await expect(dialog).toContainText('Adam Admin has published exactly this. It waits for Max Member to agree.');
  await expect(dialog.getByRole('button', { name: 'Publish version 1' })).toBeDisabled();
  await expectGoodEverywhere(page, 'published once already');
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await openPage(page, stack, '/');
  await expect(page.getByText('waits for Max Member to agree to a new version')).toBeVisible();

  const owner = await (await browser.newContext()).newPage();
  await signIn(owner, stack, 'member');
  await openPage(owner, stack, '/connect');
  const waiting = owner.getByRole('status').filter({ hasText: 'A new version of Claims desk waits for you to agree' });
  await expectGoodEverywhere(owner, 'connect of an owner who is asked');
  await waiting.getByRole('link', { name: 'Look at it' }).click();
  await expect(owner.getByText('It waits for you to agree')).toBeVisible();
  await expect(owner.getByRole('region', { name: 'The first version' })).toContainText('Adds get_order');
  await expect(owner.getByRole('link', { name: 'Open the profile' })).toHaveCount(0);
  await expectGoodEverywhere(owner, 'request for its owner');
  await owner.getByRole('button', { name: 'Agree…' }).click();
  await owner.getByRole('alertdialog').getByRole('button', { name: 'Agree' }).click();
  await expect(owner.getByText('Adam Admin published it as version 1')).toBeVisible();
  await expectGoodEverywhere(owner, 'request agreed to');

  await openPage(page, stack, '/profiles/claims-desk?tab=history');
  await expect(page.getByRole('region', { name: 'Versions' })).toContainText('agreed by Max Member');
  await desk.choose(['get_order', 'cancel_order']);
  await page.reload();
  await page.getByRole('button', { name: 'Publish version 2' }).click();
  await dialog.getByRole('button', { name: 'Publish version 2' }).click();
  await dialog.getByRole('link', { name: 'Look at it' }).click();
  await expect(page.getByText('It waits for Max Member to agree')).toBeVisible();
  await expect(page.getByText('An owner of the workspace can go on without, with a reason.')).toBeVisible();
  const address = page.url();
  await owner.goto(address);
  await owner.getByRole('button', { name: 'Send back…' }).click();
  await owner.getByRole('dialog').getByLabel('What is to be changed?').fill('Nobody here cancels orders.');
  await owner.getByRole('dialog').getByRole('button', { name: 'Send back' }).click();
  await expect(owner.getByText('Max Member sent it back')).toBeVisible();
  await openPage(page, stack, '/profiles/claims-desk');
  await expect(page.getByText('“Nobody here cancels orders.”')).toBeVisible();

  await desk.choose(['get_order', 'add_order_note']);
  await page.reload();
  await page.getByRole('button', { name: 'Publish version 2' }).click();
  await dialog.getByRole('button', { name: 'Publish version 2' }).click();
  await dialog.getByRole('link', { name: 'Look at it' }).click();
  await expect(page.getByText('It waits for Max Member to agree')).toBeVisible();
  const boss = await (await browser.newContext()).newPage();
  await signIn(boss, stack, 'owner');
  await boss.goto(page.url());
  await boss.getByRole('button', { name: 'Go on without…' }).click();
  await boss.getByRole('dialog').getByLabel('Why can it not wait?').fill('Max is on holiday');
  await expectGoodEverywhere(boss, 'go on without the owner of a profile');
  await boss.getByRole('dialog').getByRole('button', { name: 'Go on without' }).click();
  await expect(boss.getByText('Adam Admin published it as version 2')).toBeVisible();

  await openPage(page, stack, '/profiles/claims-desk?tab=history');
  const versions = page.getByRole('region', { name: 'Versions' });
  await expect(versions).toContainText('Olivia Owner went on without the owner: “Max is on holiday”');
  await page.getByRole('button', { name: 'Roll back to version 1' }).click();
  await expect(dialog).toContainText('An owner of the workspace can go on without, with a reason.');
  await expectGoodEverywhere(page, 'roll back with an owner');
  await dialog.getByRole('button', { name: 'Roll back to version 1' }).click();
  await expect(dialog).toContainText('Version 3 waits for Max Member to agree');
  await dialog.getByRole('button', { name: 'Close' }).last().click();
  await expect(page.getByText('Going back to version 1 waits for Max Member to agree')).toBeVisible();
  await expectGoodEverywhere(page, 'history that waits');
  await desk.archive();
  await owner.context().close();
  await boss.context().close();
});
