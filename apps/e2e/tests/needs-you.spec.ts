import type { BrowserContext, Page, Request } from '@playwright/test';
import { z } from 'zod';

import { expectAccessible } from '../src/accessibility.ts';
import { describeReading } from '../src/changing-server.ts';
import { askConsole } from '../src/console-api.ts';
import { expect, signIn, signInByForm, test } from '../src/fixtures.ts';
import { approveTools, openSite, type OwnSite, publishTools } from '../src/open-site.ts';
import type { Stack } from '../src/stack.ts';

const buildUrl = ({ demo }: Stack, path: string): string => `${demo.consoleUrl}/t/${demo.tenant}${path}`;
const getNeeds = (page: Page) => page.getByRole('list', { name: 'Needs you' });

const SLUG = 'drifting';
const BEFORE = 'Looks a parcel up.';
const AFTER = 'Looks a parcel up and tells where it is.';

/** A site of its own with one agent, one server that changes, and a published profile. */
async function openDriftingSite(page: Page, reviewer: Page, stack: Stack): Promise<OwnSite> {
  const tools = [describeReading('look_up', BEFORE)];
  const site = await openSite(page, stack, {
    site: { slug: 'drift', name: 'Drift' },
    server: { name: 'Drifting', purpose: 'Parcels.', tools },
    profile: 'Drift desk',
  });
  await approveTools(reviewer, stack, site, ['look_up']);
  await publishTools(page, stack, site, ['look_up']);
  return site;
}

