import type { Page } from '@playwright/test';
import { z } from 'zod';

import { AgentProcess } from '../src/agent-process.ts';
import { askConsole } from '../src/console-api.ts';
import { startEarlierHub, unpackEarlier, writeEarlierGuardrails } from '../src/earlier-version.ts';
import { expect, signIn, test } from '../src/fixtures.ts';
import { createJoinToken } from '../src/join-token.ts';
import { connectModern, type Endpoint } from '../src/mcp-clients.ts';
import type { Stack } from '../src/stack.ts';

/** What makes a configuration and is seen at once: the profile goes, and comes back. Ends with it being served. */
async function toggleProfile(page: Page, stack: Stack, endpoint: Endpoint): Promise<void> {
  const [row] = await stack.query<{ id: string }>(`select id from profile where slug = 'support'`);
  const call = (name: 'disable' | 'enable') => askConsole(page, stack, `profile.${name}`, { profileId: row?.id }, z.unknown());
  await signIn(page, stack, 'admin');
  await call('disable');
  await expect
    .poll(() => isServed(endpoint), { message: 'the agent has heard that the profile is off', timeout: 90_000 })
    .toBe(false);
  await call('enable');
  await expect.poll(() => isServed(endpoint), { message: 'and that it is on again', timeout: 90_000 }).toBe(true);
}

/** Whether the agent opens the profile to this key: it has the newest configuration. */
function isServed(endpoint: Endpoint): Promise<boolean> {
  return connectModern(endpoint, 'earlier-version').then(
    async (client) => client.close().then(() => true),
    () => false,
  );
}

async function waitUntilServed(endpoint: Endpoint): Promise<void> {
  await expect.poll(() => isServed(endpoint), { timeout: 150_000 }).toBe(true);
}

async function expectReceipts(stack: Stack, agentName: string): Promise<void> {
  const stored = () => stack.query(`select 1 from receipt where agent_id = (select id from agent where name = $1)`, [agentName]);
  await expect.poll(async () => (await stored()).length).toBeGreaterThan(0);
}

async function callTool(endpoint: Endpoint): Promise<void> {
  const client = await connectModern(endpoint, 'earlier-version');
  const answer = await client.callTool({ name: 'find_order', arguments: { orderId: '8841' } });
  expect(answer.structuredContent).toMatchObject({ orderId: '8841' });
  await client.close();
}

test.setTimeout(480_000);

test('an agent of the version before serves, follows changes and delivers its receipts at this hub', async ({ page, stack }) => {
  const agent = new AgentProcess(stack, stack.base + 14, unpackEarlier('gatehouse-agent'));
  const endpoint = { mcpUrl: `http://127.0.0.1:${agent.port}/p/support/mcp`, apiKey: stack.getProfile('support').apiKey };
  try {
    const guardrails = { GATEHOUSE_GUARDRAILS_FILE: writeEarlierGuardrails(stack) };
    expect(await agent.start(await createJoinToken(page, stack, 'earlier-01'), guardrails), agent.output).toBe(true);
    await waitUntilServed(endpoint);
    await callTool(endpoint);
    await toggleProfile(page, stack, endpoint);
    await callTool(endpoint);
    await expectReceipts(stack, 'earlier-01');
  } finally {
    await agent.dispose();
  }
});

test('an agent of this version serves, follows changes and delivers its receipts at a hub of the version before', async ({
  page,
  stack,
}) => {
  const hub = await startEarlierHub(stack, stack.base + 15);
  const agent = new AgentProcess(stack, stack.base + 16);
  const endpoint = { mcpUrl: `http://127.0.0.1:${agent.port}/p/support/mcp`, apiKey: stack.getProfile('support').apiKey };
  stack.relay.replaceHub(hub.address);
  try {
    expect(await agent.start(await createJoinToken(page, stack, 'later-01')), agent.output).toBe(true);
    // that hub cannot tell the worker that a whole configuration is needed: its next pass finds that
    await waitUntilServed(endpoint);
    await callTool(endpoint);
    await toggleProfile(page, stack, endpoint);
    await callTool(endpoint);
    await expectReceipts(stack, 'later-01');
    // and goes on at the present hub, with what it has
    stack.relay.replaceHub({ host: '127.0.0.1', port: stack.base + 1 });
    await toggleProfile(page, stack, endpoint);
  } finally {
    stack.relay.replaceHub({ host: '127.0.0.1', port: stack.base + 1 });
    await agent.dispose();
    await hub.stop();
  }
});
