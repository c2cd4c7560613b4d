import { sendHostileRequests } from '@gatehouse/process/testing/hostile-requests';

import { expect, test } from '../src/fixtures.ts';
import { connectModern, getText } from '../src/mcp-clients.ts';

test('no bytes end any process: each listener answers afterwards, and a governed call goes through', async ({ stack }) => {
  test.setTimeout(240_000);
  const { base, demo } = stack;
  const profile = stack.getProfile('support');
  const api = `/t/${demo.tenant}/api/trpc/me.get`;
  const listeners: [offset: number, goodPath: string, paths: string[]][] = [
    [0, '/healthz', ['/login', '/api/auth/csrf', '/api/account/readLink', '/metrics', api]],
    [1, '/healthz', ['/v1/agent', '/v1/enrol', '/metrics']],
    [2, '/healthz', ['/readyz', '/metrics']],
    [10, '/healthz', [new URL(profile.mcpUrl).pathname]],
    [30, '/healthz', ['/mcp', '/api/orders']],
  ];
  for (const [offset, goodPath, paths] of listeners)
    expect(await sendHostileRequests({ port: base + offset, goodPath }, paths), `listener at +${offset}`).toBe(200);
  expect(stack.readControlPlaneLogs()).not.toMatch(/uncaughtException|unhandledRejection/);
  // `npm start` ends when one of its processes does
  expect((await fetch(`${demo.consoleUrl}/readyz`)).status).toBe(200);
  const client = await connectModern(profile, 'after-the-bytes');
  const answer = await client.callTool({ name: 'find_order', arguments: { orderId: '8841' } });
  expect(answer.isError ?? false, getText(answer)).toBe(false);
});
