import { expect, test } from 'vitest';

import { makeServer } from '@gatehouse/policy/testing/build';

import { makeEverythingEntry, withEntries } from '../support/servers/stdio.ts';
import {
  ECHO,
  makeEchoSet,
  registerEchoV1,
  makeServerAt,
  startLegacyUpstream,
  startModernUpstream,
} from '../support/servers/upstreams.ts';
import { makeCall, fetchDefinition, makeClient, never, startPool, readAnswerText } from './harness.ts';

test('a server of the newer protocol is found and called, and all clients share the connection', async () => {
  const upstream = await startModernUpstream(makeEchoSet());
  const server = makeServerAt(upstream.url);
  const { pool } = startPool([server]);
  for (const name of ['a', 'b']) {
    const conversation = await pool.requireUpstream(server).open(makeClient(name), never);
    expect(conversation.era).toBe('modern');
    expect(readAnswerText(await conversation.callTool(makeCall(ECHO, { text: `hello ${name}` })))).toBe(`hello ${name}`);
  }
  expect(pool.listHealth()).toMatchObject([{ state: 'connected', protocolVersion: '2026-07-28', connections: 1, retryAt: null }]);
});

test('a server of the older protocol gets one session for each client', async () => {
  const upstream = await startLegacyUpstream(registerEchoV1);
  const server = makeServerAt(upstream.url);
  const { pool } = startPool([server]);
  for (const name of ['a', 'b', 'a']) {
    const conversation = await pool.requireUpstream(server).open(makeClient(name), never);
    expect(conversation.era).toBe('legacy');
    const echo = await fetchDefinition(conversation, 'echo');
    expect(readAnswerText(await conversation.callTool(makeCall(echo, { text: name })))).toBe(name);
  }
  expect(upstream.countSessions()).toBe(2);
  expect(pool.listHealth()).toMatchObject([{ protocolVersion: '2025-11-25', connections: 2 }]);
});

test('the published example server over stdio', async () => {
  const server = makeServer({ transport: { kind: 'stdio', entry: 'everything', processes: 'shared' } });
  const { pool } = startPool([server], { guardrails: withEntries({ everything: makeEverythingEntry() }) });
  const conversation = await pool.requireUpstream(server).open(makeClient('a'), never);
  const echo = await fetchDefinition(conversation, 'echo');
  expect(readAnswerText(await conversation.callTool(makeCall(echo, { message: 'hello' })))).toBe('Echo: hello');
});
