import type { Page, Request } from '@playwright/test';

import { expectAccessible, expectAccessibleInBoth, expectNamed } from '../src/accessibility.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import type { Stack } from '../src/stack.ts';

// Where the reader's zone and language are not those of the server, a page that is written with the server's is not taken over.
test.use({ timezoneId: 'Asia/Kathmandu', locale: 'de-DE' });

const PAGES = [
  '',
  '/reviews',
  '/audit?from=2026-01-01T10:00:00.000Z',
  '/audit/admin',
  '/audit/revocations',
  '/access-requests',
  '/profiles',
  '/profiles/support',
  '/profiles/support/connect',
  '/profiles/support/history',
  '/servers',
  '/servers/orders',
  '/servers/orders?tab=people',
  '/servers/orders/edit',
  '/servers/new',
  '/servers/new/openapi',
  '/agents',
  '/agents/new',
  '/agents/tokens',
  '/sites',
  '/members',
  '/groups',
  '/settings/general',
  '/signing-keys',
  '/connect',
];

/** Every page with its whole address: of the workspace, of one agent and one review, and of the account. */
async function listPages(stack: Stack): Promise<string[]> {
  const { consoleUrl, tenant, agents } = stack.demo;
  const [review] = await stack.query<{ id: string }>(
    `select review.id from review join server on server.id = review.server_id where server.slug = 'orders'`,
  );
  const paths = [...PAGES, `/agents/${agents[0]?.id}`, `/reviews/${review?.id}`];
  return [...paths.map((path) => `${consoleUrl}/t/${tenant}${path}`), `${consoleUrl}/account`];
}

/** Which procedures a page asked of the console, and which requests are not answered yet: each by the procedures that it asks at once. */
function trackAnswers(page: Page): { asked: Set<string>; waiting: Map<Request, string[]> } {
  const asked = new Set<string>();
  const waiting = new Map<Request, string[]>();
  page.on('request', (request) => {
    const procedures = listProcedures(new URL(request.url()));
    if (procedures.length === 0 || request.resourceType() === 'eventsource') return;
    for (const procedure of procedures) asked.add(procedure);
    waiting.set(request, procedures);
  });
  const forget = (request: Request) => void waiting.delete(request);
  page.on('requestfinished', forget);
  page.on('requestfailed', forget);
  return { asked, waiting };
}

/** What was answered is on the page once it has painted, and painted again. */
const waitForPaint = (page: Page) =>
  page.evaluate(() => new Promise<void>((done) => void requestAnimationFrame(() => void requestAnimationFrame(() => done()))));

const listProcedures = ({ pathname }: URL) => /\/api\/trpc\/(.+)/.exec(pathname)?.[1]?.split(',') ?? [];

// 320: what is left of a desk of 1280 at 400 %, where nothing may scroll sideways
for (const width of [1280, 320]) {
  test(`every page is accessible and fits, in the dark and in the light: ${width} px`, async ({ page, stack }) => {
    test.setTimeout(300_000);
    await page.setViewportSize({ width, height: 900 });
    await signIn(page, stack, 'owner');
    for (const url of await listPages(stack)) {
      await page.goto(url);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.locator('[aria-busy]')).toHaveCount(0);
      await expectAccessibleInBoth(page, url, { goodPractice: true });
    }
  });
}

test('whatever can be pressed or filled has a name, also while any one answer is on its way', async ({ page, stack }) => {
  test.setTimeout(600_000);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await signIn(page, stack, 'owner');
  const { asked, waiting } = trackAnswers(page);
  const [overview = '', ...pages] = await listPages(stack);
  // what the frame around each page asks is held on the first one alone
  const ofFrame = new Set<string>();
  for (const url of [overview, ...pages]) {
    // the page before asks nothing more
    await page.goto('about:blank');
    asked.clear();
    await page.goto(url);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.locator('[aria-busy]')).toHaveCount(0);
    const held = url === overview ? ofFrame : new Set(ofFrame);
    for (const procedure of asked) {
      if (held.has(procedure)) continue;
      const isHeld = (address: URL) => listProcedures(address).includes(procedure);
      await page.route(isHeld, () => undefined);
      await page.goto(url, { waitUntil: 'commit' });
      const allWait = () => waiting.size > 0 && [...waiting.values()].every((procedures) => procedures.includes(procedure));
      await expect.poll(allWait, { message: `${url} without ${procedure}`, intervals: [50] }).toBe(true);
      await waitForPaint(page);
      await expectNamed(page, `${url} without ${procedure}`);
      for (const procedures of waiting.values()) for (const other of procedures) held.add(other);
      await page.unroute(isHeld);
    }
  }
});

test('the range of the audit stands in the zone of the reader, and counts once it is complete', async ({ page, stack }) => {
  await signIn(page, stack, 'auditor');
  await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}/audit?from=2026-01-01T10:00:00.000Z`);
  const from = page.getByLabel('From');
  await expect(from).toHaveValue('2026-01-01T15:45');
  await from.fill('2026-01-02T00:00');
  expect(new URL(page.url()).searchParams.get('from')).toBe('2026-01-01T10:00:00.000Z');
  await from.press('Enter');
  await expect(page).toHaveURL((url) => url.searchParams.get('from') === '2026-01-01T18:15:00.000Z');
  await expect(from).toBeFocused();
});

test('what went wrong in place of a page is its title, and offers to try again only where that helps', async ({
  page,
  stack,
  consoleErrors,
}) => {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 375, height: 900 });
  await page.goto(`${stack.demo.consoleUrl}/reset#used-long-ago`);
  await expect(page.getByRole('heading', { level: 1, name: 'This link does not work' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Try again' })).toHaveCount(0);
  await expectAccessible(page, '/reset');
  // the browser itself reports the refusal
  consoleErrors.length = 0;
});

test('the console asks nothing from outside', async ({ page, stack }) => {
  const foreign: string[] = [];
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && origin !== new URL(stack.demo.consoleUrl).origin) foreign.push(request.url());
  });
  await signIn(page, stack, 'admin');
  for (const path of ['', '/audit', '/profiles/support/connect']) {
    await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}${path}`);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  }
  expect(foreign).toEqual([]);
});

test('every page, one that is not there too, has a content security policy; metrics and version need the token', async ({
  page,
  stack,
}) => {
  const ask = (path: string) => page.request.get(`${stack.demo.consoleUrl}${path}`, { failOnStatusCode: false });
  for (const path of [
    '/login',
    '/',
    '/nothing',
    '/api/nothing',
    '/agent/nothing',
    '/metricsx',
    `/t/${stack.demo.tenant}/api/nothing`,
  ]) {
    const policy = (await ask(path)).headers()['content-security-policy'];
    expect(policy, path).toContain("default-src 'self'");
    expect(policy, path).toMatch(/style-src 'self' 'nonce-[^']+';/);
  }
  for (const path of ['/metrics', '/version']) expect((await ask(path)).status(), path).toBe(404);
  for (const path of ['/healthz', '/readyz']) expect((await ask(path)).status(), path).toBe(200);
});
