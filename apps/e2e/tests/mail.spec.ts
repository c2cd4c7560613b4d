import type { Page } from '@playwright/test';

import { SmtpServer } from '@gatehouse/process/testing/smtp-server';

import { expectAccessible, expectGoodEverywhere } from '../src/accessibility.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import { openPage } from '../src/open-page.ts';
import { Stack } from '../src/stack.ts';

const FIRST = 'the first password of Pia';
const SECOND = 'the second password of Pia';
const PIA = 'pia@acme.example';
const LOST = 'lost@acme.example';

/** Opens a page as nobody: leaves the one before first, because one that finds itself signed out goes to the sign-in page by itself. */
async function openSignedOut(page: Page, url: string): Promise<void> {
  await page.goto('about:blank');
  await page.context().clearCookies();
  await page.goto(url);
}

async function signInAsPia(page: Page, { demo }: Stack, password: string): Promise<void> {
  await openSignedOut(page, `${demo.consoleUrl}/login`);
  await page.getByLabel('Work e-mail').fill(PIA);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Asks for a new password as somebody who cannot sign in; what the page answers, without the address that was typed. */
async function askForReset(page: Page, { demo }: Stack, email: string): Promise<string> {
  await openSignedOut(page, `${demo.consoleUrl}/login`);
  await page.getByRole('link', { name: 'Ask for a link by mail.' }).click();
  // both pages have a field of this name
  await page.waitForURL('**/reset/ask');
  await page.getByLabel('Work e-mail').fill(email);
  await page.getByRole('button', { name: 'Send me a link' }).click();
  const answer = page.getByRole('status').filter({ hasText: 'is known here' });
  await expect(answer).toBeVisible();
  return (await answer.innerText()).replaceAll(email, 'ADDRESS');
}

async function invite(page: Page, stack: Stack, email: string): Promise<void> {
  await openPage(page, stack, '/members');
  await page.getByRole('button', { name: 'Invite member' }).click();
  await page.getByLabel('Work e-mail').fill(email);
  await page.getByRole('button', { name: 'Send invitation' }).click();
  await expect(page.getByText(`${email} is invited; the mail is on its way`).first()).toBeVisible();
}

// A product of its own: with mail, an invitation no longer shows its link by itself, which the other specs take it from.
test.describe('where mail is sent', () => {
  test.describe.configure({ mode: 'serial', timeout: 240_000 });
  let stack: Stack;
  let smtp: SmtpServer;
  test.beforeAll(async () => {
    test.setTimeout(240_000);
    smtp = await SmtpServer.start();
    stack = await Stack.start({
      GATEHOUSE_SMTP_URL: `smtp://127.0.0.1:${smtp.port}`,
      GATEHOUSE_MAIL_FROM: 'Gatehouse <gatehouse@acme.example>',
    });
  });
  test.afterAll(async () => {
    const { code, leftovers } = await stack.stop();
    await smtp.stop();
    expect(code, 'Ctrl-C ends the launcher in order').toBe(0);
    expect(leftovers, 'nothing is left running').toEqual([]);
  });

  /** The link of the newest mail to somebody that came after the ones before. */
  async function readLink(email: string, kind: 'invitation' | 'reset', before = 0): Promise<string> {
    const listMails = () => smtp.taken.filter(({ to }) => to.includes(email));
    await expect.poll(() => listMails().length, { timeout: 30_000 }).toBeGreaterThan(before);
    const text = listMails().at(-1)?.text.replaceAll('=\n', '') ?? '';
    const [link] = new RegExp(`${stack.demo.consoleUrl}/${kind}#[\\w-]{43}`).exec(text) ?? [];
    if (link === undefined) throw new Error(`The mail to ${email} brings no link:\n${text}`);
    return link;
  }

  test('an invitation comes by mail, and who follows its link chooses a password and signs in with it', async ({ page }) => {
    await signIn(page, stack, 'owner');
    await openPage(page, stack, '/members');
    await page.getByRole('button', { name: 'Invite member' }).click();
    await expectGoodEverywhere(page, 'mail invite');
    await page.getByText('I hand it over').click();
    await expect(page.getByRole('button', { name: 'Create invitation' })).toBeVisible();
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await invite(page, stack, PIA);
    await expect(
      page.getByRole('table', { name: 'Invitations' }).getByRole('row', { name: PIA }).getByText('Mail sent'),
    ).toBeVisible();

    await openSignedOut(page, await readLink(PIA, 'invitation'));
    await page.getByLabel('Your name').fill('Pia Postbox');
    await page.getByLabel('Choose a password').fill(FIRST);
    await expectAccessible(page, 'mail invitation');
    await page.getByRole('button', { name: 'Join Acme' }).click();
    await page.waitForURL('**/t/acme/connect');
    await signInAsPia(page, stack, FIRST);
    await page.waitForURL('**/t/acme/connect');
  });

  test('a forgotten password is replaced by mail; sessions of before end, and the link works once', async ({
    page,
    browser,
    consoleErrors,
  }) => {
    const elsewhere = await (await browser.newContext()).newPage();
    await signInAsPia(elsewhere, stack, FIRST);
    await elsewhere.waitForURL('**/t/acme/connect');

    await openSignedOut(page, `${stack.demo.consoleUrl}/login`);
    await expectAccessible(page, 'mail login');
    await page.getByRole('link', { name: 'Ask for a link by mail.' }).click();
    await expect(page.getByRole('button', { name: 'Send me a link' })).toBeVisible();
    await page.getByRole('button', { name: 'Send me a link' }).click();
    await expect(page.getByText('Enter your e-mail address.')).toBeVisible();
    await expectAccessible(page, 'mail ask');
    const sent = smtp.taken.filter(({ to }) => to.includes(PIA)).length;
    const known = await askForReset(page, stack, PIA);
    await expectAccessible(page, 'mail asked');
    const link = await readLink(PIA, 'reset', sent);

    await openSignedOut(page, link);
    await expect(page.getByRole('heading', { name: 'New password for Acme' })).toBeVisible();
    await expectAccessible(page, 'mail reset');
    await page.getByLabel('Choose a password').fill(SECOND);
    await page.getByRole('button', { name: 'Set password and sign in' }).click();
    await page.waitForURL('**/t/acme/connect');
    await elsewhere.goto(`${stack.demo.consoleUrl}/account`);
    await elsewhere.waitForURL('**/login**');
    await elsewhere.context().close();
    await openSignedOut(page, link);
    await expect(page.getByText('This link does not work')).toBeVisible();
    await signInAsPia(page, stack, FIRST);
    await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible();
    await signInAsPia(page, stack, SECOND);
    await page.waitForURL('**/t/acme/connect');

    // nobody learns here who is a member
    const nobody = 'nobody@acme.example';
    expect(await askForReset(page, stack, nobody)).toBe(known);
    await expect.poll(() => stack.query(`select 1 from mail where email = $1`, [nobody])).toEqual([]);
    expect(smtp.taken.filter(({ to }) => to.includes(nobody))).toEqual([]);
    expect(consoleErrors.splice(0).filter((text) => !/status of 4\d\d/.test(text))).toEqual([]);
  });

  test('an admin has a mail sent by which a member chooses a new password', async ({ page }) => {
    await signIn(page, stack, 'admin');
    await openPage(page, stack, '/members');
    await page.getByRole('button', { name: 'Actions for Pia Postbox' }).click();
    await page.getByRole('menuitem', { name: 'New password…' }).click();
    await expect(page.getByRole('button', { name: 'Send by mail' })).toBeVisible();
    await expectAccessible(page, 'mail reset-member');
    const sent = smtp.taken.filter(({ to }) => to.includes(PIA)).length;
    await page.getByRole('button', { name: 'Send by mail' }).click();
    await expect(page.getByText('Pia Postbox gets a mail').first()).toBeVisible();
    await openSignedOut(page, await readLink(PIA, 'reset', sent));
    await page.getByLabel('Choose a password').fill(FIRST);
    await page.getByRole('button', { name: 'Set password and sign in' }).click();
    await page.waitForURL('**/t/acme/connect');
  });

  test('while the mail server takes nothing, the invitation and Needs you say so and what to do', async ({ page }) => {
    smtp.refusal = '451 4.7.1 come back later';
    await signIn(page, stack, 'owner');
    await invite(page, stack, LOST);
    const row = page.getByRole('table', { name: 'Invitations' }).getByRole('row', { name: LOST });
    // by itself: nobody reloads
    await expect(row.getByText('Mail late')).toBeVisible({ timeout: 30_000 });
    await expect(page.getByText('Where somebody cannot wait, make a new link and hand it over.')).toBeVisible();
    await expectGoodEverywhere(page, 'mail late');

    // the last attempt comes after an hour; it comes now
    await stack.query(`update mail set attempts = 5, due_at = now() where email = $1`, [LOST]);
    await stack.query(`update tenant set mail_due_at = now()`);
    await expect(row.getByText('Mail not taken')).toBeVisible({ timeout: 30_000 });
    await expect(page.getByRole('alert').filter({ hasText: 'Send it again, or make a new link' })).toBeVisible();
    await expectAccessible(page, 'mail failed');
    await openPage(page, stack, '');
    const need = page.getByRole('list', { name: 'Needs you' }).getByRole('listitem').filter({ hasText: LOST });
    await expect(need).toContainText('was not taken by the mail server. Send it again, or make a link and hand it over.');
    await need.getByRole('link', { name: 'Open members' }).click();
    await expect(row.getByText('Mail not taken')).toBeVisible();

    smtp.refusal = null;
    await row.getByRole('button', { name: `Actions for the invitation of ${LOST}` }).click();
    await page.getByRole('menuitem', { name: 'Send again by mail' }).click();
    await readLink(LOST, 'invitation');
    await expect(row.getByText('Mail sent')).toBeVisible();
    await openPage(page, stack, '');
    await expect(page.getByText(LOST)).toHaveCount(0);
  });
});
