import { expect, test } from 'vitest';

import { makeServer } from '@gatehouse/policy/testing/build';

import { everythingEntry, withEntries } from '../support/servers/stdio.ts';
import {
  ECHO,
  echoSet,
  registerEchoV1,
  serverAt,
  startLegacyUpstream,
  startModernUpstream,
} from '../support/servers/upstreams.ts';
import { callOf, definitionOf, makeClient, never, startPool, textOf } from './harness.ts';

test('a server of the newer protocol is found and called, and all clients share the connection', async () => {
  const upstream = await startModernUpstream(echoSet());
  const server = serverAt(upstream.url);
  const { pool } = startPool([server]);
  for (const name of ['a', 'b']) {
    const conversation = await pool.requireUpstream(server).open(makeClient(name), never);
    expect(conversation.era).toBe('modern');
    expect(textOf(await conversation.callTool(callOf(ECHO, { text: `hello ${name}` })))).toBe(`hello ${name}`);
  }
  expect(pool.listHealth()).toMatchObject([{ state: 'connected', protocolVersion: '2026-07-28', connections: 1, retryAt: null }]);
});

test('a server of the older protocol gets one session for each client', async () => {
  const upstream = await startLegacyUpstream(registerEchoV1);
  const server = serverAt(upstream.url);
  const { pool } = startPool([server]);
  for (const name of ['a', 'b', 'a']) {
    const conversation = await pool.requireUpstream(server).open(makeClient(name), never);
    expect(conversation.era).toBe('legacy');
    const echo = await definitionOf(conversation, 'echo');
    expect(textOf(await conversation.callTool(callOf(echo, { text: name })))).toBe(name);
  }
  expect(upstream.sessionCount()).toBe(2);
  expect(pool.listHealth()).toMatchObject([{ protocolVersion: '2025-11-25', connections: 2 }]);
});

test('the published example server over stdio', async () => {
  const server = makeServer({ transport: { kind: 'stdio', entry: 'everything', processes: 'shared' } });
  const { pool } = startPool([server], { guardrails: withEntries({ everything: everythingEntry() }) });
  const conversation = await pool.requireUpstream(server).open(makeClient('a'), never);
  const echo = await definitionOf(conversation, 'echo');
  expect(textOf(await conversation.callTool(callOf(echo, { message: 'hello' })))).toBe('Echo: hello');
});
