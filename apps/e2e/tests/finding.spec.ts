import { randomUUID } from 'node:crypto';

import { expectAccessible, expectGoodEverywhere } from '../src/accessibility.ts';
import { clearWorkspace, fillWorkspace } from '../src/fill-workspace.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import { openPage } from '../src/open-page.ts';
import { measureScripting, type ScriptingTime } from '../src/scripting-time.ts';
import type { Stack } from '../src/stack.ts';

const buildUrl = ({ demo }: Stack, path: string): string => `${demo.consoleUrl}/t/${demo.tenant}${path}`;

test.describe('a workspace that is full', () => {
  test.beforeAll(async ({ stack }) => fillWorkspace(stack, { members: 5_000, agents: 200, receipts: 10_000 }));
  test.afterAll(async ({ stack }) => clearWorkspace(stack));

  test('a list is searched, ordered, narrowed and paged, and its address says so', async ({ page, stack }) => {
    await signIn(page, stack, 'owner');
    await page.goto(buildUrl(stack, '/members'));
    const rows = page.getByRole('table', { name: 'Members' }).getByRole('row');
    await expect(rows).toHaveCount(51);
    await expect(page.getByText(/^50 of 5,0\d\d members/)).toBeVisible();
    await page.getByRole('button', { name: 'Load more' }).first().click();
    await expect(rows).toHaveCount(101);
    // what the columns are is seen at the last row as well
    await rows.last().scrollIntoViewIfNeeded();
    await expect(page.getByRole('columnheader', { name: 'E-mail' })).toBeInViewport({ ratio: 1 });
    await page.getByRole('textbox', { name: 'Search members' }).fill('person 00123');
    await expect(rows).toHaveCount(2);
    await expect(page).toHaveURL(/[?&]q=person/);
    await page.reload();
    await expect(rows).toHaveCount(2);
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect(rows).toHaveCount(51);
    await page.getByRole('button', { name: 'E-mail' }).click();
    await page.getByRole('button', { name: 'E-mail' }).click();
    await expect(page.getByRole('columnheader', { name: 'E-mail' })).toHaveAttribute('aria-sort', 'descending');
    await expect(page).toHaveURL(/sort=email&dir=desc/);
    await page.goBack();
    await expect(page.getByRole('columnheader', { name: 'E-mail' })).toHaveAttribute('aria-sort', 'ascending');
    await page.getByRole('combobox', { name: 'Role' }).click();
    await page.getByRole('option', { name: 'Owner' }).click();
    await expect(page).toHaveURL(/role=owner/);
    await expect(page.getByText('Filled Person').first()).toHaveCount(0);
    await page.getByRole('textbox', { name: 'Search members' }).fill('nobody at all');
    await expect(page.getByText('No members match')).toBeVisible();
    await page.getByRole('button', { name: 'Clear the search' }).click();
    await expect(rows).toHaveCount(51);
    await expectGoodEverywhere(page, 'full members');
    await page.goto(buildUrl(stack, '/agents?q=filled'));
    await expect(page.getByText('50 of 200 agents')).toBeVisible();
    await expectGoodEverywhere(page, 'full agents');
  });

  test('no interaction takes long of the browser, and how long each takes is printed', async ({ page, stack }) => {
    test.setTimeout(240_000);
    await signIn(page, stack, 'owner');
    const times: [string, ScriptingTime][] = [];
    const measure = async (what: string, act: () => Promise<unknown>): Promise<void> => {
      times.push([what, await measureScripting(page, act)]);
    };
    await page.goto(buildUrl(stack, '/members'));
    const members = page.getByRole('table', { name: 'Members' }).getByRole('row');
    await expect(members).toHaveCount(51);
    await measure('members: a letter is typed', () =>
      page.getByRole('textbox', { name: 'Search members' }).pressSequentially('f'),
    );
    await measure('members: the list follows', () => expect(page).toHaveURL(/q=f/));
    await measure('members: load more', async () => {
      await page.getByRole('button', { name: 'Load more' }).first().click();
      await expect(members).toHaveCount(101);
    });
    await measure('members: actions of a row', () =>
      page
        .getByRole('button', { name: /^Actions for Filled/ })
        .first()
        .click(),
    );
    await page.keyboard.press('Escape');
    await page.goto(buildUrl(stack, '/agents'));
    await expect(page.getByRole('table', { name: 'Agents' }).getByRole('row')).toHaveCount(51);
    await measure('agents: order by name', async () => {
      await page.getByRole('button', { name: 'Agent', exact: true }).click();
      await expect(page).toHaveURL(/sort=name/);
    });
    await page.goto(buildUrl(stack, '/audit'));
    const calls = page.getByRole('table', { name: 'Calls' }).getByRole('row');
    await expect(calls).toHaveCount(101);
    await measure('audit: open a row', async () => {
      await calls.nth(3).click();
      await expect(page.getByRole('complementary', { name: 'Call' })).toBeVisible();
    });
    await measure('audit: the next row', () => page.keyboard.press('j'));
    for (const [what, { total, longest }] of times) {
      process.stdout.write(`SCRIPTING ${what}: ${total.toFixed(0)} ms, ${longest.toFixed(0)} ms at a stretch\n`);
    }
    expect(times.every(([, { total }]) => total > 0)).toBe(true);
  });
});

