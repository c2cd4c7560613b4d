import type { Page } from '@playwright/test';
import { z } from 'zod';

import { createProfile } from '../src/create-profile.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import { connectModern, getText } from '../src/mcp-clients.ts';
import type { Stack } from '../src/stack.ts';

const buildConsoleUrl = (stack: Stack, path: string) => `${stack.demo.consoleUrl}/t/${stack.demo.tenant}${path}`;

/** Makes a profile that the admin may use, with one tool of the orders server selected and open in the inspector. */
async function createProfileWithTool(page: Page, stack: Stack, tool: string): Promise<void> {
  await createProfile(page, stack, 'Careful cancels');
  await page.getByRole('tab', { name: /Access/ }).click();
  await page.getByLabel('Person').click();
  await page.getByRole('option', { name: /Adam Admin/ }).click();
  await page.getByRole('button', { name: 'Give access' }).click();
  await expect(page.getByRole('table', { name: 'People with access' })).toContainText('Adam Admin');
  await page.getByRole('tab', { name: /Tools/ }).click();
  const orders = page.getByRole('region', { name: 'Orders', exact: true });
  await orders.getByRole('checkbox', { name: tool }).click();
  await orders.getByRole('button', { name: tool, exact: true }).click();
}

async function setArgument(page: Page, argument: string, kind: 'Hidden' | 'Pinned' | 'Limited'): Promise<void> {
  await page.getByRole('combobox', { name: `What clients get of ${argument}` }).click();
  await page.getByRole('option', { name: kind }).click();
}

/** Reads the JSON that the preview dialog shows: what an admin would copy. */
async function readPreviewedTools(page: Page): Promise<unknown> {
  await page.getByRole('button', { name: 'Preview', exact: true }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog.getByText(/^About [1-9][\d,]* tokens$/)).toBeVisible();
  expect(page.workers(), 'tokens are counted beside the page’s own thread').toHaveLength(1);
  await dialog.getByRole('radio', { name: 'JSON' }).click();
  const text = await dialog.getByRole('region', { name: 'tools/list' }).innerText();
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  return z.object({ tools: z.unknown() }).parse(JSON.parse(text)).tools;
}

/** Publishes, makes a key and gives it back. */
async function publishAndConnect(page: Page, stack: Stack): Promise<string> {
  await page.getByRole('button', { name: /^Publish version 1/ }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('reason pinned to "fraud"');
  await dialog.getByRole('button', { name: 'Publish version 1' }).click();
  await expect(dialog.getByText('Acknowledged and served')).toBeVisible();
  await dialog.getByRole('link', { name: 'Connect an AI client' }).click();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: stack.demo.consoleUrl });
  await page.getByLabel('What is it for?').fill('Curation');
  await page.getByRole('button', { name: 'Create key' }).click();
  await page.getByRole('button', { name: 'Copy key' }).click();
  return page.evaluate(() => navigator.clipboard.readText());
}

test('what the builder previews is what a client lists, and a pinned argument is refused when it is sent', async ({
  page,
  stack,
}) => {
  test.setTimeout(180_000);
  await signIn(page, stack, 'admin');
  await createProfileWithTool(page, stack, 'cancel_order');

  // A name that is no name stays in the field; the one before it stays in force.
  await page.getByLabel('Name shown').fill('x'.repeat(65));
  await expect(page.getByText('at most 64 characters')).toBeVisible();
  await page.getByLabel('Name shown').fill('stop_fraud_order');
  await page.getByLabel('Description shown').fill('Stop an order that is fraud. It cannot be undone.');

  // Required, so it can be pinned and not hidden.
  await page.getByRole('combobox', { name: 'What clients get of reason' }).click();
  await expect(page.getByRole('option', { name: 'Hidden' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await setArgument(page, 'reason', 'Pinned');
  await page.getByRole('combobox', { name: 'Value of reason' }).click();
  await page.getByRole('option', { name: 'fraud' }).click();
  await setArgument(page, 'orderId', 'Limited');
  for (const value of ['8841', '8842']) {
    await page.getByLabel('Add a value of orderId').fill(value);
    await page.getByLabel('Add a value of orderId').press('Enter');
  }
  await expect(page.getByText(/^Saved/)).toBeVisible();

  const previewed = await readPreviewedTools(page);
  const apiKey = await publishAndConnect(page, stack);
  const client = await connectModern({ mcpUrl: `${stack.demo.agentUrl}/p/careful-cancels/mcp`, apiKey }, 'curation');
  try {
    // Entries as they came over the wire, key order included.
    const { tools } = await client.request({ method: 'tools/list', params: {} }, z.looseObject({ tools: z.array(z.unknown()) }));
    expect(JSON.stringify(tools)).toBe(JSON.stringify(previewed));
    expect(tools).toMatchObject([
      {
        name: 'stop_fraud_order',
        description: 'Stop an order that is fraud. It cannot be undone.',
        inputSchema: { properties: { orderId: { enum: ['8841', '8842'] } }, required: ['orderId'] },
      },
    ]);
    expect(JSON.stringify(tools)).not.toContain('"reason"');

    const hidden = await client.callTool({
      name: 'stop_fraud_order',
      arguments: { orderId: '8841', reason: 'out_of_stock' },
    });
    expect(hidden.isError).toBe(true);
    expect(getText(hidden)).toContain('orderId');
    expect(getText(hidden)).not.toContain('out_of_stock');
    const outside = await client.callTool({ name: 'stop_fraud_order', arguments: { orderId: '8843' } });
    expect(outside.isError).toBe(true);
    const done = await client.callTool({ name: 'stop_fraud_order', arguments: { orderId: '8842' } });
    expect(done.isError ?? false).toBe(false);
    expect(done.structuredContent).toMatchObject({ orderId: '8842', status: 'cancelled' });
  } finally {
    await client.close();
  }
});

test('an override is marked, and Reset gives back the server’s own', async ({ page, stack }) => {
  await signIn(page, stack, 'admin');
  await page.goto(buildConsoleUrl(stack, '/profiles/support'));
  const selected = page.getByRole('region', { name: 'Selected from Orders', exact: true });
  await selected.getByRole('button', { name: /add_order_note/ }).click();
  await setArgument(page, 'note', 'Limited');
  await page.getByLabel('Add a value of note').fill('called back');
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(selected.getByRole('button', { name: /add_order_note.*Modified/ })).toBeVisible();
  await expect(page.getByText(/^Saved/)).toBeVisible();

  await page.reload();
  await selected.getByRole('button', { name: /add_order_note/ }).click();
  await expect(page.getByRole('list', { name: 'Values of note' })).toContainText('called back');
  await page.getByRole('button', { name: 'Reset note', exact: true }).click();
  await expect(page.getByRole('combobox', { name: 'What clients get of note' })).toContainText('Shown');
  await expect(page.getByText(/^Saved/)).toBeVisible();
  await expect(page.getByRole('button', { name: /^Publish version/ })).toHaveAttribute('aria-disabled', 'true');
});
