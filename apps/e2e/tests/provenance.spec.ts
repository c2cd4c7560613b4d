import { gzipSync } from 'node:zlib';

import type { Page } from '@playwright/test';
import { z } from 'zod';

import { expectAccessible, expectGoodEverywhere } from '../src/accessibility.ts';
import { askConsole } from '../src/console-api.ts';
import { addDescribedApi } from '../src/described-api.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import type { Stack } from '../src/stack.ts';

const describe = (operationId: string) => ({
  operationId,
  description: `Reads ${operationId}.`,
  responses: { 200: { description: 'It' } },
});

const openTab = (page: Page, name: string) => page.getByRole('tab', { name }).click();
const getCard = (page: Page, title: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { name: title, exact: true }) });

/** The same description again, in another version, with one operation more. */
async function importMore(page: Page, stack: Stack, serverId: string): Promise<void> {
  const operations = ['listProven', 'readProven', 'countProven'];
  const paths = Object.fromEntries(operations.map((id, index) => [`/orders/${index}`, { get: describe(id) }]));
  const text = JSON.stringify({ openapi: '3.1.0', info: { title: 'Proven', version: '2' }, paths });
  const source = { kind: 'file', gzip: gzipSync(text).toString('base64') };
  const Preview = z.looseObject({ textHash: z.string() });
  const { textHash } = await askConsole(page, stack, 'server.previewOpenapi', { source }, Preview);
  const chosen = operations.map((_, index) => `GET /orders/${index}`);
  await askConsole(page, stack, 'server.importOpenapi', { serverId, source, textHash, operations: chosen }, z.unknown());
}

test('a review and the page of its server say where the server comes from, and whose word each part is', async ({
  page,
  stack,
  browser,
}) => {
  test.setTimeout(240_000);
  await signIn(page, stack, 'admin');
  const url = await addDescribedApi(page, stack, 'Proven', ['listProven', 'readProven'].map(describe));
  const context = await browser.newContext();
  const reviewer = await context.newPage();
  await signIn(reviewer, stack, 'reviewer');
  await reviewer.goto(url);
  const decision = reviewer.getByRole('radiogroup', { name: 'Decision on readProven' });
  await decision.getByRole('radio', { name: 'Reject' }).click();

  await openTab(reviewer, 'Provenance');
  await expect(getCard(reviewer, 'Declared by the imported description')).toContainText(/Title\s*Proven.*Version\s*1/s);
  await expect(getCard(reviewer, 'Entered by people')).toContainText(/Base URL.*Added\s*by .*Edited\s*Never/s);
  await expect(getCard(reviewer, 'Computed by Gatehouse')).toContainText(
    /Description, SHA-256\s*[0-9a-f]{64}.*Read from\s*A file/s,
  );
  const revisions = reviewer.getByRole('table', { name: 'Last revisions' });
  await expect(revisions.getByRole('row')).toHaveCount(2);
  await expect(revisions).toContainText(/r1.*2 tools.*The first that is kept.*imported by/s);
  await expect(reviewer.getByText(/^Not known: .*signature or attestation/)).toBeVisible();
  await expectGoodEverywhere(reviewer, 'provenance of a review');
  await openTab(reviewer, 'What it offers');
  await expect(decision.getByRole('radio', { name: 'Reject' })).toBeChecked();

  const reviewId = new URL(url).pathname.split('/').at(-1);
  const Detail = z.looseObject({ server: z.looseObject({ id: z.string(), slug: z.string() }) });
  const { server } = await askConsole(page, stack, 'review.get', { reviewId }, Detail, 'query');
  await importMore(page, stack, server.id);
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}/servers/${server.slug}?tab=provenance`);
  const newest = page.getByRole('table', { name: 'Last revisions' }).getByRole('row').nth(1);
  await expect(newest).toContainText(/r2.*3 tools.*1 added/s);
  await expect(getCard(page, 'Declared by the imported description')).toContainText(/Version\s*2/);
  await expectGoodEverywhere(page, 'provenance of a server');

  // of what an agent looks at, which one did
  const Servers = z.looseObject({ rows: z.array(z.looseObject({ slug: z.string(), kind: z.string().nullable() })) });
  const { rows } = await askConsole(page, stack, 'server.list', { limit: 200 }, Servers, 'query');
  const looked = rows.find(({ kind }) => kind === 'http');
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}/servers/${looked?.slug}?tab=provenance`);
  await expect(getCard(page, 'Declared by the server')).toContainText(/Name.*Version.*Protocol version/s);
  await expect(getCard(page, 'Reported by agents')).toContainText('local-01');
  await expectGoodEverywhere(page, 'provenance of an MCP server');
  await context.close();
});

test('a review of 300 tools makes a hundred rows at a time, is decided together, and E shows the exact JSON of the one in focus', async ({
  page,
  stack,
  browser,
}) => {
  test.setTimeout(240_000);
  await signIn(page, stack, 'admin');
  const many = Array.from({ length: 300 }, (_, index) => describe(`readMany${String(index).padStart(3, '0')}`));
  const url = await addDescribedApi(page, stack, 'Many', many);
  const context = await browser.newContext();
  const reviewer = await context.newPage();
  await signIn(reviewer, stack, 'reviewer');
  await reviewer.goto(url);
  const tools = reviewer.getByRole('region', { name: 'Tools' });
  await expect(tools.getByRole('radiogroup', { name: /^Decision on / })).toHaveCount(100);
  await expect(reviewer.getByRole('tab', { name: 'What it offers' })).toContainText('300');
  await reviewer.getByRole('button', { name: 'Show 100 more of 200' }).click();
  await expect(tools.getByRole('radiogroup', { name: /^Decision on / })).toHaveCount(200);
  await expectAccessible(reviewer, 'a review of 300 tools');

  const row = tools.getByRole('listitem').filter({ has: reviewer.getByRole('radiogroup', { name: 'Decision on readMany150' }) });
  const line = row.getByRole('button', { name: /^readMany150/ });
  await line.focus();
  await reviewer.keyboard.press('Enter');
  const exact = row.getByRole('radio', { name: 'Exact JSON' });
  await expect(exact).not.toBeChecked();
  await reviewer.keyboard.press('e');
  await expect(exact).toBeChecked();
  await reviewer.keyboard.press('e');
  await expect(exact).not.toBeChecked();
  // a letter that is written is no key
  await row.getByLabel('Note').fill('');
  await row.getByLabel('Note').press('e');
  await expect(exact).not.toBeChecked();

  await reviewer.getByRole('button', { name: 'Approve 300 that read or write' }).filter({ visible: true }).click();
  await expect(reviewer.getByRole('button', { name: 'Approve 300 tools…' }).filter({ visible: true })).toBeVisible();
  await expect(tools.getByRole('radiogroup', { name: /^Decision on / })).toHaveCount(200);
  await context.close();
});