test('join tokens are listed, and those that are open are revoked together', async ({ page, stack }) => {
  const names = ['oulu-next', 'turku-next'];
  for (const name of names) {
    await stack.query(
      `insert into join_token (tenant_id, id, site_id, agent_name, token_hash, created_by, expires_at)
        select a.tenant_id, gen_random_uuid(), a.site_id, $2, $3, gen_random_uuid(), now() + interval '1 hour' from agent a where a.id = $1`,
      [stack.demo.agents[0]?.id, name, randomUUID()],
    );
  }
  await signIn(page, stack, 'admin');
  await page.goto(buildUrl(stack, '/agents'));
  await page.getByRole('link', { name: 'Join tokens' }).click();
  for (const name of names) await page.getByRole('checkbox', { name: `Select the token for ${name}` }).click();
  await expect(page.getByText('2 tokens selected')).toBeVisible();
  await expectGoodEverywhere(page, 'join tokens');
  await page.getByRole('button', { name: 'Revoke…' }).click();
  await page.getByRole('alertdialog').getByRole('button', { name: 'Revoke 2 tokens' }).click();
  for (const name of names) await expect(page.getByRole('row').filter({ hasText: name })).toContainText('Revoked');
});

test('agents are labelled and revoked together, and what is archived is brought back by undoing that', async ({
  page,
  stack,
}) => {
  const names = ['bulk-one', 'bulk-two'];
  for (const name of names) {
    await stack.query(
      `insert into agent select (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'name', $2::text,
        'public_key', '\\x' || md5($2) || md5($2 || 'x'), 'server_health', '[]'::jsonb))).* from agent a where a.id = $1`,
      [stack.demo.agents[0]?.id, name],
    );
  }
  await signIn(page, stack, 'admin');
  await page.goto(buildUrl(stack, '/agents?q=bulk-'));
  const choose = async () => {
    for (const name of names) await page.getByRole('checkbox', { name: `Select ${name}` }).click();
  };
  await choose();
  await expect(page.getByText('2 agents selected')).toBeVisible();
  await expectGoodEverywhere(page, 'agents selected');
  await page.getByRole('button', { name: 'Label…' }).click();
  await page.getByRole('dialog').getByLabel('Label').fill('bulk=chosen');
  await expectGoodEverywhere(page, 'agents label');
  await page.getByRole('dialog').getByRole('button', { name: 'Label 2 agents' }).click();
  const dialog = page.getByRole('alertdialog');
  for (const name of names) await expect(page.getByRole('row').filter({ hasText: name })).toContainText('bulk=chosen');
  await choose();
  await page.getByRole('button', { name: 'Revoke…' }).click();
  await dialog.getByRole('button', { name: 'Revoke 2 agents' }).click();
  for (const name of names) await expect(page.getByRole('row').filter({ hasText: name })).toContainText('Revoked');
  await stack.query(`update agent set archived_at = now() where name like 'bulk-%'`);

  await page.goto(buildUrl(stack, '/profiles'));
  const row = page.getByRole('row').filter({ hasText: 'Bulk profile' });
  await page.getByRole('button', { name: 'Create profile' }).click();
  await page.getByRole('dialog').getByLabel('Name').fill('Bulk profile');
  await page.getByRole('dialog').getByRole('button', { name: 'Create profile' }).click();
  await page.waitForURL(/profiles\/bulk-profile/);
  await page.goto(buildUrl(stack, '/profiles'));
  await page.getByRole('checkbox', { name: 'Select Bulk profile' }).click();
  await page.getByRole('button', { name: 'Archive…' }).click();
  await dialog.getByRole('button', { name: 'Archive 1 profile' }).click();
  await expect(row).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Undo' })).toBeVisible();
  await expectAccessible(page, 'a message with undo');
  await page.getByRole('button', { name: 'Undo' }).click();
  await expect(row).toHaveCount(1);
  await page.getByRole('checkbox', { name: 'Select Bulk profile' }).click();
  await page.getByRole('button', { name: 'Archive…' }).click();
  await dialog.getByRole('button', { name: 'Archive 1 profile' }).click();
  await expect(row).toHaveCount(0);
});

