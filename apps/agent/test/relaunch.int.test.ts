import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { startFakeHub } from '@gatehouse/protocol/testing/fake-hub';

import { buildBundle, makeHome, runAgent, waitUntilReady } from './support/agent/agent-process.ts';
import { makeTempDir } from './support/disk/temp-dir.ts';

const isOk = ({ status }: { status: string }) => status === 'ok';
const CANARY = 'canary-5d1e';

async function makeSite(environment: Record<string, string>) {
  const hub = await startFakeHub();
  onTestFinished(() => hub.close());
  hub.publish({});
  return { hub, home: await makeHome({ environment }) };
}

/** What anybody of the same user, or for arguments anybody at all, reads of a process. */
const readStart = (pid: number | undefined) =>
  ['environ', 'cmdline'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8')).join('\0');

test('T-60: what a running agent was started with holds no credential, no variable of a stdio entry and no join token', async () => {
  const { hub, home } = await makeSite({ SECRET_A: CANARY, SECRET_A_ORIGIN: 'https://a.example', OF_AN_ENTRY: CANARY });
  const token = hub.createJoinToken('helsinki-01');
  const agent = await runAgent(home, 'up', '--enroll', token);
  await waitUntilReady(home, isOk);
  const started = readStart(agent.child.pid);
  for (const secret of [CANARY, token]) expect(started).not.toContain(secret);
  // what was freed goes back to the system
  expect(started).toContain('MALLOC_ARENA_MAX=1\0MALLOC_MMAP_THRESHOLD_=131072\0MALLOC_TRIM_THRESHOLD_=1048576\0');
  // the values went over all the same, and nothing is left of the way that they took
  expect(agent.readOutput()).toContain('Enrolled as helsinki-01');
  expect(readlinkSync(`/proc/${agent.child.pid}/fd/0`)).toBe('/dev/null');
  agent.child.kill('SIGTERM');
  expect(await agent.ended).toBe(0);

  const withVariable = { ...home, environment: { ...home.environment, GATEHOUSE_ENROLL_TOKEN: token } };
  const again = await runAgent(withVariable, 'run');
  await waitUntilReady(home, isOk);
  expect(readStart(again.child.pid)).not.toContain(token);
  expect(again.readOutput()).toContain('needs its join token no more: take GATEHOUSE_ENROLL_TOKEN out');
});

test('T-60: the agent keeps nothing open that its launcher left open, and takes a token from standard input', async () => {
  const { hub, home } = await makeSite({});
  const token = hub.createJoinToken('helsinki-01');
  const leaked = join(makeTempDir(), 'leaked');
  writeFileSync(leaked, CANARY);
  const file = openSync(leaked, 'r');
  // far enough from the others that Node does not mark it itself
  const stdio = Array.from({ length: 40 }, (_, number) =>
    number === 39 ? file : number < 3 ? ('pipe' as const) : ('ignore' as const),
  );
  const flag = '--max-semi-space-size=8';
  const args = [flag, await buildBundle(), 'up', '--enroll', '-'];
  const child = spawn(process.execPath, args, { env: home.environment, stdio });
  onTestFinished(() => void child.kill('SIGKILL'));
  child.stdin?.end(`${token}\n`);
  await waitUntilReady(home, isOk);
  expect(readStart(child.pid)).toContain(flag);
  const open = readdirSync(`/proc/${child.pid}/fd`).map((name) => readlinkSync(`/proc/${child.pid}/fd/${name}`));
  expect(open).not.toContain(leaked);
  child.kill('SIGINT');
  const [code] = (await once(child, 'exit')) as [number];
  expect(code).toBe(0);
});

const COMMANDS = [
  'enroll',
  'status',
  'guardrails check',
  'guardrails nonsense',
  'connect http://127.0.0.1:1/p/a/mcp',
  'up',
  'run',
];

test.each(COMMANDS)('T-01: no join token is left in the process that does `%s`, however that ends', async (command) => {
  const home = await makeHome({ environment: { GATEHOUSE_ENROLL_TOKEN: CANARY, GATEHOUSE_LOG_LEVEL: 'nonsense' } });
  const tell = "process.on('exit', () => process._rawDebug('at the end:', JSON.stringify(process.env)))";
  const agent = await runAgent({ ...home, nodeArgs: ['--import', `data:text/javascript,${tell}`] }, ...command.split(' '));
  await agent.ended;
  expect(agent.readOutput()).toContain('at the end:');
  expect(agent.readOutput()).not.toContain(CANARY);
});

test('exit codes and messages are those of one start', async () => {
  const home = await makeHome({});
  const agent = await runAgent(home, 'run');
  expect(await agent.ended).toBe(1);
  expect(agent.readOutput()).toMatch(/^This agent is not enrolled\.[^\n]*\n$/);
  const wrong = await runAgent(home, 'up', '--nonsense');
  expect(await wrong.ended).toBe(1);
  expect(wrong.readOutput()).toMatch(/^error: unknown option '--nonsense'/);
});
