import { expect, type Page } from '@playwright/test';
import axe, { type Result, type RunOptions } from 'axe-core';

import { readEnv } from './env.ts';

const { GATEHOUSE_SHOTS_DIR } = readEnv();

/** By their tags, the rules of WCAG 2.2 AA. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];

/** What another colour scheme can break; names, roles, order and sizes are the same in both. */
const RULES_OF_COLOUR = ['color-contrast', 'link-in-text-block'];

/** By their roles, what is pressed, chosen or filled. */
const ROLES_WITH_NAMES = new Set(
  'button checkbox combobox link listbox menuitem menuitemcheckbox menuitemradio option radio searchbox slider spinbutton switch tab textbox'.split(
    ' ',
  ),
);

/**
 * The page as it stands breaks no rule of WCAG 2.2 AA that a program can see, and does not scroll sideways. `goodPractice`: nor what axe holds for good beyond
 * them.
 */
export async function expectAccessible(page: Page, what: string, { goodPractice = false } = {}): Promise<void> {
  const tags = goodPractice ? [...RULES, 'best-practice'] : RULES;
  const found = await findViolations(page, { type: 'tag', values: tags });
  const others = found.filter(({ id }) => id !== 'target-size');
  expect(describeViolations(others), what).toEqual([]);
  if (others.length < found.length) await expectTargetsAtFullHeight(page, what);
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(overflow, `${what} does not scroll sideways`).toBeLessThanOrEqual(0);
  expect(await page.evaluate(listCutTables), `${what}: tables that are cut off`).toEqual([]);
}

/** Tables that are wider than their box, which does not scroll. */
function listCutTables(): string[] {
  return [...document.querySelectorAll('table')].flatMap((table) => {
    const box = table.parentElement;
    if (!box || getComputedStyle(box).overflowX !== 'visible' || table.scrollWidth <= box.clientWidth) return [];
    return [`${table.getAttribute('aria-label')}: ${table.scrollWidth} of ${box.clientWidth}`];
  });
}

/** The same in the dark and in the light, in which it ends. */
export async function expectAccessibleInBoth(page: Page, what: string, options: { goodPractice?: boolean } = {}): Promise<void> {
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  const found = await findViolations(page, { type: 'rule', values: RULES_OF_COLOUR });
  expect(describeViolations(found), `${what}, dark`).toEqual([]);
  await takePicture(page, `${what}-dark`);
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
  await expectAccessible(page, `${what}, light`, options);
  await takePicture(page, `${what}-light`);
}

/** The same on a phone and on a desk, where it ends; kept as pictures where a folder for them is named. */
export async function expectGoodEverywhere(page: Page, what: string): Promise<void> {
  for (const width of [390, 1440]) {
    await page.setViewportSize({ width, height: 900 });
    await expectAccessibleInBoth(page, `${what}: ${width} px`);
  }
}

async function takePicture(page: Page, what: string): Promise<void> {
  if (GATEHOUSE_SHOTS_DIR === undefined) return;
  await page.screenshot({ path: `${GATEHOUSE_SHOTS_DIR}/${what.replaceAll(/\W+/g, '-')}.png` });
}

/** Whatever can be pressed, chosen or filled on the page as it stands has a name, by what the browser itself tells a screen reader. */
export async function expectNamed(page: Page, what: string): Promise<void> {
  const reader = await page.context().newCDPSession(page);
  const { nodes } = await reader.send('Accessibility.getFullAXTree');
  const pressed = nodes.filter(({ ignored, role }) => !ignored && ROLES_WITH_NAMES.has(String(role?.value)));
  const nameless = pressed.filter(({ name }) => String(name?.value ?? '').trim() === '');
  const found = nameless.map(({ backendDOMNodeId }) => reader.send('DOM.getOuterHTML', { backendNodeId: backendDOMNodeId }));
  expect(
    (await Promise.all(found)).map(({ outerHTML }) => outerHTML),
    what,
  ).toEqual([]);
  await reader.detach();
  expect(pressed.length, `${what}: there is something to press`).toBeGreaterThan(0);
}

/** A bar that stays at the edge while the page scrolls covers whatever happens to be below it: how large a target is, is seen where all of the page is. */
async function expectTargetsAtFullHeight(page: Page, what: string): Promise<void> {
  const size = page.viewportSize() ?? { width: 1440, height: 900 };
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ ...size, height: Math.max(size.height, height) });
  const found = await findViolations(page, { type: 'rule', values: ['target-size'] });
  await page.setViewportSize(size);
  expect(describeViolations(found), what).toEqual([]);
}

const describeViolations = (violations: readonly Result[]) => violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);

/**
 * What of the page as it stands breaks these rules. Axe is given to a page once, which takes longer than a look, and its results without what passed; the
 * console has no frames and plays nothing, so nothing is gathered for those.
 */
async function findViolations(page: Page, runOnly: RunOptions['runOnly']): Promise<Result[]> {
  const isThere = await page.evaluate(() => 'axe' in globalThis);
  if (!isThere) await page.evaluate(axe.source);
  return page.evaluate(
    async (rules) =>
      (await axe.run(document, { runOnly: rules, resultTypes: ['violations'], iframes: false, preload: false })).violations,
    runOnly,
  );
}
