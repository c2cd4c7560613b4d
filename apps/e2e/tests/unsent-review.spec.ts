import type { Page } from '@playwright/test';

import { expectAccessible, expectGoodEverywhere } from '../src/accessibility.ts';
import { addDescribedApi } from '../src/described-api.ts';
import { expect, signInByForm, test } from '../src/fixtures.ts';

const TOOLS = ['listOrders', 'readOrder', 'readCustomer', 'readInvoice'];
const KEPT = /Not sent yet\. Last changed .*, kept in this browser for you alone/;

const listChosen = (page: Page, verdict: 'Approve' | 'Reject') =>
  page.getByRole('radiogroup', { name: /^Decision on / }).getByRole('radio', { name: verdict, checked: true });
const countKept = (page: Page) =>
  page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith('gatehouse.review.')).length);

async function decideListOrders(page: Page): Promise<void> {
  const decision = page.getByRole('radiogroup', { name: 'Decision on listOrders' });
  await decision.getByRole('radio', { name: 'Approve' }).click();
}

async function rejectTogether(page: Page, button: string, count: number): Promise<void> {
  await page.getByRole('button', { name: button }).click();
  const dialog = page.getByRole('dialog');
  const reject = dialog.getByRole('button', { name: `Reject ${count} tools` });
  await reject.click();
  await expect(dialog.getByText('Say why')).toBeVisible();
  const reason = dialog.getByLabel('Reason');
  await reason.fill('Support needs none of it.');
  await page.keyboard.press('Escape');
  await page.getByRole('alertdialog').getByRole('button', { name: 'Keep editing' }).click();
  await expect(reason).toHaveValue('Support needs none of it.');
  await expectAccessible(page, 'many rejected with one reason');
  await reject.click();
  await expect(dialog).toHaveCount(0);
}

test('what a reviewer has chosen outlives the page and the tab, is nobody else’s, and goes when it is sent or its author signs out', async ({
  page,
  stack,
  browser,
}) => {
  test.setTimeout(180_000);
  await signInByForm(page, stack, 'admin');
  const operations = TOOLS.map((operationId) => ({
    operationId,
    description: 'Reads.',
    responses: { 200: { description: 'It' } },
  }));
  const url = await addDescribedApi(page, stack, 'Unsent', operations);

  const context = await browser.newContext();
  const first = await context.newPage();
  await signInByForm(first, stack, 'reviewer');
  await first.goto(url);
  await decideListOrders(first);
  await rejectTogether(first, 'Reject the other 3…', 3);
  await expect(listChosen(first, 'Reject')).toHaveCount(3);
  const comment = first.getByLabel('Comment', { exact: true });
  await comment.fill('Who asked for invoices?');
  // both are kept, so nobody is asked
  await first.getByRole('link', { name: 'Reviews' }).first().click();
  await first.waitForURL('**/reviews');
  await first.goBack();
  await expect(first.getByText(KEPT)).toBeVisible();
  await expect(comment).toHaveValue('Who asked for invoices?');
  await first.getByRole('button', { name: 'Comment', exact: true }).click();
  await expect(first.getByRole('list', { name: 'What was said and done' })).toContainText('Who asked for invoices?');
  await expect(comment).toHaveValue('');
  expect(await countKept(first), 'the choices alone').toBe(1);
  await comment.fill('Said by nobody.');
  await expect(listChosen(first, 'Reject')).toHaveCount(3);
  await expectAccessible(first, 'a review with what was chosen before');
  await first.close();

  const second = await context.newPage();
  await second.goto(url);
  await expect(second.getByText(KEPT)).toBeVisible();
  await expect(listChosen(second, 'Approve')).toHaveCount(1);
  await expect(listChosen(second, 'Reject')).toHaveCount(3);

  // whoever comes next finds nothing, in no tab
  const other = await context.newPage();
  await other.goto(url);
  await expect(other.getByText(KEPT)).toBeVisible();
  await second.getByRole('button', { name: /: account$/ }).click();
  await second.getByRole('menuitem', { name: 'Sign out' }).click();
  await Promise.all([second, other].map((tab) => tab.waitForURL('**/login')));
  expect(await countKept(second)).toBe(0);
  await other.close();

  await signInByForm(second, stack, 'reviewer');
  await second.goto(url);
  await decideListOrders(second);
  await expect.poll(() => countKept(second)).toBe(1);
  // a session that ended by itself leaves it for the same person
  await signInByForm(second, stack, 'owner');
  await expect.poll(() => countKept(second)).toBe(0);
  await second.goto(url);
  await expect(second.getByRole('button', { name: '4 of 4 undecided' }).first()).toBeVisible();
  await expect(second.getByText(KEPT)).toHaveCount(0);
  expect(await countKept(second)).toBe(0);

  await signInByForm(second, stack, 'reviewer');
  await second.goto(url);
  await rejectTogether(second, 'Reject all 4…', 4);
  await expect.poll(() => countKept(second)).toBe(1);
  await second.getByRole('button', { name: 'Reject 4 tools…' }).filter({ visible: true }).click();
  await second.getByRole('dialog').getByRole('button', { name: 'Reject 4 tools' }).click();
  await expect(second.getByText(/^Decided /).first()).toBeVisible();
  expect(await countKept(second)).toBe(0);
  await second.getByRole('button', { name: 'listOrders' }).first().click();
  await expect(second.getByText('Support needs none of it.').first()).toBeVisible();
  await context.close();
});

