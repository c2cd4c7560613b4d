import type { Browser, Page } from '@playwright/test';

import { expectAccessible } from '../src/accessibility.ts';
import { createProfile } from '../src/create-profile.ts';
import { addDescribedApi } from '../src/described-api.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import { connectLegacy, getText } from '../src/mcp-clients.ts';
import type { Stack } from '../src/stack.ts';

const buildUrl = (stack: Stack, path: string) => `${stack.demo.consoleUrl}/t/${stack.demo.tenant}${path}`;

/** Somebody else in a browser of their own. */
async function openAs(browser: Browser, stack: Stack, role: string, url: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await signIn(page, stack, role);
  await page.goto(url);
  return page;
}

async function addOrders(page: Page, stack: Stack, name: string): Promise<string> {
  await page.goto(buildUrl(stack, '/servers/new'));
  await page.getByLabel('URL or stdio entry').fill(`http://127.0.0.1:${stack.base + 30}/mcp?of=${encodeURIComponent(name)}`);
  // the demo has the orders server already, under another spelling
  await expect(page.getByText('There is a server at this address already')).toContainText('Orders');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByLabel('What will people use it for?').fill('Look up orders.');
  const agent = page.getByLabel('Which agent reaches it?');
  if (!(await agent.innerText()).includes('local-01')) {
    await agent.click();
    await page.getByRole('option', { name: /local-01/ }).click();
  }
  await page.getByRole('checkbox', { name: 'It needs a credential' }).click();
  await page.getByLabel('Reference').fill('env:ORDERS_TOKEN');
  await page.getByRole('button', { name: 'Add and look at what it offers' }).click();
  await expect(page.getByText('Found 4 tools, instructions.')).toBeVisible();
  await page.getByRole('link', { name: 'Open the review' }).click();
  await page.waitForURL('**/reviews/*');
  return page.url();
}

/** Sends what is chosen. */
async function decideAll(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Approve 2, reject 3' }).filter({ visible: true }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Approve 2, reject 3' }).click();
  await expect(page.getByText('Decided', { exact: true }).first()).toBeVisible();
}

async function approveReading(browser: Browser, stack: Stack, reviewUrl: string): Promise<void> {
  const reviewer = await openAs(browser, stack, 'reviewer', reviewUrl);
  for (const entry of ['get_order', 'instructions']) {
    await reviewer
      .getByRole('radiogroup', { name: `Decision on ${entry}` })
      .getByRole('radio', { name: 'Approve' })
      .click();
  }
  await reviewer.getByRole('button', { name: 'Reject the other 3…' }).click();
  await reviewer.getByRole('dialog').getByLabel('Reason').fill('Reading is enough.');
  await reviewer.getByRole('dialog').getByRole('button', { name: 'Reject 3 tools' }).click();
  await decideAll(reviewer);
  await reviewer.context().close();
}

/** A published profile with get_order of this server, and a key for it. */
async function serve(page: Page, stack: Stack, server: string, profile: string): Promise<string> {
  await createProfile(page, stack, profile);
  await page.getByLabel('Filter tools').fill('get_order');
  await page.getByRole('region', { name: server, exact: true }).getByRole('checkbox', { name: 'get_order' }).click();
  await expect(page.getByText(/^Saved/)).toBeVisible();
  await page.getByRole('tab', { name: /Access/ }).click();
  await page.getByLabel('Person').click();
  await page.getByRole('option', { name: /Adam Admin/ }).click();
  await page.getByRole('button', { name: 'Give access' }).click();
  await expect(page.getByRole('table', { name: 'People with access' })).toContainText('Adam Admin');
  await page.getByRole('button', { name: /^Publish version 1/ }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Publish version 1' }).click();
  await expect(page.getByRole('dialog').getByText('Acknowledged and served')).toBeVisible();
  await page.getByRole('dialog').getByRole('link', { name: 'Connect an AI client' }).click();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: stack.demo.consoleUrl });
  await page.getByLabel('What is it for?').fill('Edited');
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('button', { name: 'Copy key' }).click();
  return page.evaluate(() => navigator.clipboard.readText());
}

