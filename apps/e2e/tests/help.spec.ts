import { expectAccessible, expectGoodEverywhere } from '../src/accessibility.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import { openPage } from '../src/open-page.ts';

test('the help link is last in the head of every page and leads to the part of the documents that is about it', async ({
  page,
  stack,
}) => {
  test.setTimeout(180_000);
  const { consoleUrl } = stack.demo;
  await page.goto(`${consoleUrl}/login`);
  await expect(page.getByRole('link', { name: 'Help: Signing in (new tab)' })).toBeVisible();
  await signIn(page, stack, 'owner');
  for (const [path, heading] of [
    ['', 'Overview'],
    ['/servers/orders', 'Servers'],
    ['/profiles/support', 'Building a profile'],
    ['/audit/admin', 'Admin log'],
  ] as const) {
    await openPage(page, stack, path);
    for (const width of [390, 1440]) {
      await page.setViewportSize({ width, height: 900 });
      const box = await page.getByRole('link', { name: `Help: ${heading} (new tab)` }).boundingBox();
      expect(width - (box?.x ?? 0) - (box?.width ?? 0), `${path} at ${width} px`).toBeLessThanOrEqual(16);
      expect(box?.y ?? 99, `${path} at ${width} px`).toBeLessThan(16);
    }
  }
  const opened = page.context().waitForEvent('page');
  await page.getByRole('link', { name: 'Help: Admin log (new tab)' }).click();
  const help = await opened;
  await expect(help.getByRole('heading', { name: 'Admin log' })).toBeInViewport();
  await help.close();
  await page.goto(`${consoleUrl}/help/console`);
  await expectGoodEverywhere(page, 'help console');
  await page.getByRole('link', { name: 'Agents', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Running an agent' })).toBeVisible();
  await expectGoodEverywhere(page, 'help agent');
});

test('on a phone the actions of a page are one and a menu, at 320 and 390 px; beside them nothing scrolls sideways', async ({
  page,
  stack,
}) => {
  test.setTimeout(180_000);
  await signIn(page, stack, 'owner');
  for (const width of [320, 390]) {
    await page.setViewportSize({ width, height: 900 });
    for (const [path, name, primary] of [
      ['/profiles/support', /^More actions for/, /^Publish version/],
      ['/servers/orders', /^More actions for/, 'Edit'],
    ] as const) {
      await openPage(page, stack, path);
      const more = page.getByRole('button', { name });
      await expect(more).toBeVisible();
      await expect(
        page.locator('main header').getByRole(primary === 'Edit' ? 'link' : 'button', { name: primary }),
      ).toBeVisible();
      const hidden = page.locator('[data-more]');
      await expect(hidden).toBeHidden();
      await more.click();
      await expect(hidden).toBeVisible();
      await expectAccessible(page, `${path} at ${width} px, open`);
      await page.keyboard.press('Escape');
      await expect(hidden).toBeHidden();
      await expect(more).toBeFocused();
    }
  }
  // what it opens goes on when the list is closed, and the focus comes back
  await openPage(page, stack, '/profiles/support');
  await page.getByRole('button', { name: /^More actions for/ }).click();
  await page.getByRole('button', { name: 'Preview' }).click();
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  await expect(page.getByRole('button', { name: /^More actions for/ })).toBeFocused();
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(page.getByRole('button', { name: /^More actions for/ })).toBeHidden();
  await expect(page.getByRole('button', { name: 'Preview' })).toBeVisible();
});
