import type { Tool } from '@modelcontextprotocol/server';
import { z } from 'zod';

import { describeReading } from '../src/changing-server.ts';
import { askConsole } from '../src/console-api.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import { connectModern, getText } from '../src/mcp-clients.ts';
import { approveTools, openSite, publishTools } from '../src/open-site.ts';
import { measureScripting, type ScriptingTime } from '../src/scripting-time.ts';

/** Words and arguments as servers have them: a few hundred characters, lists and objects in objects. */
const describeBusy = (index: number): Tool => ({
  ...describeReading(
    `look_up_${String(index).padStart(3, '0')}`,
    `Looks up shipments of depot ${index}. Answers with one page of them, newest first, each with its parcels, where they were scanned last, and when they are due.`,
  ),
  inputSchema: {
    type: 'object',
    required: ['depot'],
    properties: {
      depot: { type: 'string', description: 'Short name of the depot' },
      since: { type: 'string', format: 'date-time', description: 'Only those that were handed over later' },
      states: { type: 'array', items: { enum: ['waiting', 'moving', 'delivered', 'lost'] }, maxItems: 4 },
      weight: { type: 'object', properties: { least: { type: 'number' }, most: { type: 'number' } } },
      limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 },
    },
  },
});

test('a server of 300 tools is reviewed and a profile of 60 of them is built, published and called, and how long scripts run is printed', async ({
  page,
  stack,
  browser,
}) => {
  test.setTimeout(300_000);
  const tools = Array.from({ length: 300 }, (_, index) => describeBusy(index));
  const names = tools.map(({ name }) => name);
  const context = await browser.newContext();
  const reviewer = await context.newPage();
  await signIn(reviewer, stack, 'reviewer');
  await signIn(page, stack, 'admin');
  const server = { name: 'Busy', purpose: 'Shipments.', tools };
  const site = await openSite(page, stack, { site: { slug: 'busy', name: 'Busy' }, server, profile: 'Busy desk' });
  const { agent, upstream, reviewId, profileId } = site;
  const times: [string, ScriptingTime][] = [];
  try {
    const measure = async (on: typeof page, what: string, act: () => Promise<unknown>): Promise<void> => {
      times.push([what, await measureScripting(on, act)]);
    };
    const buildUrl = (path: string) => `${stack.demo.consoleUrl}/t/${stack.demo.tenant}${path}`;
    const decisions = reviewer.getByRole('radiogroup', { name: /^Decision on / });
    await measure(reviewer, 'review of 300 tools: open', async () => {
      await reviewer.goto(buildUrl(`/reviews/${reviewId}`));
      await expect(decisions).toHaveCount(100);
    });
    await measure(reviewer, 'review of 300 tools: open a row', () =>
      reviewer.getByRole('button', { name: /^look_up_010/ }).click(),
    );
    await measure(reviewer, 'review of 300 tools: decide one', () =>
      reviewer.getByRole('radiogroup', { name: 'Decision on look_up_010' }).getByRole('radio', { name: 'Approve' }).click(),
    );
    await measure(reviewer, 'review of 300 tools: show 100 more', async () => {
      await reviewer.getByRole('button', { name: 'Show 100 more of 200' }).click();
      await expect(decisions).toHaveCount(200);
    });
    await measure(reviewer, 'review of 300 tools: decide all that are left', async () => {
      await reviewer
        .getByRole('button', { name: /^Approve \d+ that read or write/ })
        .filter({ visible: true })
        .click();
      await expect(decisions.nth(199).getByRole('radio', { name: 'Approve' })).toBeChecked();
    });
    await approveTools(reviewer, stack, site, names);

    await measure(page, 'server of 300 tools: open', async () => {
      await page.goto(buildUrl('/servers/busy'));
      await expect(page.getByRole('heading', { level: 1, name: 'Busy' })).toBeVisible();
      await expect(page.locator('[aria-busy]')).toHaveCount(0);
    });
    await publishTools(page, stack, site, names.slice(0, 59));
    await measure(page, 'profile of 59 of 300 tools: open', async () => {
      await page.goto(buildUrl('/profiles/busy-desk'));
      await expect(page.getByRole('checkbox', { name: 'look_up_059' })).toBeVisible();
    });
    await measure(page, 'profile of 59 of 300 tools: choose one more', () =>
      page.getByRole('checkbox', { name: 'look_up_059' }).click(),
    );
    await measure(page, 'profile of 60 of 300 tools: a letter is typed', async () => {
      await page.getByRole('textbox', { name: 'Filter tools' }).pressSequentially('9');
      await expect(page.getByRole('checkbox', { name: 'look_up_058' })).toHaveCount(0);
    });
    await measure(page, 'profile of 60 of 300 tools: look at one', async () => {
      // what matches is fewer than are made at a time
      await page.getByRole('button', { name: 'look_up_299' }).click();
      await expect(page.getByRole('heading', { name: 'Description', exact: true })).toBeVisible();
    });
    await measure(page, 'profile of 60 of 300 tools: preview', async () => {
      await page.getByRole('button', { name: 'Preview', exact: true }).click();
      await expect(page.getByRole('dialog').getByText('look_up_058').first()).toBeVisible();
    });
    await page.keyboard.press('Escape');
    await publishTools(page, stack, site, names.slice(0, 60));

    const Me = z.looseObject({ rows: z.array(z.looseObject({ id: z.string(), email: z.string() })) });
    const members = await askConsole(page, stack, 'member.list', { search: stack.getUser('admin').email }, Me, 'query');
    const own = { profileId, membershipId: members.rows[0]?.id };
    await askConsole(page, stack, 'profile.grantAccess', own, z.unknown());
    const Key = z.looseObject({ key: z.string() });
    const { key } = await askConsole(page, stack, 'clientKey.create', { profileId, name: 'load' }, Key);
    const endpoint = { mcpUrl: `http://127.0.0.1:${agent.port}/p/busy-desk/mcp`, apiKey: key };
    // the key and the last version are at the agent once a client is let in and offered all of it
    const countTools = async (): Promise<number> => {
      const client = await connectModern(endpoint).catch(() => null);
      const offered = await client?.listTools();
      await client?.close();
      return offered?.tools.length ?? 0;
    };
    await expect.poll(countTools).toBe(60);
    const client = await connectModern(endpoint);
    const name = (await client.listTools()).tools.find((tool) => tool.name.endsWith('look_up_059'))?.name ?? '';
    expect(getText(await client.callTool({ name, arguments: { depot: 'hel' } }))).toBe('found');
    await client.close();
  } finally {
    for (const [what, { total, longest }] of times) {
      process.stdout.write(`SCRIPTING ${what}: ${total.toFixed(0)} ms, ${longest.toFixed(0)} ms at a stretch\n`);
    }
    // with hundreds of tools beside its own, the builder of another spec starts with its servers closed
    await askConsole(page, stack, 'profile.archive', { profileId }, z.unknown());
    await askConsole(page, stack, 'server.archive', { serverId: site.serverId }, z.unknown());
    await context.close();
    await agent.dispose();
    await upstream.close();
  }
});
