import type { Page, Route } from '@playwright/test';

import { expectAccessible } from '../src/accessibility.ts';
import { createProfile } from '../src/create-profile.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import { connectLegacy } from '../src/mcp-clients.ts';
import type { Stack } from '../src/stack.ts';

const buildConsoleUrl = (stack: Stack, path: string) => `${stack.demo.consoleUrl}/t/${stack.demo.tenant}${path}`;
const SLUG = 'order-desk';

/** The page as it stands, wide and narrow, light and dark: without a violation, and kept in the folder of the test for somebody to look at. */
async function expectGood(page: Page, what: string): Promise<void> {
  for (const [width, height] of [
    [1440, 900],
    [390, 844],
  ] as const) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await expectAccessible(page, `${what}, ${width} px, ${colorScheme}`);
      await page.screenshot({ path: test.info().outputPath(`${what} ${width} ${colorScheme}.png`) });
    }
  }
  await page.emulateMedia({ colorScheme: 'light' });
  await page.setViewportSize({ width: 1440, height: 900 });
}

async function openProfile(page: Page, stack: Stack, tab = 'tools'): Promise<void> {
  await page.goto(buildConsoleUrl(stack, `/profiles/${SLUG}?tab=${tab}`));
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
}

/** A dialog of the page. What tells that something was done is one too, with a name of its own. */
const getDialog = (page: Page, name: string | RegExp) => page.getByRole('dialog', { name });

const getOrders = (page: Page) => page.getByRole('region', { name: 'Orders', exact: true });

async function toggleTool(page: Page, tool: string): Promise<void> {
  await getOrders(page).getByRole('checkbox', { name: tool }).click();
}

async function publish(page: Page, version: number): Promise<void> {
  await expect(page.getByText(/^Saved/)).toBeVisible();
  await page.getByRole('button', { name: `Publish version ${version}` }).click();
  const dialog = getDialog(page, /version/i);
  await dialog.getByRole('button', { name: `Publish version ${version}` }).click();
  await expect(dialog.getByText('Acknowledged and served')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await expect(dialog).toHaveCount(0);
}

/** A profile with a key of the admin for it. */
async function createProfileWithKey(page: Page, stack: Stack): Promise<string> {
  await createProfile(page, stack, 'Order desk');
  await page.getByRole('tab', { name: /Access/ }).click();
  await page.getByLabel('Person').click();
  await page.getByRole('option', { name: /Adam Admin/ }).click();
  await page.getByRole('button', { name: 'Give access' }).click();
  await expect(page.getByRole('table', { name: 'People with access' })).toContainText('Adam Admin');
  await page.getByRole('link', { name: 'Connect', exact: true }).last().click();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: stack.demo.consoleUrl });
  await page.getByLabel('What is it for?').fill('History');
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('button', { name: 'Copy key' }).click();
  return page.evaluate(() => navigator.clipboard.readText());
}

/** The tools as a client of this key gets them over the wire, as one text. */
async function readTools(stack: Stack, apiKey: string): Promise<string> {
  const client = await connectLegacy({ mcpUrl: `${stack.demo.agentUrl}/p/${SLUG}/mcp`, apiKey }, 'history');
  try {
    return JSON.stringify((await client.listTools()).tools);
  } finally {
    await client.close();
  }
}