/** What a client gets for order 8842 now, in a session of its own; the refusal where there is one. */
async function call(stack: Stack, profile: string, apiKey: string): Promise<string> {
  const client = await connectLegacy({ mcpUrl: `${stack.demo.agentUrl}/p/${profile}/mcp`, apiKey }, 'edit');
  try {
    return getText(await client.callTool({ name: 'get_order', arguments: { orderId: '8842' } }));
  } catch (error) {
    return String(error);
  } finally {
    await client.close();
  }
}

test('a server is edited: two editors merge, another address ends its approvals, and a review brings them back', async ({
  page,
  stack,
  browser,
  consoleErrors,
}) => {
  test.setTimeout(240_000);
  await signIn(page, stack, 'admin');
  const reviewUrl = await addOrders(page, stack, 'Edited orders');
  await approveReading(browser, stack, reviewUrl);
  const apiKey = await serve(page, stack, 'Edited orders', 'Edited desk');
  await expect.poll(() => call(stack, 'edited-desk', apiKey)).toContain('Noor Haddad');

  const editUrl = buildUrl(stack, '/servers/edited-orders/edit');
  await page.goto(editUrl);
  await expectAccessible(page, 'the form of a server');
  await expect(page.getByText('2 approvals stay')).toBeVisible();
  await page.getByLabel('Name', { exact: true }).fill('Mine');
  const owner = await openAs(browser, stack, 'owner', editUrl);
  await owner.getByLabel('Name', { exact: true }).fill('Theirs');
  await owner.getByLabel('What will people use it for?').fill('Theirs as well.');
  await owner.getByRole('button', { name: 'Save server' }).click();
  await owner.waitForURL('**/servers/edited-orders');
  await expect(owner.getByRole('heading', { level: 1 })).toHaveText('Theirs');
  await owner.context().close();

  await page.getByRole('button', { name: 'Save server' }).click();
  const conflict = page.getByRole('region', { name: 'Changed meanwhile' });
  await expect(conflict).toContainText('Olivia Owner changed this while you were editing it');
  await expectAccessible(page, 'both versions of a server');
  // the browser reports each refusal; nothing else may be among them
  expect(consoleErrors.splice(0).filter((text) => !/status of 409/.test(text))).toEqual([]);
  await conflict.getByRole('radiogroup', { name: 'Which name is to stand' }).getByRole('radio', { name: 'Mine' }).click();
  await conflict.getByRole('button', { name: 'Put this into the form' }).click();
  await expect(page.getByLabel('What will people use it for?')).toHaveValue('Theirs as well.');
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Mine');
  await page.getByRole('button', { name: 'Save server' }).click();
  await page.waitForURL('**/servers/edited-orders');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Mine');
  await expect.poll(() => call(stack, 'edited-desk', apiKey)).toContain('Noor Haddad');

  await page.getByRole('link', { name: 'Edit', exact: true }).click();
  await page.getByLabel('URL', { exact: true }).fill(`http://127.0.0.1:${stack.base + 30}/mcp?of=another`);
  await expect(page.getByText('2 approvals end')).toBeVisible();
  await expectAccessible(page, 'a server that gets another address');
  await page.getByRole('button', { name: 'Save server' }).click();
  await page.waitForURL('**/servers/edited-orders');
  await expect.poll(() => call(stack, 'edited-desk', apiKey)).not.toContain('Noor Haddad');
  await page.getByRole('link', { name: 'Open the review' }).first().click();
  await page.waitForURL('**/reviews/*');
  // whoever changed the address approves nothing of it
  await expect(page.getByText('someone else must approve it')).toBeVisible();

  const reviewer = await openAs(browser, stack, 'reviewer', page.url());
  await expect(reviewer.getByText('This server has another address since this was decided')).toBeVisible();
  await expectAccessible(reviewer, 'a review that is filled in');
  await decideAll(reviewer);
  await reviewer.context().close();
  await expect.poll(() => call(stack, 'edited-desk', apiKey)).toContain('Noor Haddad');
});

