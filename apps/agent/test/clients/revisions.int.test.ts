import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js';
import { expect, test } from 'vitest';

import { makeProfile } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import { buildAuthorization, postModern, post } from '../support/clients/clients.ts';

const openGateway = () => startGateway({ profiles: [makeProfile([])] });

test.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])(
  'a client of %s gets a session of that revision over Streamable HTTP',
  async (protocolVersion) => {
    const gateway = await openGateway();
    const params = { protocolVersion, capabilities: {}, clientInfo: { name: 'raw', version: '0' } };
    const request = { jsonrpc: '2.0', id: 0, method: 'initialize', params };
    const response = await post(gateway.url, request, buildAuthorization(gateway.secret));
    expect(await response.text()).toContain(`"protocolVersion":"${protocolVersion}"`);
    expect(response.headers.get('mcp-session-id')).toBeTruthy();
  },
);

test('a client of an unknown revision is offered the newest with sessions, and is told which there are', async () => {
  const gateway = await openGateway();
  const params = { protocolVersion: '2024-10-07', capabilities: {}, clientInfo: { name: 'raw', version: '0' } };
  const opened = await post(
    gateway.url,
    { jsonrpc: '2.0', id: 0, method: 'initialize', params },
    buildAuthorization(gateway.secret),
  );
  expect(await opened.text()).toContain('"protocolVersion":"2025-11-25"');
  const headers = {
    ...buildAuthorization(gateway.secret),
    'mcp-session-id': opened.headers.get('mcp-session-id') ?? '',
    'mcp-protocol-version': '2024-10-07',
  };
  const refused = await post(gateway.url, { jsonrpc: '2.0', id: 1, method: 'tools/list' }, headers);
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({
    error: { data: { supported: ['2026-07-28', '2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] } },
  });
});

test('a client of 2026-07-28 is answered without a session', async () => {
  const gateway = await openGateway();
  const response = await postModern(gateway.url, gateway.secret, { method: 'tools/list' });
  expect([response.status, response.headers.get('mcp-session-id')]).toEqual([200, null]);
});

test('a client that speaks HTTP+SSE is refused', async () => {
  const gateway = await openGateway();
  const transport = new SSEClientTransport(new URL(gateway.url), {
    requestInit: { headers: buildAuthorization(gateway.secret) },
  });
  const client = new Client({ name: 'sse-client', version: '1.0' });
  await expect(client.connect(transport)).rejects.toMatchObject({ code: 405 });
});