test('in a long review tools are found by words and by state, and what is decided together is taken back', async ({
  page,
  stack,
  browser,
}) => {
  test.setTimeout(120_000);
  await signInByForm(page, stack, 'admin');
  const operations = Array.from({ length: 14 }, (_, index) => ({
    operationId: `readShelf${index}`,
    description: index === 7 ? 'Reads the cold store.' : 'Reads a shelf.',
    responses: { 200: { description: 'It' } },
  }));
  const url = await addDescribedApi(page, stack, 'Shelves', operations);
  const context = await browser.newContext();
  const reviewer = await context.newPage();
  await signInByForm(reviewer, stack, 'reviewer');
  await reviewer.goto(url);
  const decisions = reviewer.getByRole('radiogroup', { name: /^Decision on / });
  await expect(decisions).toHaveCount(14);
  const tools = reviewer.getByRole('search', { name: 'Find tools' });
  await tools.getByRole('textbox', { name: 'Search tools' }).fill('cold store');
  await expect(decisions).toHaveCount(1);
  await expect(reviewer).toHaveURL(/tools-q=cold/);
  await decisions.getByRole('radio', { name: 'Approve' }).click();
  await tools.getByRole('button', { name: 'Clear' }).click();
  await expect(decisions).toHaveCount(14);
  await tools.getByRole('combobox', { name: 'Show' }).click();
  await reviewer.getByRole('option', { name: 'Undecided' }).click();
  await expect(decisions).toHaveCount(13);
  // nothing goes from under the hand that decides it
  await decisions.first().getByRole('radio', { name: 'Approve' }).click();
  await expect(decisions).toHaveCount(13);
  await reviewer.getByRole('button', { name: 'Approve 12 that read or write' }).click();
  await expect(listChosen(reviewer, 'Approve')).toHaveCount(13);
  await expect(reviewer.getByText('12 entries approved, not sent yet')).toBeVisible();
  await expectGoodEverywhere(reviewer, 'a review that is narrowed');
  await reviewer.getByRole('button', { name: 'Undo' }).click();
  await expect(listChosen(reviewer, 'Approve')).toHaveCount(1);
  await tools.getByRole('combobox', { name: 'Show' }).click();
  await reviewer.getByRole('option', { name: 'With findings' }).click();
  await expect(reviewer.getByRole('heading', { name: 'Nothing matches' })).toBeVisible();
  await reviewer.getByRole('button', { name: 'Clear the filter' }).click();
  await expect(listChosen(reviewer, 'Approve')).toHaveCount(2);
  await context.close();

  await page.getByRole('link', { name: 'Open the server' }).click();
  const rows = page.getByRole('table', { name: 'Tools' }).getByRole('row');
  await expect(rows).toHaveCount(15);
  await page.getByRole('textbox', { name: 'Search tools' }).fill('cold');
  await expect(rows).toHaveCount(2);
  await expect(page.getByText('1 found')).toBeVisible();
  await page.getByRole('combobox', { name: 'Decision' }).click();
  await page.getByRole('option', { name: 'Rejected' }).click();
  await page.getByRole('button', { name: 'Clear the filter' }).click();
  await expect(rows).toHaveCount(15);
  await expectGoodEverywhere(page, 'tools of a server that are found');
});
