import { expect, test } from 'vitest';

import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import { buildAuthorization, buildModernCall, buildModernHeaders, post } from '../support/clients/clients.ts';
import { ECHO, makeServerAt, startModernUpstream } from '../support/servers/upstreams.ts';

const LONG = 'x'.repeat(1_025);
const MANY = { experimental: { x: 'x'.repeat(65_536) } };

test.each([
  ['a name', { name: LONG, version: '1' }, {}, 'clientInfo.name is longer than 1024'],
  ['a version', { name: 'c', version: LONG }, {}, 'clientInfo.version is longer than 1024'],
  ['a title', { name: 'c', version: '1', title: LONG }, {}, 'clientInfo.title is longer than 1024'],
  ['capabilities', { name: 'c', version: '1' }, MANY, 'capabilities of the client are longer than 65536'],
])('%s of a client that would be kept and sent on without bound is refused, and the refusal says which', async (...row) => {
  const [, clientInfo, capabilities, told] = row;
  const upstream = await startModernUpstream({ tools: [ECHO], call: () => ({ content: [] }) });
  const server = makeServerAt(upstream.url);
  const { url, secret } = await startGateway({ servers: [server], profiles: [makeProfile([makeTool(server, ECHO)])] });
  const params = { protocolVersion: '2025-11-25', capabilities, clientInfo };
  const opened = await post(url, { jsonrpc: '2.0', id: 1, method: 'initialize', params }, buildAuthorization(secret));
  expect(opened.headers.get('mcp-session-id')).toBeNull();
  expect(await opened.json()).toMatchObject({ error: { code: -32602, message: expect.stringContaining(told) } });
  const call = buildModernCall('echo', { text: 'a' });
  const meta = {
    ...call.params._meta,
    'io.modelcontextprotocol/clientInfo': clientInfo,
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  };
  const answer = await post(
    url,
    { ...call, params: { ...call.params, _meta: meta } },
    { ...buildAuthorization(secret), ...buildModernHeaders('echo') },
  );
  expect(await answer.json()).toMatchObject({ error: { code: -32602, message: expect.stringContaining(told) } });
});
