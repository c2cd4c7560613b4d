import { randomBytes } from 'node:crypto';

import type { Page } from '@playwright/test';

import { expectAccessible } from '../src/accessibility.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import type { Stack } from '../src/stack.ts';

const buildUrl = ({ demo }: Stack, path: string): string => `${demo.consoleUrl}/t/${demo.tenant}${path}`;

/** Another agent of the demo's site, as the demo's own but for what is named; gone again after `look`. */
async function withAgent(stack: Stack, change: object, look: (id: string) => Promise<void>): Promise<void> {
  const first = stack.demo.agents[0]?.id;
  const countServers = async () =>
    (
      await stack.query<{ count: number }>('select jsonb_array_length(server_health) as count from agent where id = $1', [first])
    )[0]?.count;
  await expect.poll(countServers, 'the agent that is copied has named its servers').toBeGreaterThan(0);
  const [agent] = await stack.query<{ id: string }>(
    `insert into agent select (jsonb_populate_record(a, $1::jsonb || jsonb_build_object('id', gen_random_uuid()))).* from agent a
      where a.id = $2 returning id`,
    [JSON.stringify({ name: 'madrid-09', public_key: `\\x${randomBytes(32).toString('hex')}`, ...change }), first],
  );
  if (!agent) throw new Error('the demo has no agent');
  try {
    await look(agent.id);
  } finally {
    await stack.query('delete from agent where id = $1', [agent.id]);
  }
}

async function readServerId(stack: Stack, slug: string): Promise<string | undefined> {
  const [server] = await stack.query<{ id: string }>('select id from server where slug = $1', [slug]);
  return server?.id;
}

const YESTERDAY = new Date(Date.now() - 86_400_000).toISOString();
const AN_HOUR_ON = new Date(Date.now() + 3_600_000).toISOString();

/** On a phone in the dark, and on a desk. */
async function expectAccessibleEverywhere(page: Page, what: string): Promise<void> {
  for (const [colorScheme, width] of [
    ['dark', 390],
    ['light', 1280],
  ] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height: 900 });
    await expectAccessible(page, `${what}: ${colorScheme}, ${width} px`);
  }
}

test('an agent that is away claims nothing of its servers, and one that was revoked says how there is one again', async ({
  page,
  stack,
}) => {
  await signIn(page, stack, 'admin');
  await withAgent(stack, { last_seen_at: YESTERDAY, disconnected_at: YESTERDAY }, async (id) => {
    await page.goto(buildUrl(stack, `/agents/${id}`));
    const servers = page.getByRole('table', { name: 'Servers' });
    await expect(servers.getByText('Unknown').first()).toBeVisible();
    await expect(servers.getByText('Connected')).toHaveCount(0);
    await expectAccessibleEverywhere(page, 'an agent that is away');
    await page.goto(buildUrl(stack, '/servers/orders?tab=health'));
    await expect(page.getByRole('row', { name: 'madrid-09' }).getByText('not connected')).toBeVisible();
    await expectAccessibleEverywhere(page, 'health of a server, with an agent that is away');
    await stack.query('update agent set revoked_at = now() where id = $1', [id]);
    await page.goto(buildUrl(stack, `/agents/${id}`));
    await expect(page.getByText('this agent serves nothing any more')).toBeVisible();
    await expect(page.getByRole('table', { name: 'Servers' })).toHaveCount(0);
    await expect(page.getByRole('link', { name: 'Make a join token' })).toHaveAttribute('href', /\/agents\/new$/);
    await expectAccessibleEverywhere(page, 'an agent that was revoked');
  });
});

test('a server that one agent leaves out is told there with the reason, and is what it is at the others', async ({
  page,
  stack,
}) => {
  const message = 'The stdio entry "research-files" is not in the guardrails of this agent.';
  const withheld = [{ kind: 'server', id: await readServerId(stack, 'files'), code: 'guardrail', message }];
  await signIn(page, stack, 'admin');
  await withAgent(stack, { last_seen_at: AN_HOUR_ON, withheld }, async (id) => {
    await page.goto(buildUrl(stack, '/servers'));
    const row = page.getByRole('row').filter({ hasText: 'Research files' });
    await expect(row).toContainText('not at 1 agent');
    await expect(row).toContainText('Approved');
    await page.goto(buildUrl(stack, '/servers/files'));
    await expect(page.getByText(message)).toBeVisible();
    await expectAccessibleEverywhere(page, 'a server that an agent leaves out');
    await page.goto(buildUrl(stack, ''));
    await expect(page.getByText(/serves configuration v\d+ without 1 server/)).toBeVisible();
    await stack.query('update agent set last_seen_at = $2 where id = $1', [id, YESTERDAY]);
    await page.goto(buildUrl(stack, '/servers/files'));
    await expect(page.getByRole('tab', { name: /^Tools/ })).toBeVisible();
    await expect(page.getByText(message)).toHaveCount(0);
  });
});

