import { expectAccessible } from '../src/accessibility.ts';
import { expect, signIn, test } from '../src/fixtures.ts';

const PAGES = [
  '',
  '/reviews',
  '/audit',
  '/audit/admin',
  '/audit/revocations',
  '/profiles',
  '/profiles/support',
  '/profiles/support/connect',
  '/servers',
  '/servers/orders',
  '/servers/new',
  '/agents',
  '/agents/new',
  '/members',
  '/signing-keys',
  '/connect',
];

for (const colorScheme of ['light', 'dark'] as const) {
  for (const width of [1280, 375]) {
    test(`every page is accessible and fits: ${colorScheme}, ${width} px`, async ({ page, stack }) => {
      test.setTimeout(240_000);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.setViewportSize({ width, height: 900 });
      await signIn(page, stack, 'owner');
      for (const path of PAGES) {
        await page.goto(`${stack.demo.consoleUrl}/t/${stack.demo.tenant}${path}`);
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await expect(page.locator('[aria-busy]')).toHaveCount(0);
        await expectAccessible(page, path);
      }
    });
  }
}

test('the console asks nothing from outside', async ({ page, stack }) => {
  const foreign: string[] = [];
  page.on('request', (request) => {
    const { hostname, protocol } = new URL(request.url());
    if (protocol.startsWith('http') && hostname !== '127.0.0.1') foreign.push(request.url());
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
