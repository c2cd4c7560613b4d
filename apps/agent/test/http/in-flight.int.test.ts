import { once } from 'node:events';

import { expect, onTestFinished, test } from 'vitest';

import { makeClientKey, makeProfile, makeTool } from '@gatehouse/policy/testing/build';

import { chooseInFlight, IN_FLIGHT_LIMITS, IN_FLIGHT_MB } from '../../src/http/in-flight.ts';
import { LISTEN_LIMITS, type ListenLimits } from '../../src/http/listener.ts';
import { startGateway } from '../support/agent/gateway.ts';
import { buildAuthorization, buildModernCall, buildModernHeaders, post } from '../support/clients/clients.ts';
import { openRaw } from '../support/clients/raw-client.ts';
import { ECHO, makeServerAt, startModernUpstream } from '../support/servers/upstreams.ts';

const KB = 1024;
const LARGE = 'x'.repeat(300 * KB);

/** Two profiles with a key each, before a server that answers when `open` is called. */
async function startSite(inFlight: Record<string, number>) {
  const { promise: opened, resolve: open } = Promise.withResolvers<void>();
  onTestFinished(() => open());
  const reached: string[] = [];
  const upstream = await startModernUpstream({
    tools: [ECHO],
    async call(_name, { text }) {
      reached.push(String(text));
      await opened;
      return { content: [{ type: 'text', text: `${String(text).length}` }] };
    },
  });
  const server = makeServerAt(upstream.url);
  const profiles = ['support', 'sales'].map((slug) => makeProfile([makeTool(server, ECHO)], { slug }));
  const gateway = await startGateway({ servers: [server], profiles, listener: { inFlight } });
  const other = makeClientKey(profiles[1]!);
  gateway.publish({ clientKeys: [gateway.key, other.key] });
  const send = (url: string, secret: string, text: string, signal?: AbortSignal) =>
    post(url, buildModernCall('echo', { text }), { ...buildAuthorization(secret), ...buildModernHeaders('echo') }, signal);
  return {
    gateway,
    reached,
    open,
    call: (text: string, signal?: AbortSignal) => send(gateway.url, gateway.secret, text, signal),
    callOther: (text: string) => send(gateway.url.replace('/support/', '/sales/'), other.secret, text),
  };
}

test('T-57: large requests wait for room in their turn, small ones go by, and all are answered', async () => {
  const { reached, open, call } = await startSite({ totalBytes: 1_300 * KB });
  const large = Array.from({ length: 6 }, () => call(LARGE));
  await expect.poll(() => reached.length).toBe(2);
  const small = call('small');
  await expect.poll(() => reached.at(-1)).toBe('small');
  expect(reached).toHaveLength(3);
  open();
  expect((await small).status).toBe(200);
  for (const answer of await Promise.all(large)) expect(await answer.text()).toContain(String(LARGE.length));
  expect(reached).toHaveLength(7);
});

test('T-57: a request for which there is no room in time is refused with when to try again, and leaves a receipt', async () => {
  const { gateway, reached, open, call } = await startSite({ totalBytes: 400 * KB, waitMs: 20 });
  const first = call(LARGE);
  await expect.poll(() => reached.length).toBe(1);
  const refused = await call(LARGE);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await refused.json()).toMatchObject({ error: { message: expect.stringMatching(/no room .* Try again in 5 seconds/) } });
  expect(gateway.journal.finished).toMatchObject([
    { reasonCode: 'busy', outcome: 'denied', method: 'tools/call', keyId: gateway.key.keyId },
  ]);
  open();
  expect((await first).status).toBe(200);
  expect((await call(LARGE)).status).toBe(200);
});

test('T-57: no more than a number waits, and a client that leaves makes room', async () => {
  const { gateway, reached, open, call } = await startSite({ totalBytes: 400 * KB, waiting: 1 });
  const first = call(LARGE);
  await expect.poll(() => reached.length).toBe(1);
  // one of the two has the only place, whichever comes first: that it is taken is told by the refusal of the other
  const others = ['a', 'b'].map(() => {
    const leaving = new AbortController();
    return { leaving, answer: call(LARGE, leaving.signal) };
  });
  const refused = await Promise.race(others.map(async (other) => ({ other, status: (await other.answer).status })));
  expect(refused.status).toBe(503);
  for (const { leaving, answer } of others.filter((other) => other !== refused.other)) {
    leaving.abort();
    await expect(answer).rejects.toThrow();
  }
  open();
  expect((await first).status).toBe(200);
  expect((await call(LARGE)).status).toBe(200);
  expect(gateway.journal.finished.some(({ reasonCode }) => reasonCode === 'busy')).toBe(true);
});

