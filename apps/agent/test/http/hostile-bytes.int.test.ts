import { expect, test } from 'vitest';

import { makeProfile, makeTool } from '@gatehouse/policy/testing/build';
import { sendHostileRequests } from '@gatehouse/process/testing/hostile-requests';

import { startGateway } from '../support/agent/gateway.ts';
import { buildAuthorization, buildModernCall, buildModernHeaders, post } from '../support/clients/clients.ts';
import { startPilot } from '../support/servers/pilot.ts';
import { ECHO, makeEchoSet, makeServerAt, startModernUpstream } from '../support/servers/upstreams.ts';

test('T-57: no bytes end the listener for AI clients, and a call is answered afterwards', async () => {
  const upstream = await startModernUpstream(makeEchoSet());
  const server = makeServerAt(upstream.url);
  const gateway = await startGateway({ servers: [server], profiles: [makeProfile([makeTool(server, { ...ECHO })])] });
  const { pathname, port } = new URL(gateway.url);
  await sendHostileRequests({ port: Number(port), goodPath: pathname });
  const headers = { ...buildModernHeaders('echo'), ...buildAuthorization(gateway.secret) };
  const answer = await post(gateway.url, buildModernCall('echo', { text: 'x' }), headers);
  expect(answer.status).toBe(200);
});

test('no bytes end the orders server', async () => {
  const { origin } = await startPilot();
  expect(await sendHostileRequests({ port: Number(new URL(origin).port), goodPath: '/healthz' }, ['/mcp', '/api/orders'])).toBe(
    200,
  );
});
