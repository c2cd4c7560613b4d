import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import { encodeJoinToken } from '@gatehouse/protocol/enrolment';
import { refuseConnection } from '@gatehouse/protocol/testing/fake-handshake';
import { startFakeHub, type FakeHub } from '@gatehouse/protocol/testing/fake-hub';

import { isSpentToken, rememberSpentToken } from '../../src/state/spent-tokens.ts';
import { openStateDir } from '../../src/state/state-dir.ts';
import { makeHome, runAgent, waitUntilReady, type AgentHome } from '../support/agent/agent-process.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';

// each test starts processes, one after the other
vi.setConfig({ testTimeout: 180_000 });

const isOk = ({ status }: { status: string }) => status === 'ok';

async function makeSite() {
  const hub = await startFakeHub();
  onTestFinished(() => hub.close());
  hub.publish();
  return { hub, home: await makeHome() };
}

/** As a unit or container has it: the token stands in the environment of every start. */
const withToken = (home: AgentHome, token: string): AgentHome => ({
  ...home,
  environment: { ...home.environment, GATEHOUSE_ENROLL_TOKEN: token },
});

/** How often a hub was asked for its root, which is how each try begins. */
const countTries = (hub: FakeHub) => hub.getWireText().split('tokenHash').length - 1;

/** Runs until the agent has said this, then stops it; gives all that it said. */
async function runUntil(home: AgentHome, command: 'up' | 'run', pattern: RegExp): Promise<string> {
  const agent = await runAgent(home, command);
  await agent.waitForOutput(pattern);
  agent.child.kill('SIGTERM');
  await agent.ended;
  return agent.readOutput();
}

const SHUT_OUT = /may not serve|This agent was revoked|it is revoked/;

test('T-01: an agent that was shut out and keeps its spent token says what to do at each start, and the hub is not asked again; a new token enrols', async () => {
  const { hub, home } = await makeSite();
  const unit = withToken(home, hub.createJoinToken('first'));
  const first = await runAgent(unit, 'up');
  await waitUntilReady(home, isOk);
  hub.script.authenticate = (socket) => refuseConnection(socket, 'revoked');
  await (await hub.connections.waitForFirst()).close(4403);
  await first.waitForOutput(SHUT_OUT);
  first.child.kill('SIGTERM');
  await first.ended;

  const tries = countTries(hub);
  for (let restart = 0; restart < 2; restart += 1) {
    const said = await runUntil(unit, 'up', /This agent was revoked/);
    expect(said).toMatch(/The join token is spent: .*Make a new one in the console, then: gatehouse-agent up --enroll TOKEN/);
    expect(said.match(/join token is (?:spent|not)/g)).toHaveLength(1);
  }
  const asService = await runUntil(unit, 'run', /the join token is spent/);
  expect(asService).toContain(
    'this agent is revoked, and the join token is spent: stop it, and start it again with a new join token',
  );
  expect(countTries(hub)).toBe(tries);

  // a folder that was enrolled before tokens were remembered asks once more
  rmSync(join(home.dataDir, 'spent-tokens'));
  expect(await runUntil(unit, 'up', /This agent was revoked/)).toContain('The join token is not valid');
  expect(await runUntil(unit, 'up', /This agent was revoked/)).toContain('The join token is spent');
  expect(countTries(hub)).toBe(tries + 1);

  hub.script.authenticate = (socket, message) => hub.welcome(socket, message);
  const again = await runAgent(withToken(home, hub.createJoinToken('second')), 'up');
  expect(await again.waitForOutput(/Press Ctrl-C/)).toContain('Enrolled as second');
});

test('an agent that is enrolled says once at each start that it needs its join token no more, spent or new', async () => {
  const { hub, home } = await makeSite();
  const spent = hub.createJoinToken('helsinki-01');
  await (
    await runAgent(home, 'enroll', spent)
  ).ended;
  const tries = countTries(hub);
  for (const token of [spent, hub.createJoinToken(), 'no token at all']) {
    for (const [command, ready] of [['up', /Press Ctrl-C/] as const, ['run', /listening for AI clients/] as const]) {
      const said = await runUntil(withToken(home, token), command, ready);
      expect(said.match(/needs its join token no more: take GATEHOUSE_ENROLL_TOKEN out/g)).toHaveLength(1);
      expect(said).not.toContain(token);
    }
  }
  expect(countTries(hub)).toBe(tries);
});

test('T-01: a folder that never was enrolled asks once for a token that enrols nobody, however often its service is started', async () => {
  const { hub, home } = await makeSite();
  const token = hub.createJoinToken('elsewhere');
  await (
    await runAgent(await makeHome(), 'enroll', token)
  ).ended;
  const tries = countTries(hub);
  for (const [command, told] of [['run', /is not valid/] as const, ['run', /is spent/] as const, ['up', /is spent/] as const]) {
    const agent = await runAgent(withToken(home, token), command);
    expect(await agent.ended).toBe(1);
    expect(agent.readOutput()).toMatch(told);
    expect(agent.readOutput().trimEnd()).not.toContain('\n');
  }
  expect(countTries(hub)).toBe(tries + 1);
  // what may mend itself is asked again
  hub.enrolment.refuse('root', 'rate_limited');
  const later = withToken(home, hub.createJoinToken('later'));
  expect(await (await runAgent(later, 'run')).ended).toBe(1);
  hub.enrolment.refuse('root', null);
  await runAgent(later, 'run');
  await waitUntilReady(home, isOk);
});

test('of spent tokens the newest hundred are remembered, by their hashes, whatever the file held', async () => {
  const dir = openStateDir(makeTempDir());
  const tokens = Array.from({ length: 103 }, (_, index) =>
    encodeJoinToken({ hub: 'wss://hub.example', rootHash: 'a'.repeat(64), secret: String(index).padStart(43, 'x') }),
  );
  for (const token of tokens) await rememberSpentToken(dir, token);
  await rememberSpentToken(dir, 'no token');
  expect(tokens.map((token) => isSpentToken(dir, token))).toEqual(tokens.map((_, index) => index > 2));
  expect(isSpentToken(dir, ` ${tokens.at(-1)}\n`)).toBe(true);
  expect(readFileSync(dir.spentTokens, 'utf8')).toMatch(/^(?:[0-9a-f]{64}\n){99}[0-9a-f]{64}$/);
});

test.each(['up', 'run'] as const)(
  'T-01: an agent that was revoked while it did not run takes the new join token that `%s` is given, in the same folder',
  async (command) => {
    const { hub, home } = await makeSite();
    await (
      await runAgent(home, 'enroll', hub.createJoinToken('helsinki-01'))
    ).ended;
    // its folder says that it is welcome; the hub shuts out whoever has the identity of before
    const before = readFileSync(join(home.dataDir, 'identity.json'), 'utf8');
    hub.script.authenticate = (socket, message) =>
      before.includes(message.agentId) ? refuseConnection(socket, 'revoked') : hub.welcome(socket, message);
    const agent = await runAgent(withToken(home, hub.createJoinToken('helsinki-01')), command);
    expect(await agent.waitForOutput(/What the agent before left/)).toContain('Enrolled as helsinki-01');
    await waitUntilReady(home, isOk);
    expect(readFileSync(join(home.dataDir, 'identity.json'), 'utf8')).not.toBe(before);
    // the token is spent with it: shut out again, it says so and is not enrolled a third time
    const tries = countTries(hub);
    hub.script.authenticate = (socket) => refuseConnection(socket, 'revoked');
    await (await hub.connections.waitForFirst()).close(4403);
    await agent.waitForOutput(SHUT_OUT);
    expect(countTries(hub)).toBe(tries);
  },
);
