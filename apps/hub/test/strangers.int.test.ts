import { once } from 'node:events';
import { connect } from 'node:net';

import { expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { countServed } from '@gatehouse/process/testing/count-served';
import { sendHostileRequests } from '@gatehouse/process/testing/hostile-requests';
import { ENROL_PATH, ENROL_ROOT_PATH } from '@gatehouse/protocol/enrolment';
import { LINK_PATH } from '@gatehouse/protocol/messages';
import { dialHub } from '@gatehouse/protocol/testing/fake-agent';

import { LINK_LIMITS } from '../src/link/limits.ts';
import { openHub } from './support/world.ts';

const { world, hub } = await openHub({ handshakeMs: 60_000 });

/** Opens a websocket, as from another address, and stays silent. Resolves with the status of the answer; 101 when it is open. */
function openSilent(url: string, from: { localAddress: string } | { headers: Record<string, string> }): Promise<number> {
  const socket = new WebSocket(url + LINK_PATH, from);
  return new Promise((resolve) => {
    socket.once('open', () => resolve(101));
    socket.once('unexpected-response', (_request, response) => resolve(response.resume().statusCode ?? 0));
    socket.on('error', () => resolve(0));
  });
}

test('T-07: silent sockets of one address do not shut the hub for another', async () => {
  const statuses = await Promise.all(Array.from({ length: 500 }, () => openSilent(hub.url, { localAddress: '127.0.0.2' })));
  expect(statuses.filter((status) => status === 101)).toHaveLength(LINK_LIMITS.maxHandshakesPerAddress);
  expect(statuses.filter((status) => status === 503)).toHaveLength(500 - LINK_LIMITS.maxHandshakesPerAddress);

  const workspace = await world.makeWorkspace();
  const agent = await (await workspace.enrol(hub)).connect(hub);
  await agent.close();
});

test('T-07: one address has so many connections, and others are served', async () => {
  const { port } = await world.startHub({ maxConnectionsPerAddress: 5 });
  expect(await countServed({ port, path: '/healthz' }, 8)).toBe(5);
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200);
});

test.each([
  ['an IPv4 /24', (index: number) => `192.0.2.${index % 256}`, '198.51.100.7'],
  ['an IPv6 /48', (index: number) => `2001:db8:1:${index.toString(16)}::1`, '2001:db8:2::1'],
])('T-07: silent sockets from all over %s do not shut the hub for other networks', async (_network, makeAddress, other) => {
  const limits = { handshakeMs: 60_000, maxHandshakesPerNetwork: 20 };
  const proxied = await world.startHub(limits, 1);
  const openFrom = (address: string) => openSilent(proxied.url, { headers: { 'X-Forwarded-For': `203.0.113.9, ${address}` } });
  const statuses = await Promise.all(Array.from({ length: 200 }, (_, index) => openFrom(makeAddress(index))));
  expect(statuses.filter((status) => status === 101)).toHaveLength(limits.maxHandshakesPerNetwork);
  expect(statuses.filter((status) => status === 503)).toHaveLength(200 - limits.maxHandshakesPerNetwork);
  expect(await openFrom(other)).toBe(101);
});

test('T-07: an upgrade that is refused leaves no connection behind, though the other side stays', async () => {
  const refusing = await world.startHub();
  const socket = connect({ port: refusing.port, host: '127.0.0.1', allowHalfOpen: true });
  socket.write('GET /elsewhere HTTP/1.1\r\nHost: hub\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  socket.resume();
  await once(socket, 'end');
  // what was closed answers further bytes with a reset
  const broken = once(socket, 'error');
  const writing = setInterval(() => socket.write('x'), 10);
  await broken.finally(() => clearInterval(writing));
});

test('one tenant cannot take every connection of a hub', async () => {
  const small = await world.startHub({ maxLinksPerTenant: 1 });
  const [greedy, other] = [await world.makeWorkspace(), await world.makeWorkspace()];
  const first = await (await greedy.enrol(small)).connect(small);
  const second = await greedy.enrol(small);
  const refused = await dialHub(small.url);
  await refused.authenticate(second.getIdentity(small));
  expect(await refused.waitForFirst('rejected')).toMatchObject({ code: 'unavailable' });
  await refused.closed;

  const neighbour = await (await other.enrol(small)).connect(small);
  await neighbour.close();
  await first.close();
  await expect.poll(() => small.links.countForTenant(greedy.tenantId)).toBe(0);
  await (await second.connect(small)).close();
});

test('no bytes end the hub', async () => {
  const paths = [LINK_PATH, ENROL_PATH, ENROL_ROOT_PATH, '/metrics'];
  expect(await sendHostileRequests({ port: hub.port, goodPath: '/readyz' }, paths)).toBe(200);
});
