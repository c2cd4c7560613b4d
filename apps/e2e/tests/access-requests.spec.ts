import { expectGoodEverywhere } from '../src/accessibility.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import { openPage } from '../src/open-page.ts';

test('a profile has an owner, who refuses with a reason that is shown, and gives access with an end', async ({
  page,
  stack,
  browser,
}) => {
  test.setTimeout(300_000);
  const readOwner = `select m.email from profile p join membership m on m.id = p.owner_membership_id where p.slug = 'research'`;
  const [before] = await stack.query<{ email: string }>(readOwner);
  await signIn(page, stack, 'admin');
  await openPage(page, stack, '/profiles/research?tab=access');
  await page.getByRole('button', { name: 'Change owner…' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Owner' }).click();
  await page
    .getByRole('option', { name: /Bob|Builder/ })
    .first()
    .click();
  await expectGoodEverywhere(page, 'profile owner');
  await dialog.getByRole('button', { name: 'Save owner' }).click();
  await expect(dialog).toHaveCount(0);
  await expect(page.getByText('owns it, and decides on requests for access.')).toBeVisible();

  const asking = await (await browser.newContext()).newPage();
  await signIn(asking, stack, 'auditor');
  await openPage(asking, stack, '/connect');
  const offered = asking.getByRole('table', { name: 'Profiles you can ask for' });
  await offered.getByRole('button', { name: 'Ask for Research' }).click();
  await asking.getByRole('dialog').getByLabel('What do you need it for?').fill('The audit of the quarter');
  await expectGoodEverywhere(asking, 'ask for access');
  await asking.getByRole('dialog').getByRole('button', { name: 'Ask for access' }).click();
  await expect(asking.getByRole('dialog')).toHaveCount(0);
  await expect(offered.getByRole('button', { name: 'Withdraw the request for Research' })).toBeVisible();
  await expectGoodEverywhere(asking, 'connect with a request');

  const owner = await (await browser.newContext()).newPage();
  await signIn(owner, stack, 'builder');
  await openPage(owner, stack, '/');
  await expect(owner.getByText('is asked for by')).toBeVisible();
  await openPage(owner, stack, '/access-requests');
  await owner.getByRole('button', { name: /^Refuse Research for/ }).click();
  await owner.getByRole('dialog').getByLabel('Why?').fill('Use Support for that.');
  await owner.getByRole('dialog').getByRole('button', { name: 'Refuse' }).click();
  await expect(owner.getByRole('heading', { name: 'Nobody waits' })).toBeVisible();
  await expect(offered.getByText('Refused: Use Support for that.')).toBeVisible();

  await offered.getByRole('button', { name: 'Ask for Research' }).click();
  await asking.getByRole('dialog').getByLabel('What do you need it for?').fill('There is no other way to it');
  await asking.getByRole('dialog').getByRole('button', { name: 'Ask for access' }).click();
  await owner.getByRole('button', { name: /^Give Research to|^Give Research for/ }).click();
  await expectGoodEverywhere(owner, 'access requests');
  await owner.getByRole('dialog').getByRole('button', { name: 'Give access' }).click();
  await expect(asking.getByRole('heading', { name: 'Research' })).toBeVisible();
  await openPage(owner, stack, '/connect');
  await expect(owner.getByRole('table', { name: 'What you own' })).toContainText('Research');
  await expectGoodEverywhere(owner, 'what one owns');

  // what was given has its end beside the person, and is taken again
  await openPage(page, stack, '/profiles/research?tab=access');
  await expect(page.getByRole('table', { name: 'People with access' })).toContainText(/in \d+ d|days|Dec|Jan/);
  await page.getByRole('button', { name: /^Remove access from Ari/ }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove access' }).click();
  await expect(page.getByRole('button', { name: /^Remove access from Ari/ })).toHaveCount(0);
  await asking.context().close();
  await owner.context().close();

  // who owns it agrees to its versions: the other specs publish it, so it goes back to who owned it
  await page.getByRole('button', { name: 'Change owner…' }).click();
  await dialog.getByRole('combobox', { name: 'Owner' }).click();
  await dialog.getByRole('combobox', { name: 'Owner' }).fill(before?.email ?? '');
  await expect(page.getByRole('option')).toHaveCount(1);
  await page.getByRole('option').click();
  await dialog.getByRole('button', { name: 'Save owner' }).click();
  await expect(dialog).toHaveCount(0);
  expect(await stack.query(readOwner)).toEqual([before]);
});
