import type { Page } from '@playwright/test';
import { z } from 'zod';

import { expectAccessible } from '../src/accessibility.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import type { Stack } from '../src/stack.ts';

const EMAIL = 'new.cfo@acme.example';
const [FIRST, SECOND, THIRD, FOURTH] = ['first', 'second', 'third', 'fourth'].map((nth) => `the ${nth} password of Nea`) as [
  string,
  string,
  string,
  string,
];

const getHome = ({ demo }: Stack): string => `${demo.consoleUrl}/t/${demo.tenant}`;

/** The link that a dialog of the members page shows. */
async function readLink(page: Page): Promise<string> {
  const code = page.getByRole('figure', { name: 'Link' }).locator('code');
  await expect(code).toBeVisible();
  return code.innerText();
}

/** Opens a page as nobody: leaves the one before first, because one that finds itself signed out goes to the sign-in page by itself. */
async function openSignedOut(page: Page, url: string): Promise<void> {
  await page.goto('about:blank');
  await page.context().clearCookies();
  await page.goto(url);
}

async function signInAs(page: Page, url: string, password: string): Promise<void> {
  await openSignedOut(page, url);
  await page.getByLabel('Work e-mail').fill(EMAIL);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

async function changePassword(page: Page, from: string, to: string): Promise<void> {
  await page.getByLabel('Present password').fill(from);
  await page.getByLabel('New password').fill(to);
  await page.getByRole('button', { name: 'Change password' }).click();
}

/** Both colour schemes, and a phone. */
async function expectAccessibleEverywhere(page: Page, what: string): Promise<void> {
  for (const [colorScheme, width] of [
    ['dark', 375],
    ['light', 1440],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    await expectAccessible(page, `${what}: ${colorScheme}, ${width} px`);
  }
}

test.describe('an account', () => {
  test.describe.configure({ mode: 'serial', timeout: 240_000 });
  const sent: string[] = [];
  const links: string[] = [];
  test.beforeEach(({ page }) => {
    page.on('request', (request) => sent.push(request.url(), request.headers().referer ?? ''));
  });

  test('begins with an invitation and a password that nobody else chose', async ({ page, stack, consoleErrors }) => {
    await signIn(page, stack, 'owner');
    await page.goto(`${getHome(stack)}/members`);
    await page.getByRole('button', { name: 'Invite member' }).click();
    await page.getByLabel('Work e-mail').fill(EMAIL);
    await page.getByRole('button', { name: 'Create invitation' }).click();
    const invitation = await readLink(page);
    links.push(invitation);
    await page.getByRole('button', { name: 'Done' }).click();
    await expect(page.getByRole('table', { name: 'Invitations' }).getByText(EMAIL)).toBeVisible();
    await expect(page.getByRole('table', { name: 'Members' }).getByText(EMAIL)).toHaveCount(0);

    await openSignedOut(page, invitation);
    await expect(page.getByRole('heading', { name: 'Join Acme' })).toBeVisible();
    await expectAccessibleEverywhere(page, '/invitation');
    await page.getByText('I have an account').click();
    await expect(page.getByLabel(`Password of ${EMAIL}`)).toBeVisible();
    await expectAccessibleEverywhere(page, '/invitation, with an account');
    await page.getByText('I am new here').click();
    await page.getByLabel('Your name').fill('Nea Newcomer');
    await page.getByLabel('Choose a password').fill('too short');
    await page.getByRole('button', { name: 'Join Acme' }).click();
    await expect(page.getByText('Use at least 15 characters')).toBeVisible();
    await expectAccessibleEverywhere(page, '/invitation, with a problem');
    for (const [guessable, sentence] of [
      ['Passwort12345678', 'This is similar to a commonly used password.'],
      ['new.cfo-acme-gatehouse-2026', 'This is little more than your name or address'],
    ] as const) {
      const field = page.getByLabel('Choose a password');
      await field.fill(guessable);
      await page.getByRole('button', { name: 'Join Acme' }).click();
      await expect(field).toHaveAccessibleDescription(new RegExp(`^${sentence}`));
      await expect(field).toBeFocused();
    }
    expect(consoleErrors.splice(0).filter((text) => !/status of 400/.test(text))).toEqual([]);
    await page.getByLabel('Choose a password').fill(FIRST);
    await page.getByRole('button', { name: 'Join Acme' }).click();
    await page.waitForURL('**/t/acme/connect');

    await openSignedOut(page, `${stack.demo.consoleUrl}/login`);
    await signIn(page, stack, 'owner');
    await page.goto(`${getHome(stack)}/members`);
    const row = page.getByRole('table', { name: 'Members' }).getByRole('row').filter({ hasText: EMAIL });
    await expect(row.getByText(/^Invited by /).filter({ visible: true })).toBeVisible();
    await expectAccessibleEverywhere(page, '/members');
  });

  test('is signed out of the workspace by an admin, and everywhere by its person', async ({ page, browser, stack }) => {
    const { consoleUrl } = stack.demo;
    const elsewhere = await (await browser.newContext()).newPage();
    for (const each of [page, elsewhere]) {
      await signInAs(each, `${getHome(stack)}/connect`, FIRST);
      await each.waitForURL('**/t/acme/connect');
    }
    // left open, it would be told of the end and say so in its console
    await page.goto('about:blank');
    const admin = await (await browser.newContext()).newPage();
    await signIn(admin, stack, 'admin');
    await admin.goto(`${getHome(stack)}/members`);
    await admin.getByRole('button', { name: 'Actions for Nea Newcomer' }).click();
    await admin.getByRole('menuitem', { name: 'Sign out…' }).click();
    await admin.getByRole('button', { name: 'Sign out', exact: true }).click();
    await expect(admin.getByText('Nea Newcomer is signed out').first()).toBeVisible();
    await elsewhere.goto(`${getHome(stack)}/connect`);
    await elsewhere.waitForURL('**/login**');
    for (const each of [elsewhere, page]) {
      await signInAs(each, `${getHome(stack)}/connect`, FIRST);
      await each.waitForURL('**/t/acme/connect');
    }

    await page.goto(`${consoleUrl}/account`);
    const sessions = page.getByRole('list', { name: 'Sessions' });
    await expect(sessions.getByText('This browser')).toHaveCount(1);
    await expectAccessibleEverywhere(page, '/account, with sessions');
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await page.getByRole('alertdialog').getByRole('button', { name: 'Sign out everywhere' }).click();
    await page.waitForURL('**/login');
    await elsewhere.goto(`${consoleUrl}/account`);
    await elsewhere.waitForURL('**/login**');
    for (const each of [elsewhere, admin]) await each.context().close();
  });

  test('gets another password from its person, under Account', async ({ page, stack }) => {
    const { consoleUrl } = stack.demo;
    await signInAs(page, `${consoleUrl}/login`, FIRST);
    await page.waitForURL('**/t/acme/connect');
    await page.goto(`${consoleUrl}/account`);
    await expectAccessibleEverywhere(page, '/account');
    await changePassword(page, FIRST, SECOND);
    await expect(page.getByText('The password is changed').first()).toBeVisible();
    await signInAs(page, `${consoleUrl}/login`, SECOND);
    await page.waitForURL('**/t/acme/connect');
  });

  test('whose password somebody else chose opens nothing before its person has chosen one', async ({ page, stack }) => {
    await stack.query(`update "user" set password_due = true where id = (select user_id from membership where email = $1)`, [
      EMAIL,
    ]);
    await signInAs(page, `${stack.demo.consoleUrl}/login`, SECOND);
    await page.waitForURL('**/account');
    await expect(page.getByText('Somebody else chose the password you have')).toBeVisible();
    await page.goto(`${getHome(stack)}/connect`);
    await page.waitForURL('**/account');
    await expect(page.getByRole('link', { name: 'Back to the console' })).toHaveCount(0);
    await expectAccessibleEverywhere(page, '/account, with a password that is due');
    await changePassword(page, SECOND, THIRD);
    await page.waitForURL('**/t/acme/connect');
  });

  test('gets a new password by a link that an admin makes; the link works once, and the password before no more', async ({
    page,
    stack,
  }) => {
    await signIn(page, stack, 'admin');
    await page.goto(`${getHome(stack)}/members`);
    await page.getByRole('button', { name: 'Actions for Nea Newcomer' }).click();
    await page.getByRole('menuitem', { name: 'New password…' }).click();
    await page.getByRole('button', { name: 'Make link' }).click();
    await expectAccessibleEverywhere(page, 'the dialog with the link');
    const reset = await readLink(page);
    links.push(reset);
    await page.getByRole('button', { name: 'Done' }).click();

    await openSignedOut(page, reset);
    await expect(page.getByRole('heading', { name: 'New password for Acme' })).toBeVisible();
    await expectAccessibleEverywhere(page, '/reset');
    await page.getByLabel('Choose a password').fill(FOURTH);
    await page.getByRole('button', { name: 'Set password and sign in' }).click();
    await page.waitForURL('**/t/acme/connect');
    await signInAs(page, `${getHome(stack)}/connect`, FOURTH);
    await page.waitForURL('**/t/acme/connect');
  });

  test('opens by neither the password before nor a link that was used, and no link was in an address that was asked for', async ({
    page,
    stack,
    consoleErrors,
  }) => {
    await signInAs(page, `${stack.demo.consoleUrl}/login`, THIRD);
    await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toBeVisible();
    for (const link of links) {
      await openSignedOut(page, link);
      await expect(page.getByText('This link does not work')).toBeVisible();
      await expectAccessibleEverywhere(page, 'a link that was used');
      const secret = new URL(link).hash.slice(1);
      expect(secret).toHaveLength(43);
      expect(sent.filter((text) => text.split('#', 1)[0]?.includes(secret))).toEqual([]);
    }
    // what was refused here is refused by status, and the browser says so
    const refusals = consoleErrors.splice(0);
    expect(refusals.filter((text) => !/status of 4\d\d/.test(text))).toEqual([]);
  });
});

test('a console with two workspaces asks for which one, and an address means nobody of another', async ({
  page,
  stack,
  consoleErrors,
}) => {
  const { consoleUrl, tenant } = stack.demo;
  const { email, password } = stack.getUser('auditor');
  await stack.query(`insert into tenant (id, slug, name) values (gen_random_uuid(), 'elsewhere', 'Elsewhere')`);
  const enter = async (workspace: string) => {
    await page.getByLabel('Workspace').fill(workspace);
    await page.getByLabel('Work e-mail').fill(email);
    await page.getByLabel('Password', { exact: true }).fill(password);
    await page.getByRole('button', { name: 'Sign in' }).click();
  };
  try {
    await openSignedOut(page, `${consoleUrl}/login`);
    await expectAccessibleEverywhere(page, '/login, with a workspace to name');
    await enter('elsewhere');
    await expect(page.getByText('not right for this workspace')).toBeVisible();
    await enter(` ${tenant.toUpperCase()}`);
    await page.waitForURL(`**/t/${tenant}**`);
    await page.goto('about:blank');
    await page.context().clearCookies({ name: /session-token/ });
    await page.goto(`${consoleUrl}/login`);
    await expect(page.getByLabel('Workspace')).toHaveValue(tenant);
  } finally {
    await stack.query(`delete from tenant where slug = 'elsewhere'`);
  }
  await openSignedOut(page, `${consoleUrl}/login`);
  await expect(page.getByLabel('Work e-mail')).toBeVisible();
  await expect(page.getByLabel('Workspace')).toHaveCount(0);
  expect(consoleErrors.splice(0).filter((text) => !/status of 401/.test(text))).toEqual([]);
});

test('signing in answers bad input without an error, the same for addresses that there are and are not, and is bounded by address', async ({
  page,
  stack,
  consoleErrors,
}) => {
  const { consoleUrl } = stack.demo;
  const { csrfToken } = z
    .object({ csrfToken: z.string() })
    .parse(await (await page.request.get(`${consoleUrl}/api/auth/csrf`)).json());
  const post = (path: string, form: Record<string, string>) =>
    page.request.post(`${consoleUrl}/api/auth/${path}`, { form: { json: 'true', csrfToken, ...form }, maxRedirects: 0 });
  const tryPassword = (email: string) => post('callback/credentials', { email, password: 'not the password' });

  for (const path of [
    'callback/credentials',
    'callback/passkey',
    'signin/credentials',
    'signout',
    'callback/nobody',
    'csrf',
    'error',
    '__proto__',
    '%00',
  ])
    for (const value of ['', '\0', '\ud800', 'a'.repeat(9_000), '__proto__', '[object Object]', "'; drop table receipt"]) {
      const answer = await post(path, {
        email: value,
        password: value,
        code: value,
        answer: value,
        workspace: value,
        callbackUrl: value,
      });
      expect(answer.status(), `${path} ${value.slice(0, 20)}`).toBeLessThan(500);
    }
  const [known, unknown] = [await tryPassword(stack.getUser('auditor').email), await tryPassword('nobody@acme.example')];
  expect([known.status(), await known.text()]).toEqual([unknown.status(), await unknown.text()]);
  try {
    const statuses: number[] = [];
    for (let count = 0; count < 30; count += 1) statuses.push((await tryPassword(`nobody-${count}@acme.example`)).status());
    expect(statuses[0]).toBe(401);
    expect(statuses.at(-1)).toBe(429);
    await signInAs(page, `${consoleUrl}/login`, FOURTH);
    await expect(page.getByText('Too many attempts')).toBeVisible();
    expect(consoleErrors.splice(0).filter((text) => !/status of 4\d\d/.test(text))).toEqual([]);
  } finally {
    // the other specs sign in from this address too
    await stack.query('delete from rate_limit');
  }
});
