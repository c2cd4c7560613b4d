import { AgentProcess } from '../src/agent-process.ts';
import { expect, test } from '../src/fixtures.ts';
import { createJoinToken } from '../src/join-token.ts';
import { connectModern, getText } from '../src/mcp-clients.ts';
import { getDrillRounds } from '../src/stack.ts';

const ROUNDS = getDrillRounds(100);
const CALLS = 5;

test(`kill -9 of the agent between call and acknowledgement loses no receipt and duplicates none (${ROUNDS} rounds)`, async ({
  page,
  stack,
}) => {
  test.setTimeout(60_000 + ROUNDS * 20_000);
  const agent = new AgentProcess(stack, stack.base + 12);
  try {
    expect(await agent.start(await createJoinToken(page, stack, 'crash-01')), agent.output).toBe(true);
    const endpoint = { mcpUrl: `http://127.0.0.1:${agent.port}/p/support/mcp`, apiKey: stack.getProfile('support').apiKey };
    for (let round = 1; round <= ROUNDS; round += 1) {
      const name = `crash-round-${round}`;
      const stored = async () =>
        stack.query<{ outcome: string; ids: number; rows: number }>(
          `select outcome::text, count(distinct id)::int as ids, count(*)::int as rows from receipt where client_name = $1 group by 1`,
          [name],
        );
      await expect.poll(async () => (await fetch(`http://127.0.0.1:${agent.port}/readyz`)).status).toBe(200);
      const client = await connectModern(endpoint, name);
      await client.callTool({ name: 'find_order', arguments: { orderId: '8841' } });
      await expect.poll(stored, 'the line works before it is cut').toEqual([{ outcome: 'allowed', ids: 1, rows: 1 }]);

      stack.relay.cut();
      const answers = await Promise.all(
        Array.from({ length: CALLS }, () => client.callTool({ name: 'find_order', arguments: { orderId: '8842' } })),
      );
      for (const answer of answers) expect(answer.isError ?? false, getText(answer)).toBe(false);
      await agent.end('SIGKILL');
      stack.relay.mend();
      expect(await agent.start(), agent.output).toBe(true);

      await expect.poll(async () => (await stored()).reduce((sum, row) => sum + row.ids, 0)).toBe(1 + CALLS);
      const rows = await stored();
      expect(
        rows.reduce((sum, row) => sum + row.rows, 0),
        'none is stored twice',
      ).toBe(1 + CALLS);
    }
    const gaps = await stack.query<{ missing: number }>(
      `select (max(seq) - count(*))::int as missing from receipt where agent_id = (select id from agent where name = 'crash-01') group by spool_id`,
    );
    expect(gaps.map(({ missing }) => missing)).toEqual(gaps.map(() => 0));
  } finally {
    stack.relay.mend();
    await agent.dispose();
  }
});

test('calls go on while the control plane is away, also after a restart of the agent, and their receipts arrive afterwards', async ({
  page,
  stack,
}) => {
  const agent = new AgentProcess(stack, stack.base + 13);
  try {
    expect(await agent.start(await createJoinToken(page, stack, 'offline-01')), agent.output).toBe(true);
    const endpoint = { mcpUrl: `http://127.0.0.1:${agent.port}/p/support/mcp`, apiKey: stack.getProfile('support').apiKey };
    await expect.poll(async () => (await fetch(`http://127.0.0.1:${agent.port}/readyz`)).status).toBe(200);

    stack.relay.cut();
    await agent.end('SIGTERM');
    expect(await agent.start(), agent.output).toBe(true);
    const client = await connectModern(endpoint, 'offline-caller');
    const answer = await client.callTool({ name: 'find_order', arguments: { orderId: '8844' } });
    expect(answer.structuredContent).toMatchObject({ orderId: '8844' });
    await client.close();
    const stored = () => stack.query(`select 1 from receipt where client_name = 'offline-caller'`);
    expect(await stored()).toHaveLength(0);

    stack.relay.mend();
    await expect.poll(async () => (await stored()).length, { timeout: 60_000 }).toBe(1);
  } finally {
    stack.relay.mend();
    await agent.dispose();
  }
});

const enrolments: Array<[string, (token: string) => string, RegExp]> = [
  ['a token that is none', () => 'not-a-token', /not a join token/i],
  ['an unknown token', (token) => token.slice(0, -6) + (token.endsWith('AAAAAA') ? 'BBBBBB' : 'AAAAAA'), /token/i],
];
for (const [what, bend, expected] of enrolments) {
  test(`T-01: ${what} is refused with one clear line`, async ({ page, stack }) => {
    const agent = new AgentProcess(stack, stack.base + 14);
    try {
      expect(await agent.start(bend(await createJoinToken(page, stack, `refused-${what.length}`)))).toBe(false);
      expect(agent.output).toMatch(expected);
      expect(agent.output).not.toContain('    at ');
    } finally {
      await agent.dispose();
    }
  });
}

test('T-01: a token enrols one agent; a port that is taken is one clear line', async ({ page, stack }) => {
  const token = await createJoinToken(page, stack, 'once-01');
  const first = new AgentProcess(stack, stack.base + 15);
  const second = new AgentProcess(stack, stack.base + 16);
  try {
    expect(await first.start(token), first.output).toBe(true);
    expect(await second.start(token)).toBe(false);
    expect(second.output).toMatch(/token/i);
    await second.start(await createJoinToken(page, stack, 'port-01'), { GATEHOUSE_LISTEN: `127.0.0.1:${first.port}` });
    await expect.poll(() => second.output).toMatch(new RegExp(`${first.port}.*(taken|in use)`, 'i'));
  } finally {
    await Promise.all([first.dispose(), second.dispose()]);
  }
});
