import { expect, test } from 'vitest';

import { connectV2 } from '../support/clients.ts';
import { profileOf, startGateway, toolOf } from '../support/gateway.ts';
import { ECHO, echoSet, serverAt, startModernUpstream } from '../support/upstreams.ts';

test('a renewed configuration keeps its connections, and an old definition of a server is not used any more', async () => {
  const upstream = await startModernUpstream(echoSet());
  const server = serverAt(upstream.url);
  const gateway = await startGateway({ servers: [server], profiles: [profileOf([toolOf(server, ECHO)])] });
  const client = await connectV2(gateway.url, gateway.secret, 'auto');
  await client.callTool({ name: 'echo', arguments: { text: 'a' } });
  const before = gateway.upstreams.of(server);
  const equal = structuredClone(server);
  gateway.publish({ servers: [equal] });
  expect(gateway.upstreams.of(equal)).toBe(before);
  gateway.publish({ servers: [{ ...server, name: 'Renamed' }] });
  expect(() => gateway.upstreams.of(server)).toThrow('The configuration changed while this call was under way. Try again.');
});

test('servers that nobody called yet are unused, and after the end nothing is opened any more', async () => {
  const server = serverAt('http://127.0.0.1:9/mcp');
  const gateway = await startGateway({ servers: [server], profiles: [profileOf([])] });
  expect(gateway.upstreams.health()).toEqual([{ serverId: server.id, state: 'unused', error: null, at: null }]);
  await gateway.close();
  expect(() => gateway.upstreams.of(server)).toThrow();
});
