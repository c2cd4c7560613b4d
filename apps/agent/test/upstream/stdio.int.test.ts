import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import pino from 'pino';
import { expect, test } from 'vitest';
import { z } from 'zod';

import { ToolDefinition } from '@gatehouse/policy/documents/definition';
import type { JsonObject } from '@gatehouse/policy/documents/json';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { makeServer } from '@gatehouse/policy/testing/build';

import type { StdioEntry } from '../../src/config/guardrails/stdio-entry.ts';
import { CallStopped } from '../../src/upstream/failure.ts';
import { MemoryWatch } from '../../src/upstream/stdio/memory-watch.ts';
import { measureMemory } from '../../src/upstream/stdio/process-tree.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';
import { makeEverythingEntry, makeNodeEntry, makeScriptEntry, withEntries } from '../support/servers/stdio.ts';
import { makeCall, makeClient, never, startPool, readAnswerText, type PoolSetup } from './harness.ts';

const RUN: ToolDefinition = { name: 'run', inputSchema: { type: 'object' } };

function makeStdioServer(entry: string, processes: 'shared' | 'per_session' = 'shared'): SnapshotServer {
  return makeServer({ transport: { kind: 'stdio', entry, processes } });
}

function openPool(entry: StdioEntry, setup: PoolSetup = {}, processes: 'shared' | 'per_session' = 'shared') {
  const server = makeStdioServer('script', processes);
  const started = startPool([server], { guardrails: withEntries({ script: entry }), ...setup });
  const run = async (args: JsonObject = {}, name = 'a') => {
    const conversation = await started.pool.requireUpstream(server).open(makeClient(name), never);
    return readAnswerText(await conversation.callTool(makeCall(RUN, args)));
  };
  const failing = (args: JsonObject = {}, name = 'a') =>
    run(args, name).then(
      (text) => new Error(`answered ${text}`),
      (error: Error) => error,
    );
  return { ...started, run, failing, server };
}

/** False also for a process that has ended and was not yet waited for. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test('the published example server runs through an entry of the guardrails', async () => {
  const entry = makeEverythingEntry();
  const server = makeStdioServer('everything');
  const echo = (await fetchDefinitions(entry)).find(({ name }) => name === 'echo');
  if (!echo) throw new Error('the example server has an echo tool');
  const { pool } = startPool([server], { guardrails: withEntries({ everything: entry }) });
  const conversation = await pool.requireUpstream(server).open(makeClient('a'), never);
  expect(readAnswerText(await conversation.callTool(makeCall(echo, { message: 'hello' })))).toBe('Echo: hello');
  expect(pool.listHealth()).toMatchObject([{ serverId: server.id, state: 'connected', error: null, connections: 1 }]);
});

/** The definitions as another client reads them, so that the pin does not rest on the code under test. */
async function fetchDefinitions(entry: StdioEntry): Promise<ToolDefinition[]> {
  const client = new Client({ name: 'reader', version: '1' });
  await client.connect(new StdioClientTransport({ command: entry.command, args: [...entry.args], stderr: 'ignore' }));
  const { tools } = await client.request({ method: 'tools/list' }, z.object({ tools: z.array(ToolDefinition) }));
  await client.close();
  return tools;
}

test('T-20: no shell reads the arguments, and only named variables reach the child', async () => {
  const marker = join(makeTempDir(), 'pwned');
  const entry = makeScriptEntry('reply(JSON.stringify({ argv: process.argv.slice(2), env: process.env, cwd: process.cwd() }))');
  const hostile = [`; touch ${marker}`, `$(touch ${marker})`, `\`touch ${marker}\``, '&&', '|', '>', "'", '"', '*', '$HOME', ''];
  const cwd = makeTempDir();
  const { run } = openPool(
    { ...entry, args: [...entry.args, ...hostile], cwd, env: ['ALLOWED', 'NOT_SET'] },
    { environment: { ALLOWED: 'yes', SECRET: 'no', NODE_OPTIONS: '--inspect', PATH: '/nowhere', LD_PRELOAD: 'x.so' } },
  );
  expect(JSON.parse(await run())).toEqual({ argv: hostile, env: { ALLOWED: 'yes' }, cwd });
  expect(existsSync(marker)).toBe(false);
});

