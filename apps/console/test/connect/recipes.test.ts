import { expect, test } from 'vitest';

import { describeMissingEndpoint } from '../../src/features/connect/endpoint-words.ts';
import { getKeyVariableName, RECIPES, type ConnectTarget } from '../../src/features/connect/recipes.ts';

const target: ConnectTarget = {
  profileSlug: 'support-triage',
  profileName: 'Support triage',
  url: 'http://127.0.0.1:7300/p/support-triage/mcp',
  key: 'mcp_0192_secret',
};

/** Everything a person can see, copy or click, tab by tab. */
const fillRecipes = (given: ConnectTarget): string =>
  RECIPES.map((recipe) => {
    const link = recipe.install?.(given).href ?? 'none';
    const blocks = recipe.buildBlocks(given).map(({ title, place, text }) => `-- ${title} (${place})\n${text}`);
    return [`== ${recipe.label}`, `link: ${link}`, ...blocks, ''].join('\n');
  }).join('\n');

test('what each client is given, with a key', async () => {
  await expect(fillRecipes(target)).toMatchFileSnapshot('golden/recipes-with-key.txt');
});

test('what each client is given, without a key', async () => {
  await expect(fillRecipes({ ...target, key: null })).toMatchFileSnapshot('golden/recipes.txt');
});

test('no link carries the key, in any encoding', () => {
  for (const recipe of RECIPES) {
    const href = recipe.install?.(target).href;
    if (!href) continue;
    const decoded = decodeURIComponent(href);
    const config = new URL(href).searchParams.get('config');
    for (const text of [href, decoded, config ? atob(config) : '']) {
      expect(text).not.toContain('mcp_0192');
      expect(text.toLowerCase()).not.toContain('authorization');
    }
  }
});

test('the entry is named after the profile and reaches its endpoint', () => {
  for (const recipe of RECIPES) {
    const text = recipe
      .buildBlocks(target)
      .map((block) => block.text)
      .join('\n');
    expect(text).toContain('support-triage');
    expect(text).toContain(target.url);
  }
});

test('nobody is sent to a page that a member may not open, and every member may have the file that is named', () => {
  for (const { limits, check, download, buildBlocks } of RECIPES) {
    expect([...limits, check].join(' ')).not.toMatch(/agents page/i);
    const text = buildBlocks(target).map((block) => block.text);
    expect(text.some((block) => block.includes('gatehouse-agent.mjs'))).toBe(download?.href === '/agent/gatehouse-agent.mjs');
  }
});

test('where there is no address, a member is told who sees to it', () => {
  expect(describeMissingEndpoint('oslo', false)).toMatch(/no agent at the site oslo serves it\. An admin/);
  expect(describeMissingEndpoint(undefined, true)).toContain('Run one');
});

test('every JSON block parses', () => {
  const blocks = RECIPES.flatMap((recipe) => recipe.buildBlocks(target)).filter((block) => block.language === 'json');
  expect(blocks.length).toBeGreaterThan(0);
  for (const block of blocks) expect(() => JSON.parse(block.text)).not.toThrow();
});

test('a shell takes the name of the variable, also of a profile that begins with a digit', () => {
  for (const slug of ['support-triage', '2nd-line', '0']) expect(getKeyVariableName(slug)).toMatch(/^[A-Z_][A-Z0-9_]*$/);
});