test('a server is archived with what stops named, brought back, and deleted only when nothing names it', async ({
  page,
  stack,
  browser,
}) => {
  test.setTimeout(240_000);
  await signIn(page, stack, 'admin');
  const reviewUrl = await addOrders(page, stack, 'Ended orders');
  await approveReading(browser, stack, reviewUrl);
  const apiKey = await serve(page, stack, 'Ended orders', 'Ended desk');
  await expect.poll(() => call(stack, 'ended-desk', apiKey)).toContain('Noor Haddad');

  const serverUrl = buildUrl(stack, '/servers/ended-orders');
  await page.goto(serverUrl);
  const asked = page.getByRole('alertdialog');
  const archive = async (): Promise<void> => {
    await page.getByRole('button', { name: 'Archive', exact: true }).click();
    await expect(asked).toContainText('1 profile loses entries');
    await expect(asked).toContainText('Ended desk (1 entry)');
    await expect(asked).toContainText('1 person can call this');
    await expectAccessible(page, 'what stops when a server is archived');
    await asked.getByRole('button', { name: 'Archive server' }).click();
    await expect(page.getByText('This server is archived')).toBeVisible();
    // the button is gone, the focus is not
    await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  };
  await archive();
  await expect.poll(() => call(stack, 'ended-desk', apiKey)).not.toContain('Noor Haddad');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByText('This server is archived')).toHaveCount(0);
  await expect.poll(() => call(stack, 'ended-desk', apiKey)).toContain('Noor Haddad');

  await archive();
  await page.goto(buildUrl(stack, '/servers'));
  await expect(page.getByRole('table', { name: 'Servers' })).not.toContainText('Ended orders');
  await page.getByRole('radio', { name: 'Archived' }).click();
  await expect(page.getByRole('table', { name: 'Servers' })).toContainText('Ended orders');
  await expectAccessible(page, 'archived servers');
  await page.getByRole('link', { name: 'Ended orders' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  const refused = page.getByRole('dialog', { name: 'Ended orders cannot be deleted yet' });
  await expect(refused).toContainText('Ended desk serves 1 entry of it');
  await expectAccessible(page, 'a server that cannot be deleted yet');
  await refused.getByRole('button', { name: 'Close', exact: true }).last().click();

  await addDescribedApi(page, stack, 'Short lived', [
    { operationId: 'listOrders', description: 'Reads.', responses: { 200: { description: 'It' } } },
  ]);
  await page.goto(buildUrl(stack, '/servers/short-lived'));
  await page.getByRole('button', { name: 'Archive', exact: true }).click();
  await expect(asked).toContainText('No profile uses it.');
  await asked.getByRole('button', { name: 'Archive server' }).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(asked.getByRole('button', { name: 'Delete server' })).toBeDisabled();
  await asked.getByLabel('Type Short lived to confirm').fill('Short lived');
  await asked.getByRole('button', { name: 'Delete server' }).click();
  await page.waitForURL('**/servers');
  await page.getByRole('radio', { name: 'Archived' }).click();
  await expect(page.getByRole('table', { name: 'Servers' })).not.toContainText('Short lived');

  await page.goto(buildUrl(stack, '/audit/admin'));
  await expect(page.getByText('Deleted a server').first()).toBeVisible();
});

test('who adds servers and does not manage them reads why before trying', async ({ page, stack }) => {
  await signIn(page, stack, 'builder');
  await page.goto(buildUrl(stack, '/servers/orders'));
  await expect(page.getByRole('button', { name: 'Edit', exact: true })).toHaveAccessibleDescription(
    /needs the role owner or admin/,
  );
  await expect(page.getByRole('button', { name: 'Archive', exact: true })).toHaveCount(0);
  await page.goto(buildUrl(stack, '/servers/orders/edit'));
  await expect(page.getByText('Your role does not include this')).toBeVisible();
});
