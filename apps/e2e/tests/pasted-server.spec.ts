import type { Page } from '@playwright/test';

import { expect, signIn, test } from '../src/fixtures.ts';
import type { Stack } from '../src/stack.ts';

const SECRETS = ['ghp_pasted0bearer0token0123456789abcdef', 'pasted-key-9f31c7', 'pasted-in-the-address-77a2'];
const [TOKEN, KEY, QUERY] = SECRETS;

/** As somebody does it: what is pasted is in no request before it is in the box. */
async function enterPasted(page: Page, text: string): Promise<void> {
  await page.evaluate((copied) => navigator.clipboard.writeText(copied), text);
  await page.getByLabel('URL or stdio entry').press('ControlOrMeta+V');
}

/** Everything that the browser sends from here on, with addresses and headers. */
function watchRequests(page: Page): string[] {
  const sent: string[] = [];
  page.on('request', (request) => sent.push(`${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`));
  page.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))));
  return sent;
}

async function openForm(page: Page, stack: Stack): Promise<void> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await signIn(page, stack, 'admin');
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}/servers/new`);
}

test('T-25: a pasted client configuration becomes the form of its server, and none of its secrets leaves the browser', async ({
  page,
  stack,
}) => {
  await openForm(page, stack);
  const sent = watchRequests(page);
  const url = `http://127.0.0.1:${stack.base + 30}/mcp`;
  const headers = { Authorization: `Bearer ${TOKEN}`, 'X-Api-Key': KEY, 'X-Org': 'acme' };
  await enterPasted(
    page,
    JSON.stringify(
      { mcpServers: { 'orders-pasted': { type: 'http', url: `${url}?api_key=${QUERY}`, headers, timeout: 30 } } },
      null,
      2,
    ),
  );

  await expect(page.getByLabel('URL or stdio entry')).toHaveValue(url);
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Orders pasted');
  const notes = page.getByRole('status').filter({ hasText: 'Taken from what you pasted' });
  for (const said of [
    'Authorization: Bearer …',
    'X-Api-Key: …',
    '?api_key=…',
    'X-Org: acme',
    'Settings of the client were left out: timeout.',
  ])
    await expect(notes).toContainText(said);
  await expect(page.getByRole('group', { name: /^Credential \d/ })).toHaveCount(3);
  const lines = page.getByText('SECRET_SERVER_X_API_KEY=<the secret>');
  await expect(lines).toContainText(`SECRET_SERVER_X_API_KEY_ORIGIN=http://127.0.0.1:${stack.base + 30}`);
  const html = await page.content();
  for (const secret of SECRETS) expect(html).not.toContain(secret);

  await page.getByLabel('What will people use it for?').fill('Look up pasted orders.');
  const agent = page.getByLabel('Which agent reaches it?');
  if (!(await agent.innerText()).includes('local-01')) {
    await agent.click();
    await page.getByRole('option', { name: /local-01/ }).click();
  }
  await page.getByRole('button', { name: 'Add and look at what it offers' }).click();
  // all that the site does not offer yet, at once
  for (const name of ['AUTHORIZATION', 'X_API_KEY', 'API_KEY'])
    await expect(page.getByText(`set SECRET_SERVER_${name} and SECRET_SERVER_${name}_ORIGIN`).first()).toBeVisible();
  await page.getByRole('link', { name: 'Open the server' }).click();
  await page.getByRole('tab', { name: 'Details' }).click();
  for (const line of [
    'Authorization: Bearer <env:SECRET_SERVER_AUTHORIZATION>',
    '?api_key=<env:SECRET_SERVER_API_KEY>',
    'X-Org: acme',
  ])
    await expect(page.getByText(line)).toBeVisible();
  expect(sent.some((request) => request.includes('X-Org'))).toBe(true);
  for (const secret of SECRETS) expect(sent.filter((request) => request.includes(secret))).toEqual([]);
});

test('T-25: of a pasted address the secret is taken out at once, of a typed one when it is asked for', async ({
  page,
  stack,
}) => {
  await openForm(page, stack);
  const sent = watchRequests(page);
  const box = page.getByLabel('URL or stdio entry');
  await enterPasted(page, `https://mcp.orders.example/mcp?team=a&api_key=${QUERY}`);
  await expect(box).toHaveValue('https://mcp.orders.example/mcp?team=a');
  await expect(page.getByLabel('Parameter')).toHaveValue('api_key');
  await expect(page.getByLabel('Reference')).toHaveValue('env:SECRET_ORDERS');

  await page.reload();
  await box.pressSequentially(`https://mcp.orders.example/mcp?token=${QUERY}`);
  await expect(box).toHaveAccessibleDescription(/seems to hold a secret in "token"/);
  await page.getByRole('button', { name: 'Take the secret out' }).click();
  await expect(box).toHaveValue('https://mcp.orders.example/mcp');
  await expect(page.getByLabel('Parameter')).toHaveValue('token');
  expect(sent.filter((request) => request.includes(QUERY ?? ''))).toEqual([]);
});