test('T-57: one key has its share, and the others do not wait for it', async () => {
  const { reached, open, call, callOther } = await startSite({ totalBytes: 1_000 * KB });
  const own = [call(LARGE), call(LARGE)];
  await expect.poll(() => reached.length).toBe(1);
  const other = callOther(LARGE);
  await expect.poll(() => reached.length).toBe(2);
  open();
  for (const answer of await Promise.all([...own, other])) expect(answer.status).toBe(200);
});

test('T-57: a body of unknown length counts as the longest until it is read, and one that never comes gives its room back', async () => {
  const { gateway, call, open } = await startSite({ totalBytes: 4_096 * KB, waitMs: 1_000 });
  open();
  const { socket, closed } = openRaw(gateway.listener.url);
  await once(socket, 'connect');
  socket.write(
    `POST /p/support/mcp HTTP/1.1\r\nhost: ${new URL(gateway.url).host}\r\nauthorization: Bearer ${gateway.secret}\r\n` +
      'content-type: application/json\r\naccept: application/json\r\ntransfer-encoding: chunked\r\n\r\n1\r\n{\r\n',
  );
  // calls that come before it are answered, and it waits longer for the room of such a one than that takes
  await expect.poll(async () => (await call(LARGE)).status).toBe(503);
  socket.destroy();
  await closed;
  const waiting = startSite({ totalBytes: 4_096 * KB });
  const { open: openFresh, call: callFresh } = await waiting;
  openFresh();
  expect((await callFresh(LARGE)).status).toBe(200);
});

/** A site whose answers have 8 MB, of which 15 MB may wait for a key, and calls of it by hand. */
async function startLarge(limits: Partial<ListenLimits> = {}) {
  let answered = 0;
  const upstream = await startModernUpstream({
    tools: [ECHO],
    call() {
      answered += 1;
      return { content: [{ type: 'text', text: 'x'.repeat(8 << 20) }] };
    },
  });
  const server = makeServerAt(upstream.url);
  const profile = makeProfile([makeTool(server, ECHO)]);
  const gateway = await startGateway({
    servers: [server],
    profiles: [profile],
    listener: { inFlight: { unreadBytes: UNREAD }, limits },
  });
  const body = JSON.stringify(buildModernCall('echo', { text: 'a' }));
  const headers = { ...buildAuthorization(gateway.secret), ...buildModernHeaders('echo'), 'content-type': 'application/json' };
  const lines = Object.entries({ ...headers, accept: 'application/json', host: new URL(gateway.url).host });
  const head = `POST ${new URL(gateway.url).pathname} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`;
  const call = () => {
    const client = openRaw(gateway.listener.url);
    client.socket.write(`${head}connection: close\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
    return client;
  };
  return { gateway, call, countAnswered: () => answered };
}
const UNREAD = 15 << 20;

test('T-57: a client that does not read is cut off, and the receipt says so', async () => {
  const { gateway, call } = await startLarge({ readersSweepMs: 20 });
  const findCut = () => gateway.journal.finished.find(({ reasonCode }) => reasonCode === 'answer_unread');
  // the kernel takes some megabytes of each
  for (let client = 0; client < 12; client += 1) call().socket.pause();
  await expect.poll(findCut).toMatchObject({ outcome: 'failed', method: 'tools/call', keyId: gateway.key.keyId });
  expect(findCut()?.checks).toContainEqual({ check: 'response', result: 'fail', code: 'answer_unread' });
});

test('T-57: what a client does not read yet waits at its servers: one that reads slowly gets every answer, of many at a time', async () => {
  const { gateway, call, countAnswered } = await startLarge();
  const clients = Array.from({ length: 16 }, () => call());
  for (const { socket } of clients) socket.pause();
  // those that come later wait for room before they are asked
  await expect.poll(countAnswered).toBeGreaterThan(3);
  for (const { socket } of clients) socket.resume();
  for (const { closed } of clients) expect((await closed).length).toBeGreaterThan(8 << 20);
  await expect.poll(() => gateway.journal.finished.map(({ outcome }) => outcome)).toEqual(clients.map(() => 'allowed'));
});

test('what a key has read of an answer does not wait: the answer comes whole beside others', async () => {
  const { gateway, call } = await startLarge();
  const first = call();
  await once(first.socket, 'data');
  first.socket.pause();
  expect((await call().closed).length).toBeGreaterThan(8 << 20);
  first.socket.resume();
  expect((await first.closed).length).toBeGreaterThan(8 << 20);
  expect(gateway.journal.finished.map(({ outcome }) => outcome)).toEqual(['allowed', 'allowed']);
});

test('the bounds that a site has without a word of its own', () => {
  expect(IN_FLIGHT_MB).toBe(16);
  expect(chooseInFlight(16)).toEqual({ totalBytes: 16_777_216, unreadBytes: 67_108_864 });
  // whoever waited as long as may be still has half of the time of a request for its body
  expect(IN_FLIGHT_LIMITS.waitMs).toBeLessThanOrEqual(LISTEN_LIMITS.requestTimeoutMs / 2);
});