/** On a phone in the dark, and on a desk; what is seen is kept for a person to look at. */
async function look(page: Page, name: string): Promise<void> {
  for (const [colorScheme, width] of [
    ['dark', 390],
    ['light', 390],
    ['dark', 1440],
    ['light', 1440],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    await expectAccessible(page, `${name}: ${colorScheme}, ${width} px`);
    await page.screenshot({ path: test.info().outputPath(`${name}-${colorScheme}-${width}.png`), fullPage: true });
  }
}

test('what changes at a server, and an agent that falls silent or ends, is told on the first page without a click', async ({
  page,
  stack,
  browser,
}) => {
  test.setTimeout(240_000);
  const context = await browser.newContext();
  const reviewer = await context.newPage();
  await signIn(reviewer, stack, 'reviewer');
  await signIn(page, stack, 'admin');
  const { agent, agentId, upstream, serverId } = await openDriftingSite(page, reviewer, stack);
  try {
    // the agent has looked of its own accord, and listens
    const seen = () => stack.query('select 1 from observation where server_id = $1', [serverId]);
    await expect.poll(async () => (await seen()).length).toBe(1);
    await reviewer.goto(buildUrl(stack, '/'));
    await expect(reviewer.getByRole('heading', { name: 'Needs you' })).toBeVisible();
    await expect(reviewer.getByText('Live', { exact: true })).toBeVisible();
    await expect(reviewer.getByText('Drifting changed')).toHaveCount(0);

    const began = Date.now();
    upstream.change([describeReading('look_up', AFTER), describeReading('send_back', 'Sends a parcel back.')]);
    const held = getNeeds(reviewer).getByRole('listitem').filter({ hasText: 'Drifting changed look_up' });
    await expect(held).toBeVisible();
    process.stdout.write(`A change upstream was told on the first page after ${Date.now() - began} ms\n`);
    await expect(reviewer.getByRole('link', { name: /^Reviews ?, \d+ waiting for a decision$/ })).toBeVisible();
    await look(reviewer, 'needs-you');
    await reviewer.setViewportSize({ width: 1280, height: 900 });
    await held.getByRole('link', { name: 'See the change' }).click();
    await reviewer.waitForURL('**/reviews/*');
    await expect(reviewer.getByText('tells where it is').first()).toBeVisible();
    await page.goto(buildUrl(stack, `/servers/${SLUG}`));
    await expect(page.getByText('Change held').first()).toBeVisible();
    await page.goto(buildUrl(stack, '/'));
    await expect(getNeeds(page)).toContainText('Drift desk publishes look_up, which is off: Drifting defines it otherwise now.');

    // the agent falls silent: nothing tells the page, but the clock
    await page.goto(buildUrl(stack, '/agents'));
    const row = page.getByRole('row', { name: /drift-01/ });
    await expect(row).toContainText('Connected');
    agent.freeze();
    await expect(row).toContainText('Late', { timeout: 60_000 });
    await expect(row).toContainText('Offline', { timeout: 60_000 });
    await page.goto(buildUrl(stack, '/'));
    await expect(getNeeds(page)).toContainText('drift-01 at Drift is offline.');
    await expect(getNeeds(page)).toContainText('Drift desk may not be served at Drift');
    await expect(page.getByText('Every agent runs what was published')).toHaveCount(0);
    agent.resume();
    await expect(getNeeds(page)).not.toContainText('Drift desk may not be served at Drift', { timeout: 60_000 });

    await askConsole(page, stack, 'agent.revoke', { agentId }, z.unknown());
    await expect(getNeeds(page)).toContainText('Drift desk is not served at Drift: no agent there is heard of.');
    await look(page, 'unserved');
  } finally {
    agent.resume();
    await agent.dispose();
    await upstream.close();
    await context.close();
    // the specs behind this one find the demo as it was
    for (const table of ['profile', 'server', 'site'])
      await stack.query(`delete from ${table} where slug = any($1)`, [['drift-desk', SLUG, 'drift']]);
  }
});

test('a page that is not live any more says so, and since when', async ({ stack, browser }) => {
  const context = await browser.newContext();
  try {
    // what the browser says of a network that is gone is no fault of the page
    const page = await context.newPage();
    await signInByForm(page, stack, 'admin');
    await expect(page.getByText('Live', { exact: true })).toBeVisible();
    await context.setOffline(true);
    await expect(page.getByText('Reconnecting')).toBeVisible({ timeout: 60_000 });
    await expect(page.getByText(/showing data from/)).toBeVisible();
    await expect(page.getByText('Live', { exact: true })).toHaveCount(0);
    await context.setOffline(false);
    await expect(page.getByText('Live', { exact: true })).toBeVisible({ timeout: 60_000 });
  } finally {
    await context.close();
  }
});

/** The event streams that windows of a browser have open, by their page. */
function watchStreams(context: BrowserContext): Set<Request> {
  const open = new Set<Request>();
  context.on('request', (request) => {
    if (!request.url().includes('/live.changes')) return;
    open.add(request);
    // of a page that is closed no end of a request is told
    request
      .frame()
      .page()
      .once('close', () => open.delete(request));
  });
  context.on('requestfailed', (request) => open.delete(request));
  context.on('requestfinished', (request) => open.delete(request));
  return open;
}

test('eight windows of one browser share one stream, which another one takes over, and all of them leave when the person is signed out', async ({
  page,
  stack,
  browser,
}) => {
  await signIn(page, stack, 'admin');
  const context = await browser.newContext();
  const made: string[] = [];
  const change = async (name: string) => {
    const { id } = await askConsole(page, stack, 'group.create', { name }, z.object({ id: z.string() }));
    made.push(id);
  };
  try {
    const first = await context.newPage();
    await signInByForm(first, stack, 'reviewer');
    await first.goto('about:blank');
    const streams = watchStreams(context);
    const windows = [first, ...(await Promise.all(Array.from({ length: 7 }, () => context.newPage())))];
    for (const window of windows) {
      await window.goto(buildUrl(stack, '/groups'));
      await expect(window.getByText('Live', { exact: true })).toBeVisible();
    }
    expect(windows).toHaveLength(8);
    expect([...streams].map((request) => request.frame().page())).toEqual([first]);
    const expectAll = async (pages: Page[], name: string) => {
      await Promise.all(pages.map((window) => expect(window.getByRole('link', { name, exact: true })).toBeVisible()));
    };
    await change('Heard in eight windows');
    await expectAll(windows, 'Heard in eight windows');
    expect(streams.size).toBe(1);

    await first.close();
    const left = windows.slice(1);
    await expect.poll(() => [...streams].map((request) => request.frame().page())).toEqual([left[0]]);
    // made while nobody listened, or afterwards: both are seen
    await change('Heard in seven windows');
    await expectAll(left, 'Heard in seven windows');
    for (const window of left) await expect(window.getByText('Live', { exact: true })).toBeVisible();
    expect(streams.size).toBe(1);

    const { email } = stack.getUser('reviewer');
    const [membership] = await stack.query<{ id: string }>('select id from membership where email = $1 and ended_at is null', [
      email,
    ]);
    await askConsole(page, stack, 'member.signOut', { membershipId: membership?.id }, z.unknown());
    await Promise.all(left.map((window) => window.waitForURL('**/login**', { timeout: 30_000 })));
    expect(streams.size).toBe(0);
  } finally {
    await context.close();
    stack.sessions.delete('reviewer');
    for (const groupId of made) await askConsole(page, stack, 'group.delete', { groupId }, z.unknown());
  }
});

test('a key that ends soon is told of to whoever holds it, who has no other page than the own one', async ({
  page,
  stack,
  browser,
}) => {
  const context = await browser.newContext();
  const holder = await context.newPage();
  await signIn(page, stack, 'admin');
  await signIn(holder, stack, 'auditor');
  const Found = z.looseObject({ rows: z.array(z.looseObject({ id: z.string(), name: z.string() })) });
  const find = (procedure: string, search: string) => askConsole(page, stack, procedure, { search }, Found, 'query');
  const [profile] = (await find('profile.list', 'Research')).rows;
  const [member] = (await find('member.list', stack.getUser('auditor').email)).rows;
  const own = { profileId: profile?.id, membershipId: member?.id };
  await askConsole(page, stack, 'profile.grantAccess', own, z.unknown());
  try {
    const made = { profileId: profile?.id, name: 'Analyst laptop' };
    const { id } = await askConsole(holder, stack, 'clientKey.create', made, z.looseObject({ id: z.string() }));
    await holder.goto(buildUrl(stack, '/connect'));
    await expect(holder.getByRole('table', { name: 'Your keys' })).toContainText('Live');
    const told = holder.getByRole('status').filter({ hasText: 'ends soon' });
    await expect(told).toHaveCount(0);
    // eleven weeks later
    await stack.query(
      `update client_key set created_at = created_at - interval '80 days', expires_at = expires_at - interval '80 days' where id = $1`,
      [id],
    );
    await holder.reload();
    await expect(told).toContainText('Your key Analyst laptop for Research ends soon');
    await expect(holder.getByRole('table', { name: 'Your keys' })).toContainText('Ends soon');
    await look(holder, 'key-ends-soon');
    await told.getByRole('link', { name: 'Make a new one' }).click();
    await expect(holder.getByRole('heading', { level: 1, name: 'Connect to Research' })).toBeVisible();
  } finally {
    await askConsole(page, stack, 'profile.revokeAccess', own, z.unknown());
    await context.close();
  }
});
