import { expect, test } from '../src/fixtures.ts';
import { connectModern } from '../src/mcp-clients.ts';

/** A value in the forms in which it could hide. */
function listForms(value: string): string[] {
  const bytes = Buffer.from(value);
  const aligned = [0, 1, 2].map((shift) =>
    Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .slice(shift === 0 ? 0 : 4)
      .replace(/=+$/, '')
      .slice(0, -1),
  );
  return [
    value,
    ...aligned,
    bytes.toString('base64url'),
    bytes.toString('hex'),
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
  ];
}

test('T-25: planted personal data, a token and the upstream credential never leave the machine of the agent', async ({
  stack,
}) => {
  const planted = {
    email: 'canary.person@leak-check.example',
    card: '4111 1111 1111 1111',
    token: 'ghp_c4n4ryC4N4RYc4n4ryC4N4RYc4n4ry012345',
  };
  const credential = stack.readOrdersToken();
  const client = await connectModern(stack.getProfile('support'), 'canary');
  try {
    const note = `Call ${planted.email}, card ${planted.card}, key ${planted.token}`;
    await client.callTool({ name: 'add_order_note', arguments: { orderId: '8844', note } });
    await client.callTool({ name: 'echo', arguments: { message: note } });
    // In a field that is marked "log value", where redaction is all there is.
    await client.callTool({ name: 'find_order', arguments: { orderId: planted.card } }).catch(() => undefined);
    await client.callTool({ name: planted.token, arguments: { [planted.email]: planted.card } }).catch(() => undefined);
    await client.callTool({ name: 'find_order', arguments: { orderId: '8844' } });
  } finally {
    await client.close();
  }
  await expect
    .poll(
      async () => (await stack.query<{ n: number }>(`select count(*)::int as n from receipt where client_name = 'canary'`))[0]?.n,
    )
    .toBeGreaterThanOrEqual(5);

  const places = { database: await stack.dumpDatabase(), logs: stack.readControlPlaneLogs(), wire: stack.relay.getRecording() };
  expect(places.wire.length, 'the relay saw the traffic').toBeGreaterThan(10_000);
  expect(places.database, 'the marked argument is there').toContain('8844');
  for (const [what, value] of Object.entries({ ...planted, credential })) {
    for (const [place, text] of Object.entries(places)) {
      for (const form of listForms(value)) expect(text.includes(form), `${what} as ${form.slice(0, 6)}… in ${place}`).toBe(false);
    }
  }
});
