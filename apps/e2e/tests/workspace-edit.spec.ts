import { readFileSync } from 'node:fs';

import type { Browser } from '@playwright/test';
import { z } from 'zod';

import { expectGoodEverywhere } from '../src/accessibility.ts';
import { askConsole } from '../src/console-api.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import { openPage } from '../src/open-page.ts';
import type { Stack } from '../src/stack.ts';

test.describe('a workspace', () => {
  test.describe.configure({ mode: 'serial', timeout: 240_000 });

  test('gets another name, a colour and an environment, which stand in the switcher', async ({ page, stack }) => {
    await signIn(page, stack, 'owner');
    await openPage(page, stack, '/settings/general');
    await expectGoodEverywhere(page, 'settings');
    await page.getByLabel('Environment').fill('Production');
    await page.getByLabel('Colour').click();
    await page.getByRole('option', { name: 'Teal' }).click();
    await page.getByRole('button', { name: 'Save workspace' }).click();
    const sections = page.getByRole('navigation', { name: 'Sections' }).locator('..');
    await expect(sections.getByText('Production')).toBeVisible();
    await expectGoodEverywhere(page, 'settings with an environment');
    await page.getByLabel('Environment').fill('');
    await page.getByRole('button', { name: 'Save workspace' }).click();
    await expect(sections.getByText('Production')).toHaveCount(0);
  });

  test('shows both versions to whoever comes second, and puts together what they choose', async ({
    page,
    stack,
    browser,
    consoleErrors,
  }) => {
    await signIn(page, stack, 'owner');
    await openPage(page, stack, '/sites/local');
    await page.getByRole('button', { name: 'Edit site…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name').fill('Local lab');

    const other = await browser.newPage();
    await signIn(other, stack, 'admin');
    await openPage(other, stack, '/sites/local');
    await other.getByRole('button', { name: 'Edit site…' }).click();
    await other.getByRole('dialog').getByLabel('Address for AI clients').fill('https://tools.example.com');
    await other.getByRole('button', { name: 'Save site' }).click();
    await expect(other.getByRole('dialog')).toHaveCount(0);
    await other.close();

    await dialog.getByRole('button', { name: 'Save site' }).click();
    const notice = dialog.getByRole('region', { name: 'Changed meanwhile' });
    await expect(notice).toContainText('https://tools.example.com');
    await expectGoodEverywhere(page, 'site changed meanwhile');
    await notice.getByRole('button', { name: 'Put this into the form' }).click();
    await expect(dialog.getByLabel('Address for AI clients')).toHaveValue('https://tools.example.com');
    await expect(dialog.getByLabel('Name')).toHaveValue('Local lab');
    await dialog.getByRole('button', { name: 'Save site' }).click();
    await expect(dialog).toHaveCount(0);
    await expect(page.getByRole('heading', { level: 1, name: 'Local lab' })).toBeVisible();
    await expectGoodEverywhere(page, 'site');
    await page.getByRole('button', { name: 'Edit site…' }).click();
    await dialog.getByLabel('Name').fill('Local machine');
    await dialog.getByLabel('Address for AI clients').fill('');
    await dialog.getByRole('button', { name: 'Save site' }).click();
    await expect(dialog).toHaveCount(0);
    expect(consoleErrors.splice(0), 'of the conflict alone').toEqual([expect.stringContaining('409')]);
  });

  test('lists its sites, and says what keeps one from being deleted', async ({ page, stack }) => {
    await signIn(page, stack, 'owner');
    await openPage(page, stack, '/sites');
    await expectGoodEverywhere(page, 'sites');
    await page.getByRole('link', { name: 'Local machine' }).click();
    await expect(
      page.getByText(
        /A site can be deleted when nothing is left there. First take it out of \d+ profiles? and \d+ servers?, then revoke \d+ agents?/,
      ),
    ).toBeVisible();
    await expect(page.getByRole('button', { name: 'Delete site…' })).toHaveAttribute('aria-disabled', 'true');
  });

  test('gives its agent labels, by which the list is narrowed', async ({ page, stack }) => {
    await signIn(page, stack, 'admin');
    await openPage(page, stack, '/agents');
    await page.getByRole('link', { name: 'local-01', exact: true }).click();
    await page.getByRole('button', { name: 'Edit agent…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Labels').fill('desk=seven\nbroken');
    await dialog.getByRole('button', { name: 'Save agent' }).click();
    await expect(dialog.getByText('Write "broken" as key=value.')).toBeVisible();
    await dialog.getByLabel('Labels').fill('desk=seven');
    await dialog.getByRole('button', { name: 'Save agent' }).click();
    await expect(dialog).toHaveCount(0);
    await expectGoodEverywhere(page, 'agent');
    await openPage(page, stack, '/agents');
    await page.getByRole('button', { name: 'Only agents with desk=seven' }).click();
    await expect(page).toHaveURL(/label=desk/);
    await expect(page.getByRole('link', { name: 'local-01', exact: true })).toBeVisible();
    await expectGoodEverywhere(page, 'agents by label');
    await page.getByRole('radio', { name: 'Archived' }).click();
    await expect(page.getByText('No agents match')).toBeVisible();
  });

  test('calls a member by a name of its own, and says when the person was here', async ({ page, stack }) => {
    await signIn(page, stack, 'owner');
    await openPage(page, stack, '/members');
    const rename = async (from: string, to: string): Promise<void> => {
      await page.getByRole('button', { name: `Actions for ${from}` }).click();
      await page.getByRole('menuitem', { name: 'Edit…' }).click();
      await page.getByRole('dialog').getByLabel('Name').fill(to);
      await page.getByRole('button', { name: 'Save member' }).click();
      await expect(page.getByRole('dialog')).toHaveCount(0);
      await expect(page.getByRole('row').filter({ hasText: to })).toBeVisible();
    };
    await rename('Bea Builder', 'Bea Baumeister');
    await expect(page.getByRole('columnheader', { name: 'Last seen' })).toBeVisible();
    await expectGoodEverywhere(page, 'members');
    await rename('Bea Baumeister', 'Bea Builder');
  });

  test('is exported as lines of JSON, stopped by its owner with slug and password, and kept again', async ({
    page,
    stack,
    browser,
    consoleErrors,
  }) => {
    await signIn(page, stack, 'owner');
    await openPage(page, stack, '/settings/general');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Export everything' }).click();
    const lines = readFileSync(await (await download).path(), 'utf8')
      .trim()
      .split('\n');
    expect(lines[0]).toContain(`"slug":"${stack.demo.tenant}"`);
    expect(lines.some((line) => line.startsWith('{"table":"receipt"'))).toBe(true);
    const { context: asking, withdraw } = await askForResearch(browser, stack);

    await page.getByRole('button', { name: 'Delete workspace…' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(`Type ${stack.demo.tenant} to confirm`).fill(stack.demo.tenant);
    await dialog.getByLabel('Your password').fill('not the password');
    await dialog.getByRole('button', { name: 'Delete workspace' }).click();
    await expect(dialog.getByText('This is not your password.')).toBeVisible();
    expect(consoleErrors.splice(0), 'of the refusal alone').toEqual([expect.stringContaining('403')]);
    await expectGoodEverywhere(page, 'delete workspace');
    await dialog.getByLabel('Your password').fill(stack.getUser('owner').password);
    await dialog.getByRole('button', { name: 'Delete workspace' }).click();
    await expect(page.getByText('This workspace is about to be deleted')).toBeVisible();
    await expect(page.getByText('while the workspace is stopped, nothing of it can be changed')).toBeVisible();
    await expect(page.getByLabel('Environment')).toBeDisabled();
    await expect(page.getByRole('button', { name: 'Save workspace' })).toHaveCount(0);
    await expectGoodEverywhere(page, 'workspace about to be deleted');
    await openPage(page, stack, '/servers/new');
    await expect(page.getByText('Until that ends, nothing in it can be changed.')).toBeVisible();
    await openPage(page, stack, '/groups');
    await expect(page.getByRole('button', { name: 'New group' })).toHaveCount(0);
    await openPage(page, stack, '/profiles/research');
    await expect(page.getByRole('button', { name: /^Publish/ })).toHaveCount(0);
    await openPage(page, stack, '/access-requests');
    await expect(page.getByRole('row').filter({ hasText: FOR })).toContainText('Waiting');
    await expect(page.getByRole('button', { name: /^(Give|Refuse) / })).toHaveCount(0);
    await openPage(page, stack, '/profiles/research/connect');
    await expect(page.getByRole('button', { name: 'Create key' })).toHaveAccessibleDescription(
      'While the workspace is stopped, no key can be made.',
    );
    await openPage(page, stack, '/members');
    const keys = page.getByRole('region', { name: 'Client keys of everybody' });
    await expect(keys.getByText('Live', { exact: true }).first()).toBeVisible();
    await expect(keys.getByRole('button', { name: /^(Revoke|End sessions of) / })).toHaveCount(0);
    await openPage(page, stack, '/settings/general');

    const [profile] = stack.demo.profiles;
    if (!profile) throw new Error('The demo has no profile');
    const ask = async (): Promise<string> => {
      const response = await fetch(profile.mcpUrl, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${profile.apiKey}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify({
          jsonrpc: '2.0',
          id: 1,
          method: 'initialize',
          params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
        }),
      });
      return response.text();
    };
    await expect.poll(ask).toContain('Everything in this workspace is stopped');
    await page.getByRole('button', { name: 'Keep this workspace…' }).click();
    await page.getByRole('button', { name: 'Keep workspace' }).click();
    await expect(page.getByText('This workspace is about to be deleted')).toHaveCount(0);
    await expect.poll(ask).toContain('protocolVersion');
    await openPage(page, stack, '/access-requests');
    const request = page.getByRole('row').filter({ hasText: FOR });
    await expect(request.getByRole('button', { name: /^Give / })).toBeVisible();
    await withdraw();
    await asking.close();
  });
});

const FOR = 'What is asked for while the workspace stops';

/** The demo's auditor asks for the profile Research, which nobody decides before it is withdrawn. */
async function askForResearch(browser: Browser, stack: Stack) {
  const [profile] = await stack.query<{ id: string }>(`select id from profile where slug = 'research'`);
  const context = await browser.newContext();
  const page = await context.newPage();
  await signIn(page, stack, 'auditor');
  const wish = { profileId: profile?.id, reason: FOR, until: null };
  const { id: requestId } = await askConsole(page, stack, 'accessRequest.request', wish, z.looseObject({ id: z.string() }));
  return { context, withdraw: () => askConsole(page, stack, 'accessRequest.withdraw', { requestId }, z.unknown()) };
}
