import { expect, signIn, test } from '../src/fixtures.ts';
import { connectLegacy, connectModern, getText, type Endpoint } from '../src/mcp-clients.ts';
import { openPage } from '../src/open-page.ts';

const clients = [
  ['2.x SDK', connectModern],
  ['1.x SDK', connectLegacy],
] as const;

for (const [name, connect] of clients) {
  test(`${name}: a profile lists exactly its tools, answers allowed calls, explains denied ones`, async ({ stack }) => {
    const client = await connect(stack.getProfile('support'));
    try {
      const { tools } = await client.listTools();
      expect(tools.map((tool) => tool.name)).toEqual(['add_order_note', 'echo', 'find_order', 'list_orders']);
      expect(tools.find((tool) => tool.name === 'find_order')?.description).toBe('Look up one order by its number.');

      const order = await client.callTool({ name: 'find_order', arguments: { orderId: '8841' } });
      expect(order.isError ?? false).toBe(false);
      expect(order.structuredContent).toMatchObject({ orderId: '8841', status: 'shipped' });

      const denied = await client.callTool({ name: 'cancel_order', arguments: { orderId: '8842', reason: 'fraud' } });
      expect(denied.isError).toBe(true);
      expect(getText(denied)).toContain('refunds team');
    } finally {
      await client.close();
    }
  });

  test(`T-44 ${name}: a tool that was not selected and a tool that does not exist get the same answer`, async ({ stack }) => {
    const client = await connect(stack.getProfile('support'));
    try {
      const answers = await Promise.all(
        ['email_customer', 'get_order', 'no_such_tool'].map((tool) =>
          client.callTool({ name: tool, arguments: { orderId: '8841' } }).then(
            () => 'answered',
            (error: unknown) => String(error).replace(tool, '<tool>'),
          ),
        ),
      );
      expect(new Set(answers).size).toBe(1);
      expect(answers[0]).toMatch(/unknown tool/i);
    } finally {
      await client.close();
    }
  });
}

test('the receipt of a call is in the console with person, client, tool, marked argument and outcome', async ({
  page,
  stack,
  browser,
}) => {
  await signIn(page, stack, 'reviewer');
  await openPage(page, stack, '/audit');
  const client = await connectModern(stack.getProfile('support'), 'receipt-reader');
  try {
    await client.callTool({ name: 'find_order', arguments: { orderId: '8843' } });
  } finally {
    await client.close();
  }
  const row = page.getByRole('row').filter({ hasText: '8843' }).first();
  await expect(row).toBeVisible();
  await expect(row).toContainText('Max Member');
  await expect(row).toContainText('get_order');
  await expect(row).toContainText('as find_order');
  await expect(row).toContainText('Allowed');
  await row.getByRole('button').first().click();
  await expect(page.getByRole('complementary', { name: 'Call' })).toContainText('receipt-reader');

  // who was not given to read values sees the same call without them
  const auditor = await (await browser.newContext()).newPage();
  await signIn(auditor, stack, 'auditor');
  await openPage(auditor, stack, '/audit');
  await expect(auditor.getByText('You may not read values of other people’s calls')).toBeVisible();
  await expect(auditor.getByRole('row').filter({ hasText: 'as find_order' }).first()).toContainText('orderId=…');
  await expect(auditor.getByRole('table', { name: 'Calls' })).not.toContainText('8843');
  await auditor.context().close();
});

test('T-39: a key of another profile, a wrong key and no key are refused', async ({ stack }) => {
  const support = stack.getProfile('support');
  const post = (authorization: string | null) =>
    fetch(support.mcpUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(authorization ? { authorization } : {}),
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} }),
    });
  const keys: Array<string | null> = [null, 'Bearer ', 'Bearer mcp_wrong', `Bearer ${stack.getProfile('research').apiKey}`];
  for (const key of keys) expect((await post(key)).status, String(key)).toBe(401);
});

const malformed: Array<[string, string, number]> = [
  ['not JSON', '{', 400],
  ['an empty body', '', 400],
  ['a duplicate key', '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/call"}', 400],
  [
    '20 MB',
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"message":"${'x'.repeat(20_000_000)}"}}}`,
    413,
  ],
];
for (const [what, body, status] of malformed) {
  test(`bad input: ${what} gets ${status}, and the next call works`, async ({ stack }) => {
    const support: Endpoint = stack.getProfile('support');
    const response = await fetch(support.mcpUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        authorization: `Bearer ${support.apiKey}`,
      },
      body,
    }).catch(() => null);
    // A body far over the limit may be answered by closing while it is still being sent.
    if (response) expect(response.status).toBe(status);
    else expect(status).toBe(413);
    const client = await connectModern(support);
    try {
      expect(getText(await client.callTool({ name: 'echo', arguments: { message: 'still here' } }))).toContain('still here');
    } finally {
      await client.close();
    }
  });
}