test('T-20: what is not in the guardrails, or not as it was hashed, is not started', async () => {
  const marker = join(makeTempDir(), 'started');
  const entry = makeScriptEntry(
    'reply(1)',
    `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(marker)}, '');`,
  );
  const unnamed = openPool(entry, { guardrails: withEntries({}) });
  expect(await unnamed.failing()).toMatchObject({ code: 'guardrail' });

  const script = entry.args[0] ?? '';
  writeFileSync(script, `${readFileSync(script, 'utf8')}\n// changed\n`);
  const changed = openPool(entry);
  expect(await changed.failing()).toMatchObject({ code: 'guardrail', message: /has changed since it was allowed/ });
  expect(existsSync(marker)).toBe(false);
  expect(changed.pool.listHealth()).toMatchObject([{ state: 'unreachable', error: expect.stringContaining('SHA-256') }]);
});

test('the child and what it started are gone after close, also when they ignore being asked', async () => {
  const start = `import { spawn } from 'node:child_process';
const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.stdout.write('ready')";
const grandchild = spawn(process.execPath, ['-e', stubborn], { stdio: ['ignore', 'pipe', 'inherit'] });
process.on('SIGTERM', () => {});
setInterval(() => {}, 1000);
await new Promise((resolve) => grandchild.stdout.once('data', resolve));`;
  const { run, pool } = openPool(makeScriptEntry('reply(process.pid + " " + grandchild.pid)', start));
  const pids = (await run()).split(' ').map(Number);
  expect(pids.map(isAlive)).toEqual([true, true]);
  await pool.close();
  expect(pids.map(isAlive)).toEqual([false, false]);
});

test('a child that ends takes its own children with it, fails the call under way and is started again later', async () => {
  const start = `import { spawn } from 'node:child_process'; const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });`;
  let now = 0;
  const { run, failing, pool } = openPool(
    makeScriptEntry('if (message.params.arguments.crash) process.exit(3); reply(other.pid)', start),
    { readClock: () => now },
  );
  const grandchild = Number(await run());
  expect(await failing({ crash: true })).toMatchObject({
    code: 'upstream_unreachable',
    message: 'The server cannot be reached: it closed the connection.',
  });
  await expect.poll(() => isAlive(grandchild)).toBe(false);
  expect(await failing()).toMatchObject({ message: /started again in 1 s/ });
  expect(pool.listHealth()).toMatchObject([{ state: 'unreachable', retryAt: expect.any(String), connections: 0 }]);
  now += 1_000;
  expect(await run()).toMatch(/^\d+$/);
});

test('a server that ends when it is asked about the newer protocol is started again with the older one', async () => {
  const counter = join(makeTempDir(), 'starts');
  const start = `import { appendFileSync } from 'node:fs'; appendFileSync(${JSON.stringify(counter)}, 'x');
process.stdin.once('data', (chunk) => { if (String(chunk).includes('server/discover')) process.exit(1); });`;
  let now = 0;
  const crashing = makeScriptEntry('if (message.params.arguments.crash) process.exit(3); reply("ok")', start);
  const { run, failing } = openPool(crashing, { readClock: () => now });
  expect(await run()).toBe('ok');
  expect(readFileSync(counter, 'utf8')).toBe('xx');
  await failing({ crash: true });
  now += 1_000;
  expect(await run()).toBe('ok');
  // what was learned is kept
  expect(readFileSync(counter, 'utf8')).toBe('xxx');
});

test('output that is no message is skipped, also in the middle of a character', async () => {
  const noise = `process.stdout.write('starting up...\\n{"half":\\n\\n[]\\n42\\n');
const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: message.id, result: { content: [{ type: 'text', text: 'grüße 🎉' }] } }) + '\\n');
for (const byte of bytes) { process.stdout.write(Buffer.from([byte])); await new Promise((resolve) => setImmediate(resolve)); }`;
  expect(await openPool(makeScriptEntry(noise)).run()).toBe('grüße 🎉');
});