test('a profile is changed, rolled back, copied, taken apart and put together, and ended, and nothing is lost on the way', async ({
  page,
  stack,
}) => {
  test.setTimeout(300_000);
  await signIn(page, stack, 'admin');
  const apiKey = await createProfileWithKey(page, stack);
  await openProfile(page, stack);

  // what is taken out keeps its name and comes back by undo, and by being chosen again
  await toggleTool(page, 'get_order');
  await toggleTool(page, 'cancel_order');
  await getOrders(page)
    .getByRole('button', { name: /^cancel_order/ })
    .click();
  await page.getByLabel('Name shown').fill('stop_order');
  await page.getByLabel('Description shown').fill('Stops an order for good.');
  await expect(page.getByText(/^Saved/)).toBeVisible();
  const selected = page.getByRole('region', { name: 'Selected from Orders', exact: true });
  await page.getByRole('button', { name: 'Take out', exact: true }).click();
  await expect(selected.getByRole('button', { name: /stop_order/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(selected.getByRole('button', { name: /stop_order.*Modified/ })).toBeVisible();
  await toggleTool(page, 'cancel_order');
  await expect(page.getByText(/^Saved/)).toBeVisible();
  await page.reload();
  await toggleTool(page, 'cancel_order');
  await expect(selected.getByRole('button', { name: /stop_order.*Modified/ })).toBeVisible();
  await publish(page, 1);
  const first = await readTools(stack, apiKey);
  expect(first).toContain('stop_order');

  // the second version is another one
  await toggleTool(page, 'cancel_order');
  await toggleTool(page, 'add_order_note');
  await publish(page, 2);
  await expect.poll(() => readTools(stack, apiKey)).not.toContain('stop_order');

  // name and purpose are edited, and AI clients get them with the next version
  await page.getByRole('button', { name: 'More for Order desk' }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await getDialog(page, 'Settings of Order desk').getByLabel('Description').fill('For the order desk.');
  await expectGood(page, 'settings');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await expect(page.getByText('For the order desk.')).toBeVisible();
  await expect(page.getByText('Draft changed')).toBeVisible();

  // back to the first version in one click and a confirmation that says what people notice
  await page.goto(buildConsoleUrl(stack, `/profiles/${SLUG}/history`));
  await page.waitForURL('**tab=history');
  const versions = page.getByRole('region', { name: 'Versions' });
  await expect(versions.getByText('Removes stop_order')).toBeVisible();
  await expect(versions).toContainText('Adam Admin');
  await expect(versions).toContainText('local-01');
  await expectGood(page, 'history');
  await page.getByRole('button', { name: 'Roll back to version 1' }).click();
  const dialog = getDialog(page, /version 1/i);
  await expect(dialog).toContainText('1 entry appears, 1 entry disappears');
  await expect(dialog).toContainText('1 person has access, with 1 key that works');
  await expect(dialog).toContainText('Adds stop_order');
  await expectGood(page, 'roll back');
  await dialog.getByRole('button', { name: 'Roll back to version 1' }).click();
  await expect(dialog).toContainText('Version 1 is back, as version 3');
  await expect(dialog.getByText('Acknowledged and served')).toBeVisible();
  await dialog.getByRole('button', { name: 'Close', exact: true }).last().click();
  await expect.poll(() => readTools(stack, apiKey)).toBe(first);
  await expect(versions.getByText('Version 1 again')).toBeVisible();

  // a draft starts from any version, after it was asked whether the changed one may go, and can be put back
  await versions.getByRole('button', { name: 'Start a draft from it' }).nth(1).click();
  await expect(page.getByRole('alertdialog')).toContainText('never published');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Replace the draft' }).click();
  await expect(page.getByText('The draft is version 2 now')).toBeVisible();
  await page.getByRole('tab', { name: /Tools/ }).click();
  await expect(selected.getByRole('button', { name: /add_order_note/ })).toBeVisible();

  // a copy has what is selected, and nobody
  await page.getByRole('button', { name: 'More for Order desk' }).click();
  await page.getByRole('menuitem', { name: 'Copy to a new profile' }).click();
  await expect(getDialog(page, 'Copy Order desk')).toContainText('nobody has access to the copy');
  await getDialog(page, 'Copy Order desk').getByRole('button', { name: 'Create the copy' }).click();
  await page.waitForURL('**/profiles/order-desk-copy');
  await expect(selected.getByRole('button', { name: /add_order_note/ })).toBeVisible();
  await expect(page.getByRole('tab', { name: /Access/ })).toContainText('0');

  // the end: archived, taken back, archived again, not deleted while somebody depends on it, and then deleted
  await openProfile(page, stack);
  await page.getByRole('button', { name: 'More for Order desk' }).click();
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  await expect(page.getByRole('alertdialog')).toContainText(`/p/${SLUG}/mcp`);
  await expect(page.getByRole('alertdialog')).toContainText('1 person loses access');
  await expect(page.getByRole('alertdialog')).toContainText('Adam Admin');
  await expectGood(page, 'archive');
  await page.getByRole('button', { name: 'Archive profile' }).click();
  await expect(page.getByText('This profile is archived')).toBeVisible();
  await expect.poll(() => readTools(stack, apiKey).catch(() => 'refused')).toBe('refused');
  await page.getByRole('button', { name: 'Undo', exact: true }).click();
  await expect(page.getByText('This profile is archived')).toHaveCount(0);
  await expect.poll(() => readTools(stack, apiKey).catch(() => 'refused')).toBe(first);

  await page.getByRole('button', { name: 'More for Order desk' }).click();
  await page.getByRole('menuitem', { name: 'Archive' }).click();
  await page.getByRole('button', { name: 'Archive profile' }).click();
  await expect(page.getByText('This profile is archived')).toBeVisible();
  await expectGood(page, 'archived profile');
  await page.getByRole('button', { name: 'More for Order desk' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(getDialog(page, /cannot be deleted yet/)).toContainText('Adam Admin has access to it, with 1 key that works.');
  await getDialog(page, /cannot be deleted yet/)
    .getByRole('button', { name: 'Close', exact: true })
    .last()
    .click();
  await page.getByRole('tab', { name: /Access/ }).click();
  await page.getByRole('button', { name: 'Remove access from Adam Admin' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Remove access' }).click();
  await expect(page.getByText('Nobody may use it yet')).toBeVisible();
  await page.goto(buildConsoleUrl(stack, '/profiles?show=archived'));
  await expect(page.getByRole('table', { name: 'Profiles' })).toContainText('Order desk');
  await expectGood(page, 'archived list');
  await page
    .getByRole('table', { name: 'Profiles' })
    .getByRole('link', { name: /^Order desk/ })
    .click();
  await page.getByRole('button', { name: 'More for Order desk' }).click();
  await page.getByRole('menuitem', { name: 'Delete' }).click();
  await expect(page.getByRole('button', { name: 'Delete profile' })).toBeDisabled();
  await page.getByLabel('Type Order desk to confirm').fill('Order desk');
  await page.getByRole('button', { name: 'Delete profile' }).click();
  await page.waitForURL('**/profiles?show=archived');
  // other tests may have archived something
  await expect(page.getByRole('radio', { name: 'Archived' })).toBeChecked();
  await expect(page.locator('[aria-busy]')).toHaveCount(0);
  await expect(page.getByRole('link', { name: /^Order desk/ })).toHaveCount(0);
});

test('a builder asks for publication, an admin sends it back and then publishes it', async ({ page, stack, browser }) => {
  test.setTimeout(180_000);
  await signIn(page, stack, 'builder');
  await page.goto(buildConsoleUrl(stack, '/profiles/support'));
  await expect(page.getByRole('button', { name: /^Publish version/ })).toHaveCount(0);
  await page.getByRole('button', { name: 'More for Support' }).click();
  await page.getByRole('menuitem', { name: 'Settings' }).click();
  await getDialog(page, /^Settings of/)
    .getByLabel('Description')
    .fill('For everybody at the desk.');
  await page.getByRole('button', { name: 'Save settings' }).click();
  await expect(page.getByText('Draft changed')).toBeVisible();
  const ask = async (note: string) => {
    await page.getByRole('button', { name: 'Ask to publish version 2' }).click();
    const dialog = getDialog(page, /^Ask to publish version 2/);
    await dialog.getByLabel('What is it for?').fill(note);
    await expect(dialog).toContainText('For everybody at the desk.');
    await dialog.getByRole('button', { name: 'Ask to publish', exact: true }).click();
    await expect(page.getByText('You asked for this draft to be published')).toBeVisible();
  };
  await ask('New words');
  await expectGood(page, 'asked');

  const other = await browser.newContext();
  const admin = await other.newPage();
  await signIn(admin, stack, 'admin');
  await admin.goto(buildConsoleUrl(stack, '/profiles/support'));
  await expect(admin.getByText(/asked for this draft to be published/)).toBeVisible();
  await expect(admin.getByText('“New words”')).toBeVisible();
  await admin.getByRole('button', { name: 'Send back…' }).click();
  await getDialog(admin, /^Send it back/)
    .getByLabel('What is to be changed?')
    .fill('Say which desk.');
  await getDialog(admin, /^Send it back/)
    .getByRole('button', { name: 'Send back', exact: true })
    .click();
  await expect(page.getByText('Adam Admin sent the request to publish back')).toBeVisible();
  await expect(page.getByText('“Say which desk.”')).toBeVisible();

  await ask('As it is, please');
  await admin.getByRole('button', { name: 'Look at it and publish' }).click();
  await getDialog(admin, /version 2/i)
    .getByRole('button', { name: 'Publish version 2' })
    .click();
  await expect(getDialog(admin, /version 2/i).getByText('Acknowledged and served')).toBeVisible();
  await other.close();
  await expect(page.getByText('You asked for this draft to be published')).toHaveCount(0);
});

test('two who edit one draft at the same time both keep what they did', async ({ page, stack, browser, consoleErrors }) => {
  test.setTimeout(180_000);
  await signIn(page, stack, 'admin');
  await page.goto(buildConsoleUrl(stack, '/profiles/support'));
  const selected = page.getByRole('region', { name: 'Selected from Orders', exact: true });
  await selected.getByRole('button', { name: /add_order_note/ }).click();
  const other = await browser.newContext();
  const builder = await other.newPage();
  await signIn(builder, stack, 'builder');
  await builder.goto(buildConsoleUrl(stack, '/profiles/support'));
  const theirs = builder.getByRole('region', { name: 'Selected from Orders', exact: true });
  await theirs.getByRole('button', { name: /add_order_note/ }).click();

  // the save of this page is on its way while the other's arrives
  const held = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const hold = async (route: Route): Promise<void> => {
    gone.resolve();
    await held.promise;
    await route.continue();
  };
  await page.route('**/api/trpc/profile.saveDraft**', hold, { times: 1 });
  await page.getByLabel('Name shown').fill('note_of_admin');
  await gone.promise;
  await builder.getByLabel('Name shown').fill('note_of_builder');
  await expect(theirs.getByRole('button', { name: /note_of_builder/ })).toBeVisible();
  await expect(builder.getByText(/^Saved/)).toBeVisible();
  await expect
    .poll(async () => JSON.stringify(await stack.query(`select draft from profile where slug = 'support'`)))
    .toContain('note_of_builder');
  held.resolve();
  await expect(page.getByText('Somebody else changed this draft too')).toBeVisible();
  // the browser itself reports the refused save
  consoleErrors.length = 0;
  await expectGood(page, 'draft conflict');
  await page.getByRole('radiogroup', { name: 'Which add_order_note is to stand' }).getByRole('radio', { name: 'Mine' }).click();
  await page.getByRole('button', { name: 'Put both together' }).click();
  await expect(page.getByText(/^Saved/)).toBeVisible();
  await expect(theirs.getByRole('button', { name: /note_of_admin/ })).toBeVisible();
  await other.close();
});
