import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import type { ServiceContext } from '@gatehouse/services/context';

import { RefusedCall, runGovernedCall } from './governed-call.ts';
import { firstCall } from './plan.ts';

/** What the call of a demo is rejected with when its agent answers every request with this status. */
async function callAgent(status: number): Promise<unknown> {
  const agent = createServer((_request, response) => response.writeHead(status).end()).listen(0, '127.0.0.1');
  onTestFinished(() => void agent.close());
  await once(agent, 'listening');
  const { port } = agent.address() as AddressInfo;
  return failCall(`http://127.0.0.1:${port}/mcp`);
}

function failCall(mcpUrl: string): Promise<unknown> {
  const demo = { profiles: [{ slug: firstCall.profile, mcpUrl, apiKey: 'key' }] };
  return runGovernedCall(demo, {} as ServiceContext).then(
    () => expect.unreachable('the call succeeds'),
    (error: unknown) => error,
  );
}

test.for([401, 403, 404])('a call that is answered with HTTP %i is refused', async (status) => {
  expect(await callAgent(status)).toBeInstanceOf(RefusedCall);
});

test('an agent that fails or is not there refuses nothing', async () => {
  expect(await callAgent(503)).not.toBeInstanceOf(RefusedCall);
  expect(await failCall('http://127.0.0.1:1/mcp')).not.toBeInstanceOf(RefusedCall);
});