test('T-57: a message of more parts than are read ends the child at once, and says so', async () => {
  const rich = `if (!message.params.arguments.rich) return reply(process.pid);
process.stdout.write('{"jsonrpc":"2.0","id":' + message.id + ',"result":{"content":[],"structuredContent":{"n":[' + '1e999,'.repeat(300_000) + '0]}}}\\n');`;
  const { run, failing } = openPool(makeScriptEntry(rich));
  const pid = Number(await run());
  expect(await failing({ rich: true })).toMatchObject({
    code: 'upstream_too_large',
    told:
      'The server answered with more than is passed on. More than 250,000 numbers of more digits than a double keeps and keys with escapes are not read in ' +
      'one message. Ask it for less.',
  });
  await expect.poll(() => isAlive(pid)).toBe(false);
  expect(Number(await run())).not.toBe(pid);
});

test('T-57: a line of more than 10 MB ends the child and nothing else', async () => {
  const flood = `if (!message.params.arguments.flood) return reply(process.pid);
const chunk = 'x'.repeat(1024 * 1024); for (let n = 0; n < 12; n += 1) if (!process.stdout.write(chunk)) await new Promise((resolve) => process.stdout.once('drain', resolve));`;
  const { run, failing } = openPool(makeScriptEntry(flood));
  const pid = Number(await run());
  expect(await failing({ flood: true })).toMatchObject({ code: 'upstream_too_large' });
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test('T-57: a process that uses more memory than its entry allows is ended with what it started, and its callers read why', async () => {
  const hog = `if (!message.params.arguments.eat) return reply(process.pid + ' ' + child.pid);
child.stdin.write('eat\\n');`;
  const start = `import { spawn } from 'node:child_process';
const eat = "const held = []; process.stdin.once('data', () => setInterval(() => held.push(Buffer.alloc(32 * 1024 * 1024, 1)), 20)); setTimeout(() => process.exit(), 20000)";
const child = spawn(process.execPath, ['-e', eat], { stdio: ['pipe', 'ignore', 'ignore'] });`;
  const entry = { ...makeScriptEntry(hog, start), maxMemoryMb: 300 };
  const { run, failing, pool } = openPool(entry, { memory: new MemoryWatch(50) });
  const [pid = 0, child = 0] = (await run()).split(' ').map(Number);
  const used = await measureMemory(new Set([pid]));
  expect(used.get(pid)).toBeGreaterThan(30);
  expect(await failing({ eat: true })).toMatchObject({
    code: 'upstream_unreachable',
    message: 'The server process was ended: it used more than 300 MB of memory.',
  });
  await expect.poll(() => [pid, child].map(isAlive)).toEqual([false, false]);
  expect(pool.listHealth()).toMatchObject([{ state: 'unreachable', error: expect.stringContaining('300 MB') }]);
});

test('a tool that is slow once does not stop the process that all use', async () => {
  const { pool, server, run } = openPool(makeScriptEntry('if (!message.params.arguments.wait) reply(process.pid)'));
  const pid = await run();
  const stop = new AbortController();
  const conversation = await pool.requireUpstream(server).open(makeClient('a'), never);
  const call = conversation.callTool(makeCall(RUN, { wait: true }, { signal: stop.signal }));
  stop.abort(new CallStopped('upstream_timeout'));
  await expect(call).rejects.toMatchObject({ code: 'upstream_timeout' });
  expect(await run()).toBe(pid);
});

test('the ends of two processes of single clients do not keep the others waiting', async () => {
  const entry = makeScriptEntry('if (message.params.arguments.crash) process.exit(3); reply("ok")');
  const { run, failing } = openPool(entry, {}, 'per_session');
  for (const name of ['a', 'b']) {
    expect(await failing({ crash: true }, name)).toMatchObject({ code: 'upstream_unreachable' });
    expect(await run({}, 'other')).toBe('ok');
  }
});

test('T-74: what a process writes to its standard error goes into the log in bounded lines, and a flood of it is thinned out', async () => {
  const lines: string[] = [];
  const log = pino({}, { write: (line) => void lines.push(line) });
  const noisy = `console.error('started with ' + 'x'.repeat(5000));
for (let n = 0; n < 5000; n += 1) console.error('noise ' + n);`;
  const { run } = openPool(makeScriptEntry('reply("ok")', noisy), { log });
  expect(await run()).toBe('ok');
  await expect.poll(() => lines.length).toBe(200);
  const [first] = lines.map((line): { line: string; server: string } => JSON.parse(line));
  expect(first).toMatchObject({ server: 'orders', line: expect.stringContaining('started with xxx') });
  expect(first?.line).toHaveLength(2_000);
});

test('a command that does not exist is a clear sentence', async () => {
  const entry = makeNodeEntry(makeScriptEntry('').args[0] ?? '');
  const { failing } = openPool({ ...entry, command: '/nonexistent/command' });
  expect(await failing()).toMatchObject({ code: 'guardrail', message: expect.stringContaining('/nonexistent/command') });
});

test('calls of several clients at the same time share one process', async () => {
  const { run } = openPool(makeScriptEntry('await new Promise((resolve) => setImmediate(resolve)); reply(process.pid)'));
  const pids = await Promise.all(Array.from({ length: 20 }, (_, index) => run({}, `client ${index % 4}`)));
  expect(new Set(pids).size).toBe(1);
});

test('a server that leaves the configuration is ended', async () => {
  const { run, publish } = openPool(makeScriptEntry('reply(process.pid)'));
  const pid = Number(await run());
  publish([]);
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test('one process for each client: its own state, its own end, and no more than the entry allows', async () => {
  const entry = {
    ...makeScriptEntry('globalThis.n = (globalThis.n ?? 0) + 1; reply(process.pid + " " + globalThis.n)'),
    maxProcesses: 2,
  };
  const { run, pool } = openPool(entry, {}, 'per_session');
  const [a] = (await run({}, 'a')).split(' ').map(Number);
  expect(await run({}, 'a')).toBe(`${a} 2`);
  const [b] = (await run({}, 'b')).split(' ').map(Number);
  expect(b).not.toBe(a);
  expect(await run({}, 'b')).toBe(`${b} 2`);
  // the longest idle one makes room
  expect(await run({}, 'c')).toMatch(/ 1$/);
  expect([isAlive(a ?? 0), isAlive(b ?? 0)]).toEqual([false, true]);
  pool.endClient('b');
  await expect.poll(() => isAlive(b ?? 0)).toBe(false);
  expect(pool.listHealth()).toMatchObject([{ connections: 1 }]);
});

test('when every process is in use the call is refused with a clear sentence', async () => {
  const entry = { ...makeScriptEntry('if (message.params.arguments.wait) return; reply("ok")'), maxProcesses: 1 };
  const { pool, failing, run, server } = openPool(entry, {}, 'per_session');
  const stop = new AbortController();
  const conversation = await pool.requireUpstream(server).open(makeClient('a'), never);
  const waiting = conversation.callTool(makeCall(RUN, { wait: true }, { signal: stop.signal }));
  await expect
    .poll(() => failing({}, 'b'))
    .toMatchObject({
      message:
        'All 1 processes of the stdio entry "script" are in use. Try again later, or raise maxProcesses in the guardrails.',
    });
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'cancelled' });
  expect(await run({}, 'b')).toBe('ok');
});

test('a process that nobody uses is ended, and started again when it is needed', async () => {
  const { run, pool } = openPool({ ...makeScriptEntry('reply(process.pid)'), idleMinutes: 1 / 60_000 }, { sweepMs: 5 });
  const first = Number(await run());
  await expect.poll(() => isAlive(first)).toBe(false);
  expect(pool.listHealth()).toMatchObject([{ connections: 0, retryAt: null }]);
  expect(Number(await run())).not.toBe(first);
});
