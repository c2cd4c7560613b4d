import type { Page } from '@playwright/test';

import { expect, signIn, test } from '../src/fixtures.ts';
import { openPage } from '../src/open-page.ts';
import type { Stack } from '../src/stack.ts';

const LISTS = ['', '/servers', '/servers/orders', '/reviews?tab=decided', '/profiles', '/agents', '/members', '/connect'];
const PAGES = [...LISTS, '/profiles/support', '/profiles/support/connect', '/audit', '/audit/admin'];
const NAMED = ['server', 'profile', 'agent', 'client_key', '"user"'];
const LONG = ' of the Frankfurt central distribution centre and its customs office';

/** Gives everything a long name for as long as `look` takes. */
async function withLongNames(stack: Stack, look: () => Promise<void>): Promise<void> {
  for (const table of NAMED) await stack.query(`update ${table} set name = name || $1`, [LONG]);
  try {
    await look();
  } finally {
    for (const table of NAMED) await stack.query(`update ${table} set name = replace(name, $1, '')`, [LONG]);
  }
}

/** The page and its tables, those of them that hide a part at the side. */
function listCutOff(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    [document.documentElement, ...Array.from(document.querySelectorAll('table'), (table) => table.parentElement)].flatMap((box) =>
      box && box.scrollWidth > box.clientWidth ? [`${box.tagName}: ${box.scrollWidth} in ${box.clientWidth} px`] : [],
    ),
  );
}

for (const width of [420, 1440]) {
  test(`long names push nothing out of sight: ${width} px`, async ({ page, stack }) => {
    test.setTimeout(240_000);
    await page.setViewportSize({ width, height: 900 });
    await signIn(page, stack, 'owner');
    await withLongNames(stack, async () => {
      for (const path of PAGES) {
        await openPage(page, stack, path);
        expect(await listCutOff(page), path).toEqual([]);
      }
    });
  });
}

test.describe('under a finger', () => {
  test.use({ viewport: { width: 420, height: 900 }, hasTouch: true, isMobile: true });

  test('fields, tabs and buttons are 40 px high', async ({ page, stack }) => {
    await signIn(page, stack, 'owner');
    for (const path of ['/servers/new', '/servers/orders', '/profiles/support/connect']) {
      await openPage(page, stack, path);
      const main = page.getByRole('main');
      // what is closed at first has fields as well
      const closed = main.getByRole('button', { name: 'Limits', exact: true });
      if (await closed.isVisible()) await closed.click();
      const controls = main.locator('input:not([type=hidden], [aria-hidden]):visible, [role=tab], [role=combobox]');
      for (const control of [
        ...(await controls.all()),
        ...(await main.getByRole('button', { name: /^(Add|Create|Disable|Look|Copy)/ }).all()),
      ])
        expect(
          (await control.boundingBox())?.height,
          await control.evaluate((element) => element.outerHTML),
        ).toBeGreaterThanOrEqual(40);
    }
  });

  test('ticking a row leaves the list where it is, and a copy button stays in a box of one line', async ({ page, stack }) => {
    await signIn(page, stack, 'owner');
    for (const [path, name] of [
      ['/members', 'Members'],
      ['/servers', 'Servers'],
    ] as const) {
      await openPage(page, stack, path);
      const table = page.getByRole('table', { name, exact: true });
      const before = await table.boundingBox();
      // the first of the rows, which is in sight: the page is not scrolled to it
      await table
        .getByRole('checkbox', { name: /^Select / })
        .nth(1)
        .click();
      await expect(page.getByRole('group', { name: /^Selected / })).toBeVisible();
      expect((await table.boundingBox())?.y, path).toBe(before?.y);
      await page.getByRole('button', { name: 'Clear', exact: true }).click();
      await expect(page.getByRole('search').first()).toBeVisible();
      expect((await table.boundingBox())?.y, path).toBe(before?.y);
    }
    await openPage(page, stack, '/profiles/support/connect');
    const figure = page.getByRole('figure').first();
    await figure.locator('code').evaluate((code) => code.replaceChildren('one line'));
    const [outer, inner] = [await figure.boundingBox(), await figure.getByRole('button').boundingBox()];
    expect((inner?.y ?? 0) + (inner?.height ?? 0)).toBeLessThanOrEqual((outer?.y ?? 0) + (outer?.height ?? 0));
  });
});

test('the head of a table stands above its first row, at the top of the page or of what scrolls sideways', async ({
  page,
  stack,
}) => {
  await signIn(page, stack, 'admin');
  for (const width of [390, 800, 1440]) {
    await page.setViewportSize({ width, height: 700 });
    await openPage(page, stack, '/members');
    const [head, first] = [page.getByRole('table', { name: 'Members' }).locator('thead'), page.locator('tbody tr').first()];
    const [above, below] = await Promise.all([head.boundingBox(), first.boundingBox()]);
    expect(Math.abs((above?.y ?? 0) + (above?.height ?? 0) - (below?.y ?? 0)), `${width} px`).toBeLessThanOrEqual(1);
  }
});

test('what opens beside a list leaves the row under the pointer', async ({ page, stack }) => {
  await signIn(page, stack, 'owner');
  await openPage(page, stack, '/audit/admin');
  const table = page.getByRole('table', { name: 'Admin log' });
  const before = await table.boundingBox();
  await table.getByRole('row').nth(1).getByRole('button').click();
  await expect(page.getByRole('button', { name: 'Close (Esc)' })).toBeVisible();
  const after = await table.boundingBox();
  expect(after?.width).toBeLessThan(before?.width ?? 0);
  expect(after?.y).toBe(before?.y);
});
