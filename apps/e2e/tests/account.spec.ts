import { createHmac } from 'node:crypto';

import type { Page } from '@playwright/test';

import { expectGoodEverywhere } from '../src/accessibility.ts';
import { expect, signInByForm, test } from '../src/fixtures.ts';
import type { Stack } from '../src/stack.ts';

/** Gives the tab a device that keeps passkeys and has seen its holder's finger. */
async function addDevice(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

async function openSignedOut(page: Page, url: string): Promise<void> {
  await page.goto('about:blank');
  await page.context().clearCookies();
  await page.goto(url);
}

/** What an authenticator app shows for a key that was typed into it. */
function showCode(key: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = Array.from(key.trim(), (sign) => alphabet.indexOf(sign).toString(2).padStart(5, '0')).join('');
  const secret = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)));
  const mac = createHmac('sha1', secret).update(step).digest();
  const number = mac.readUInt32BE(mac.readUInt8(mac.length - 1) & 0x0f) & 0x7fff_ffff;
  return String(number % 1_000_000).padStart(6, '0');
}

async function sayPassword(page: Page, { password }: { password: string }, act: string): Promise<void> {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Present password').fill(password);
  await dialog.getByRole('button', { name: act }).click();
}

async function enterPassword(page: Page, stack: Stack, role: string): Promise<void> {
  const { email, password } = stack.getUser(role);
  await openSignedOut(page, `${stack.demo.consoleUrl}/login`);
  await page.getByLabel('Work e-mail').fill(email);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

test('a passkey is added under Account, opens the account by itself, and opens nothing once it is removed', async ({
  page,
  stack,
  consoleErrors,
}) => {
  test.setTimeout(180_000);
  const { consoleUrl, tenant } = stack.demo;
  const builder = stack.getUser('builder');
  await addDevice(page);
  await signInByForm(page, stack, 'builder');
  await page.goto(`${consoleUrl}/account`);
  await page.getByRole('button', { name: 'Add a passkey' }).click();
  await expectGoodEverywhere(page, 'account add-passkey');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('Phone');
  await sayPassword(page, { password: 'not my password' }, 'Add passkey');
  await expect(dialog.getByText('This is not your present password.')).toBeVisible();
  await sayPassword(page, builder, 'Add passkey');
  const passkeys = page.getByRole('list', { name: 'Passkeys' });
  await expect(passkeys.getByText('not used yet')).toBeVisible();
  await page.getByRole('button', { name: 'Actions for Phone' }).click();
  await page.getByRole('menuitem', { name: 'Rename…' }).click();
  await dialog.getByLabel('Name').fill('Work phone');
  await dialog.getByRole('button', { name: 'Rename passkey' }).click();
  await expect(passkeys.getByText('Work phone')).toBeVisible();
  await expectGoodEverywhere(page, 'account with-a-passkey');

  await openSignedOut(page, `${consoleUrl}/login?callbackUrl=${encodeURIComponent(`/t/${tenant}/profiles`)}`);
  await expectGoodEverywhere(page, 'account login');
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await page.waitForURL(`**/t/${tenant}/profiles`);
  await page.goto(`${consoleUrl}/account`);
  await expect(passkeys.getByText('last used')).toBeVisible();
  await page.getByRole('button', { name: 'Actions for Work phone' }).click();
  await page.getByRole('menuitem', { name: 'Remove…' }).click();
  await expectGoodEverywhere(page, 'account remove-passkey');
  await sayPassword(page, builder, 'Remove passkey');
  await expect(page.getByText('You have none.')).toBeVisible();

  await openSignedOut(page, `${consoleUrl}/login`);
  await page.getByRole('button', { name: 'Use a passkey' }).click();
  await expect(page.getByText('This passkey opens no account here.')).toBeVisible();
  expect(consoleErrors.splice(0).filter((text) => !/status of 40[13]/.test(text))).toEqual([]);
});

test('an authenticator app is set up, a code is asked for beside the password, and a recovery code stands in for one', async ({
  page,
  stack,
  consoleErrors,
}) => {
  test.setTimeout(180_000);
  const { consoleUrl, tenant } = stack.demo;
  const auditor = stack.getUser('auditor');
  await signInByForm(page, stack, 'auditor');
  await page.goto(`${consoleUrl}/account`);
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  await sayPassword(page, auditor, 'Show the key');
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByRole('img', { name: 'QR code with the key' })).toBeVisible();
  await expectGoodEverywhere(page, 'account authenticator-key');
  const key = await dialog.getByRole('figure', { name: 'Key' }).locator('code').innerText();
  await dialog.getByLabel('Code', { exact: true }).fill('000000');
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  await expect(dialog.getByText('This code is not right')).toBeVisible();
  await dialog.getByLabel('Code', { exact: true }).fill(showCode(key));
  await dialog.getByRole('button', { name: 'Confirm' }).click();
  const codes = (await dialog.getByRole('figure', { name: 'Recovery codes' }).locator('code').innerText()).split('\n');
  expect(codes).toHaveLength(10);
  await expectGoodEverywhere(page, 'account recovery-codes');
  // shown this once: nothing that is pressed by mistake closes them
  await page.keyboard.press('Escape');
  await page.mouse.click(5, 5);
  await expect(dialog.getByRole('button', { name: 'Close' })).toHaveCount(0);
  await expect(dialog.getByRole('figure', { name: 'Recovery codes' })).toBeVisible();
  await dialog.getByRole('button', { name: 'I have kept them' }).click();
  await expect(page.getByText('10 recovery codes are left')).toBeVisible();

  try {
    await enterPassword(page, stack, 'auditor');
    await expect(page.getByLabel('Code', { exact: true })).toBeFocused();
    await expectGoodEverywhere(page, 'account login-code');
    await page.getByLabel('Code', { exact: true }).fill('000000');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await expect(page.getByText('This code is not right')).toBeVisible();
    await page.getByLabel('Code', { exact: true }).fill(codes[0] ?? '');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.waitForURL(`**/t/${tenant}**`);
    await page.goto(`${consoleUrl}/account`);
    await expect(page.getByText('9 recovery codes are left')).toBeVisible();
    await expectGoodEverywhere(page, 'account with-an-authenticator');
    await page.getByRole('button', { name: 'Remove the app' }).click();
    await sayPassword(page, auditor, 'Remove the app');
    await expect(page.getByText('Not set up')).toBeVisible();
    await signInByForm(page, stack, 'auditor');
  } finally {
    // the other specs sign in by password alone
    await stack.query('delete from authenticator');
  }
  expect(consoleErrors.splice(0).filter((text) => !/status of 40[13]/.test(text))).toEqual([]);
  const logs = stack.readControlPlaneLogs();
  for (const secret of [key, ...codes]) expect(logs).not.toContain(secret);
});
