import type { Page } from '@playwright/test';

import { createProfile } from '../src/create-profile.ts';
import { addDescribedApi } from '../src/described-api.ts';
import { expect, signIn, signInByForm, test } from '../src/fixtures.ts';
import { connectLegacy, getText } from '../src/mcp-clients.ts';
import type { Stack } from '../src/stack.ts';

const buildConsoleUrl = (stack: Stack, path: string) => `${stack.demo.consoleUrl}/t/${stack.demo.tenant}${path}`;

/** Adds the orders server a second time under another name; returns the address of the review that it opens. */
async function addServer(page: Page, stack: Stack): Promise<string> {
  await page.goto(buildConsoleUrl(stack, '/servers/new'));
  await page.getByLabel('URL or stdio entry').fill(`http://127.0.0.1:${stack.base + 30}/mcp`);
  await page.getByLabel('Name', { exact: true }).fill('Orders Nordic');
  await page.getByLabel('What will people use it for?').fill('Look up Nordic orders.');
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

const decide = (page: Page, entry: string, verdict: 'Approve' | 'Reject') =>
  page.getByRole('radiogroup', { name: `Decision on ${entry}` }).getByRole('radio', { name: verdict });

test('from a new server to a receipt: add, review, publish, connect, call, audit', async ({ page, stack, browser }) => {
  test.setTimeout(180_000);
  await signInByForm(page, stack, 'admin');
  const reviewUrl = await addServer(page, stack);
  // The author is told in advance, and the decision is out of reach.
  await expect(page.getByText(/author|added/i).first()).toBeVisible();
  await expect(decide(page, 'cancel_order', 'Approve')).toBeDisabled();

  const other = await browser.newContext();
  const reviewer = await other.newPage();
  await signIn(reviewer, stack, 'reviewer');
  await reviewer.goto(reviewUrl);
  for (const entry of ['get_order', 'add_order_note', 'email_customer', 'cancel_order', 'instructions'])
    await decide(reviewer, entry, 'Approve').click();
  await reviewer.getByRole('button', { name: 'get_order' }).first().click();
  const marked = reviewer.getByRole('checkbox', { name: /orderId/ }).first();
  if (!(await marked.isChecked())) await marked.click();
  await reviewer.getByRole('button', { name: 'Approve 5' }).click();
  await expect(reviewer.getByRole('dialog').getByText('This takes two people.')).toBeVisible();
  await reviewer.getByRole('dialog').getByRole('button', { name: 'Approve 5' }).click();
  await expect(reviewer.getByText('It takes one more person')).toBeVisible();
  await expect(reviewer.getByText('someone else must confirm it')).toBeVisible();
  await other.close();

  const third = await browser.newContext();
  const owner = await third.newPage();
  await signIn(owner, stack, 'owner');
  await owner.goto(buildConsoleUrl(stack, '/reviews'));
  await expect(owner.getByRole('row').filter({ hasText: 'Orders Nordic' })).toContainText('1 of 2');
  await owner.goto(reviewUrl);
  await owner.getByRole('button', { name: 'Confirm…' }).click();
  await owner.getByRole('alertdialog').getByRole('button', { name: 'Confirm 5 approvals' }).click();
  await expect(owner.getByText(/confirmed by Olivia Owner/)).toBeVisible();
  await third.close();

  await createProfile(page, stack, 'Nordic desk');
  await page.getByLabel('Filter tools').fill('get_order');
  const nordic = page.getByRole('region', { name: 'Orders Nordic', exact: true });
  await nordic.getByRole('checkbox', { name: 'get_order' }).click();
  await nordic.getByRole('button', { name: 'get_order', exact: true }).click();
  await page.getByLabel('Name shown').fill('nordic_order');
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
  await page.getByLabel('What is it for?').fill('End to end');
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('button', { name: 'Copy key' }).click();
  const apiKey = await page.evaluate(() => navigator.clipboard.readText());
  const client = await connectLegacy({ mcpUrl: `${stack.demo.agentUrl}/p/nordic-desk/mcp`, apiKey }, 'journey');
  try {
    await expect.poll(async () => (await client.listTools()).tools.map((tool) => tool.name)).toEqual(['nordic_order']);
    expect(getText(await client.callTool({ name: 'nordic_order', arguments: { orderId: '8842' } }))).toContain('Noor Haddad');
  } finally {
    await client.close();
  }

  await page.goto(buildConsoleUrl(stack, '/audit'));
  const row = page.getByRole('row').filter({ hasText: 'nordic_order' });
  await expect(row).toContainText('Adam Admin');
  await expect(row).toContainText('8842');
  await expect(row).toContainText('Allowed');
  await expect(row).not.toContainText('Noor Haddad');
  await row.getByRole('button').first().click();
  await expect(page.getByRole('complementary', { name: 'Call' })).toContainText('env:ORDERS_TOKEN');
});

test('what hides text from its reader is approved after the reviewer has looked at it, and not before', async ({
  page,
  stack,
  browser,
}) => {
  test.setTimeout(180_000);
  await signIn(page, stack, 'admin');
  const description = 'Lists the orders.\u200b\u200b\u200b\u200b And nothing else.';
  const listOrders = { operationId: 'listOrders', description, responses: { 200: { description: 'The orders' } } };
  await addDescribedApi(page, stack, 'Quiet', [listOrders]);

  const reviewer = await (await browser.newContext()).newPage();
  await signIn(reviewer, stack, 'reviewer');
  await reviewer.goto(page.url());
  const hidden = reviewer.getByRole('region', { name: 'What was found in listOrders' });
  await expect(hidden).toContainText('Characters of no width');
  await decide(reviewer, 'listOrders', 'Approve').click();
  const approve = reviewer.getByRole('button', { name: /^Approve 1/ }).filter({ visible: true });
  const refusal = 'Look at what was found in listOrders and tick it first.';
  await expect(approve).toHaveAccessibleDescription(refusal);
  await approve.click({ force: true });
  await expect(reviewer.getByRole('dialog')).toHaveCount(0);
  const tick = hidden.getByRole('checkbox', { name: 'I have looked at it' });
  await tick.click();
  await expect(approve).not.toHaveAccessibleDescription(refusal);
  await tick.click();
  await expect(approve).toHaveAccessibleDescription(refusal);
  await tick.click();
  await approve.click();
  await reviewer
    .getByRole('dialog')
    .getByRole('button', { name: /^Approve 1/ })
    .click();
  await expect(reviewer.getByText(/^Decided /).first()).toBeVisible();
  const [act] = await stack.query<{ seen: boolean }>(
    `select after -> 'decisions' -> 0 -> 'seenHidden' as seen from admin_audit where action = 'review.decide' order by at desc limit 1`,
  );
  expect(act).toEqual({ seen: true });
  await reviewer.context().close();
});

test('publishing a change reaches the agent, and the open session of an AI client follows', async ({ page, stack }) => {
  const client = await connectLegacy(stack.getProfile('research'), 'follower');
  try {
    expect((await client.listTools()).tools.map((tool) => tool.name)).toContain('weather');
    await signIn(page, stack, 'admin');
    await page.goto(buildConsoleUrl(stack, '/profiles/research'));
    await page.getByLabel('Filter tools').fill('get-structured-content');
    const everything = page.getByRole('region', { name: 'Everything', exact: true });
    await everything.getByRole('checkbox', { name: 'get-structured-content' }).click();
    await expect(page.getByText(/^Saved/)).toBeVisible();
    await page.getByRole('button', { name: /^Publish version 2/ }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Publish version 2' }).click();
    await expect(page.getByRole('dialog').getByText('Acknowledged and served').first()).toBeVisible();
    await expect.poll(async () => (await client.listTools()).tools.map((tool) => tool.name)).not.toContain('weather');
  } finally {
    await client.close();
  }
});

test('a wrong password is refused with a sentence, and a person of no role sees only what is theirs', async ({
  page,
  stack,
  consoleErrors,
}) => {
  await page.goto(`${stack.demo.consoleUrl}/login`);
  await page.getByLabel('Work e-mail').fill(stack.getUser('admin').email);
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert').filter({ hasText: /./ })).toBeVisible();
  // The browser itself reports the 401 of the refused sign-in.
  consoleErrors.length = 0;

  await signInByForm(page, stack, 'member');
  await expect(page.getByRole('link', { name: 'Servers' })).toHaveCount(0);
  await expect(page.getByText('Support').first()).toBeVisible();
});
