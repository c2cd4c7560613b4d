import { type Cookie, expect, test as base, type Page } from '@playwright/test';

import { Stack } from './stack.ts';

/** Makes the browser that of a person, whoever was signed in before: by a session that the person has, or through the form. No page is open then. */
export async function signIn(page: Page, stack: Stack, role: string): Promise<void> {
  const kept = stack.sessions.get(role);
  if (kept && (await resumeSession(page, stack, kept))) return;
  await signInByForm(page, stack, role);
  await page.goto('about:blank');
  stack.sessions.set(role, await page.context().cookies());
}

/** Gives the browser these cookies in the place of its own. False when their session has ended. */
async function resumeSession(page: Page, stack: Stack, cookies: Cookie[]): Promise<boolean> {
  await leaveSession(page);
  await page.context().addCookies(cookies);
  return (await page.request.get(`${stack.demo.consoleUrl}/account`, { maxRedirects: 0 })).ok();
}

/** Signs a person in through the form, whoever was signed in before, and waits for the first page behind it. */
export async function signInByForm(page: Page, stack: Stack, role: string): Promise<void> {
  const { email, password } = stack.getUser(role);
  await leaveSession(page);
  await page.goto(`${stack.demo.consoleUrl}/login`);
  await page.getByLabel('Work e-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`**/t/${stack.demo.tenant}**`);
}

/** Leaves the page first: one that finds itself signed out goes to the sign-in page by itself. */
async function leaveSession(page: Page): Promise<void> {
  await page.goto('about:blank');
  await page.context().clearCookies();
}

/** `stack`: the running product. `consoleErrors`: what the browser complained about; must stay empty. */
export const test = base.extend<{ consoleErrors: string[] }, { stack: Stack }>({
  stack: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const stack = await Stack.start();
      await use(stack);
      const { code, leftovers } = await stack.stop();
      expect(code, 'Ctrl-C ends the launcher in order').toBe(0);
      expect(leftovers, 'nothing is left running').toEqual([]);
    },
    { scope: 'worker', timeout: 240_000 },
  ],
  consoleErrors: [
    async ({ page }, use) => {
      const errors: string[] = [];
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(message.text());
      });
      page.on('pageerror', (error) => errors.push(error.message));
      await use(errors);
      expect(errors, 'the browser reports no error').toEqual([]);
    },
    { auto: true },
  ],
});

export { expect };