test('what a look left out stays on the page of the server, with what helps', async ({ page, stack }) => {
  const detail =
    '3 tools; left out pay: a secret (token) seems to stand at /description; take it out of the server; what may be personal data leaves with ask';
  const at = new Date().toISOString();
  const stages = JSON.stringify([{ stage: 'list', status: 'passed', at, detail }]);
  const which = `where id = (select id from discovery where server_id = $1 and status = 'succeeded' order by created_at desc limit 1)`;
  const serverId = await readServerId(stack, 'everything');
  const [before] = await stack.query<{ stages: unknown }>(`select stages from discovery ${which}`, [serverId]);
  await stack.query(`update discovery set stages = $2 ${which}`, [serverId, stages]);
  try {
    await signIn(page, stack, 'reviewer');
    await page.goto(buildUrl(stack, '/servers/everything'));
    const left = page.getByRole('list', { name: 'Left out' });
    await expect(left.getByRole('listitem')).toHaveText([
      'left out pay: what reads as a secret (a token) seems to stand at /description; take it out of the server',
    ]);
    await expect(page.getByText('Ask whoever runs the server to take it out')).toBeVisible();
    await expectAccessibleEverywhere(page, 'a server of which something was left out');
  } finally {
    await stack.query(`update discovery set stages = $2 ${which}`, [serverId, JSON.stringify(before?.stages ?? [])]);
  }
});

test('a link that was cut or cannot be looked at is not said to be used', async ({ page, stack, consoleErrors }) => {
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.goto(`${stack.demo.consoleUrl}/reset`);
  await expect(page.getByRole('heading', { level: 1, name: 'This link is not whole' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Sign in' })).toBeVisible();
  expect(asked.filter((url) => url.includes('/api/account'))).toEqual([]);
  await expectAccessibleEverywhere(page, 'a link that was cut');
  await page.route('**/api/account/**', (route) => route.abort());
  await page.goto('about:blank');
  await page.goto(`${stack.demo.consoleUrl}/reset#whole`);
  await expect(page.locator('[aria-busy]')).toHaveCount(1);
  await expect(page.getByRole('heading', { level: 1, name: 'The link could not be looked at' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Try again' })).toBeVisible();
  // the browser itself reports what was not answered
  consoleErrors.length = 0;
});

test('a plain member is refused once, and finds the way back', async ({ page, stack, consoleErrors }) => {
  await signIn(page, stack, 'member');
  await page.goto(buildUrl(stack, '/members'));
  await expect(page.getByRole('alert').filter({ hasText: /\S/ })).toHaveCount(1);
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Your profiles' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Your profiles' })).toBeVisible();
  expect(consoleErrors.splice(0).filter((text) => !/status of 403/.test(text))).toEqual([]);
});

/** Opens a page without any answer, looks where its content is to be, and lets the answers come. */
async function compareTops(page: Page, url: string, loading: string, loaded: string): Promise<[number?, number?]> {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/api/trpc/**', async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(url);
  const skeleton = page.locator(loading).first();
  await expect(skeleton).toBeVisible();
  const before = await skeleton.boundingBox();
  release();
  await expect(page.locator('[aria-busy]')).toHaveCount(0);
  const after = await page.locator(loaded).first().boundingBox();
  await page.unrouteAll({ behavior: 'wait' });
  return [before?.y, after?.y];
}

/** What agents of other tests left to be said of the keyset stands above the keys, and nobody can know of it before the answer. */
async function withoutOtherAgents(stack: Stack, look: () => Promise<void>): Promise<void> {
  const own = stack.demo.agents.map(({ id }) => id);
  const others = await stack.query<{ id: string }>(
    'update agent set revoked_at = now() where revoked_at is null and not id = any($1::uuid[]) returning id',
    [own],
  );
  try {
    await look();
  } finally {
    await stack.query('update agent set revoked_at = null where id = any($1::uuid[])', [others.map(({ id }) => id)]);
  }
}

test('what is on its way stands where it will stand', async ({ page, stack }) => {
  await signIn(page, stack, 'owner');
  const expectInPlace = async (path: string): Promise<void> => {
    const [before, after] = await compareTops(
      page,
      buildUrl(stack, path),
      'main [aria-busy] .divide-y > :nth-child(2)',
      'main tbody tr',
    );
    expect(Math.abs((before ?? 0) - (after ?? 1_000)), path).toBeLessThanOrEqual(2);
  };
  for (const path of ['/servers', '/agents', '/profiles', '/members']) await expectInPlace(path);
  await withoutOtherAgents(stack, () => expectInPlace('/signing-keys'));
  const agent = buildUrl(stack, `/agents/${stack.demo.agents[0]?.id}`);
  const [before, after] = await compareTops(page, agent, 'main [aria-busy] .divide-y', 'main section');
  expect(Math.abs((before ?? 0) - (after ?? 1_000)), 'the page of an agent').toBeLessThanOrEqual(2);
});
