import { expect, test } from 'vitest';

import { makeProfile } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import { buildAuthorization, buildModernCall, post } from '../support/clients/clients.ts';

test('T-57: the streams of one key are capped, and a stream that ends makes room', async () => {
  const gateway = await startGateway({ profiles: [makeProfile([])] });
  const { params } = buildModernCall('', {});
  const listen = (id: number) =>
    post(
      gateway.url,
      {
        jsonrpc: '2.0',
        id,
        method: 'subscriptions/listen',
        params: { _meta: params._meta, notifications: { toolsListChanged: true } },
      },
      { ...buildAuthorization(gateway.secret), 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'subscriptions/listen' },
    );
  const answers = await Promise.all(Array.from({ length: 60 }, (_, id) => listen(id)));
  const open = answers.filter(({ status }) => status === 200);
  expect(open).toHaveLength(50);
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(10);
  await open[0]?.body?.cancel();
  await expect.poll(async () => (await listen(100)).status).toBe(200);
});