test('the admin log says on what and to whom, is narrowed, keeps its times relative, and is exported', async ({
  page,
  stack,
}) => {
  await signIn(page, stack, 'owner');
  await page.goto(buildUrl(stack, '/audit/admin'));
  const log = page.getByRole('table', { name: 'Admin log' });
  await page.getByRole('combobox', { name: 'Action' }).click();
  await page.getByRole('option', { name: 'Gave access to a profile' }).click();
  const access = log.getByRole('row').nth(1);
  await expect(access).toContainText(/person: \S/);
  await expect(access.getByRole('link')).toBeVisible();
  await page.getByRole('combobox', { name: 'Time' }).click();
  await page.getByRole('option', { name: 'Last 24 hours' }).click();
  await expect(page).toHaveURL(/range=24h/);
  await expect(page.getByRole('button', { name: 'Copy link with fixed time' })).toBeVisible();
  await expectGoodEverywhere(page, 'admin log');
  await access.getByRole('cell').nth(2).click();
  await expect(page.getByRole('button', { name: 'Only about this' })).toBeVisible();
  await expectGoodEverywhere(page, 'admin log entry');
  const download = page.waitForEvent('download');
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Export as CSV' }).click();
  expect((await download).suggestedFilename()).toMatch(/admin-log.*\.csv$/);
  await page.goto(buildUrl(stack, '/audit/admin'));
  await expect(log).toContainText('Exported the admin log');
});

test('anything is found by its name from anywhere, and the keys are said', async ({ page, stack }) => {
  await signIn(page, stack, 'owner');
  await page.goto(buildUrl(stack, '/servers/orders'));
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('Control+k');
  const field = page.getByRole('combobox', { name: 'Name, id or place' });
  await expect(field).toBeFocused();
  await expect(page.getByRole('option').first()).toContainText('Recent');
  await expectGoodEverywhere(page, 'palette');
  await field.fill('support');
  await expect(page.getByRole('option').filter({ hasText: 'Profile' }).first()).toBeVisible();
  await expectGoodEverywhere(page, 'palette found');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/profiles\/support/);
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.keyboard.press('?');
  const sheet = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await expect(sheet).toBeVisible();
  await expectGoodEverywhere(page, 'keys');
  await sheet.getByRole('checkbox').click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expect(sheet).toHaveCount(0);
  await page.keyboard.press('Control+k');
  await expect(field).toBeFocused();
});

test('a member finds no more than the own profiles', async ({ page, stack }) => {
  await signIn(page, stack, 'member');
  await openPage(page, stack, '');
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('option').filter({ hasText: 'Connect an AI client' })).toBeVisible();
  await expect(page.getByRole('option').filter({ hasText: 'Members' })).toHaveCount(0);
});
