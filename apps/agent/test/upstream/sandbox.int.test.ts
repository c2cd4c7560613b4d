import { chmodSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect, test } from 'vitest';

import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import type { JsonObject } from '@gatehouse/policy/documents/json';
import { makeServer } from '@gatehouse/policy/testing/build';

import type { StdioEntry } from '../../src/config/guardrails/stdio-entry.ts';
import { findChangeable } from '../../src/upstream/stdio/bubblewrap.ts';
import { buildCallFilter } from '../../src/upstream/stdio/call-filter.ts';
import { MemoryWatch } from '../../src/upstream/stdio/memory-watch.ts';
import { StdioEntries } from '../../src/upstream/stdio/stdio-entries.ts';
import { hasBubblewrap } from '../support/bubblewrap.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';
import { makeScriptEntry, withEntries } from '../support/servers/stdio.ts';
import { makeCall, makeClient, never, readAnswerText, startPool, type PoolSetup } from './harness.ts';

const RUN: ToolDefinition = { name: 'run', inputSchema: { type: 'object' } };

function openSandbox(entry: StdioEntry, setup: PoolSetup = {}) {
  const server = makeServer({ transport: { kind: 'stdio', entry: 'script', processes: 'shared' } });
  const guardrails = withEntries({ script: { ...entry, sandbox: 'required' } });
  const { pool } = startPool([server], { guardrails, ...setup });
  const run = async (args: JsonObject = {}) => {
    const conversation = await pool.requireUpstream(server).open(makeClient('a'), never);
    return readAnswerText(await conversation.callTool(makeCall(RUN, args)));
  };
  return { pool, run };
}

const openEntries = (entry: StdioEntry, ownPaths: string[] = []) =>
  StdioEntries.open({ entries: new Map([['script', entry]]), environment: {}, ownPaths });

function writeFile(path: string, text: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

test.runIf(hasBubblewrap)('T-20: in its sandbox a program has the variables and the folders that its entry names', async () => {
  const [home, argument, read, write] = [makeTempDir(), makeTempDir(), makeTempDir(), makeTempDir()];
  const paths = [argument, read, write, home, '/tmp'].map((folder) => writeFile(join(folder, 'note'), 'text'));
  const body = `const fs = await import('node:fs');
const works = (act) => { try { act(); return true; } catch { return false; } };
const paths = ${JSON.stringify(paths)};
reply(JSON.stringify({ env: process.env, cwd: process.cwd(), reads: paths.map((path) => works(() => fs.readFileSync(path))),
  writes: paths.map((path) => works(() => fs.writeFileSync(path, 'changed'))) }));`;
  const entry = makeScriptEntry(body, '', { env: ['GIVEN', 'ABSENT'], read: [read], write: [write] });
  const { run } = openSandbox({ ...entry, args: [...entry.args, argument] }, { environment: { GIVEN: 'yes', SECRET: 'no' } });
  expect(JSON.parse(await run())).toEqual({
    // bubblewrap says where it is
    env: { GIVEN: 'yes', PWD: entry.cwd },
    cwd: entry.cwd,
    reads: [true, true, true, false, false],
    // the last one is its own /tmp
    writes: [false, false, true, false, true],
  });
  expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(['text', 'text', 'changed', 'text', 'text']);
});

test.runIf(hasBubblewrap)(
  'a program in its sandbox is asked to end before it is ended, and takes everything with it',
  async () => {
    const folder = makeTempDir();
    const asked = join(folder, 'asked');
    const start = `import { writeFileSync } from 'node:fs';
process.stdin.on('end', () => setInterval(() => {}, 1000));
process.on('SIGTERM', () => { writeFileSync(${JSON.stringify(asked)}, 'asked'); process.exit(); });`;
    const { run, pool } = openSandbox(makeScriptEntry('reply("ok")', start, { write: [folder] }));
    expect(await run()).toBe('ok');
    await pool.close();
    expect(readFileSync(asked, 'utf8')).toBe('asked');
  },
);

test.runIf(hasBubblewrap)('T-57: the memory of everything in a sandbox counts, whatever session it moved to', async () => {
  const start = `import { spawn } from 'node:child_process';
const eat = "const held = []; setInterval(() => held.push(Buffer.alloc(32 * 1024 * 1024, 1)), 20); setTimeout(() => process.exit(), 20000)";`;
  const body = `if (message.params.arguments.eat) spawn(process.execPath, ['-e', eat], { detached: true, stdio: 'ignore' }).unref(); else reply('ok');`;
  const { run } = openSandbox({ ...makeScriptEntry(body, start), maxMemoryMb: 300 }, { memory: new MemoryWatch(50) });
  expect(await run()).toBe('ok');
  await expect(run({ eat: true })).rejects.toThrow('it used more than 300 MB of memory');
});

test.runIf(hasBubblewrap)('T-60: an entry that would see something of the agent is not started, by whatever way', async () => {
  const home = makeTempDir();
  const state = dirname(writeFile(join(home, 'state/identity.json'), 'key'));
  const link = join(makeTempDir(), 'link');
  symlinkSync(state, link);
  const entry = makeScriptEntry('', '', { sandbox: 'required' });
  const changes: Partial<StdioEntry>[] = [
    { read: [home] },
    { read: [state] },
    { read: [join(state, 'identity.json')] },
    { write: [home] },
    { read: [link] },
    { cwd: home },
    { args: [...entry.args, home] },
    { args: [...entry.args, `--root=${state}`] },
  ];
  for (const change of changes) {
    const entries = await openEntries({ ...entry, ...change }, [state]);
    expect(entries.listRefusals(), JSON.stringify(change)).toEqual([expect.stringContaining("which is the agent's own")]);
    await expect(entries.open('script')).rejects.toThrow("which is the agent's own");
  }
  expect((await openEntries(entry, [state])).listRefusals()).toEqual([]);
});

test.runIf(hasBubblewrap)('a folder that is not there is named', async () => {
  const entry = makeScriptEntry('', '', { sandbox: 'required', write: ['/nonexistent/folder'] });
  await expect((await openEntries(entry)).open('script')).rejects.toThrow('"script": /nonexistent/folder does not exist');
});

test.runIf(hasBubblewrap)(
  'T-60: what an entry would see is looked at whenever it is started: a folder may have become a link',
  async () => {
    const state = dirname(writeFile(join(makeTempDir(), 'state/identity.json'), 'key'));
    const folder = join(makeTempDir(), 'folder');
    mkdirSync(folder);
    const entries = await openEntries(makeScriptEntry('', '', { sandbox: 'required', read: [folder] }), [state]);
    await entries.open('script');
    rmSync(folder, { recursive: true });
    symlinkSync(state, folder);
    await expect(entries.open('script')).rejects.toThrow("which is the agent's own");
  },
);

test('T-60: without bubblewrap nothing is started that does not say so, as the agent itself or as a user who has its network', async () => {
  const find = async () => ({ problem: 'bubblewrap is not installed.' });
  const openWithout = (change: Partial<StdioEntry>) => {
    const { sandbox: _none, ...entry } = makeScriptEntry('', '');
    return StdioEntries.open({ entries: new Map([['script', { ...entry, ...change }]]), environment: {}, ownPaths: [], find });
  };
  const refused: Partial<StdioEntry>[] = [
    {},
    { sandbox: 'required' },
    { network: true },
    { sandbox: 'required', user: 'nobody' },
  ];
  for (const change of refused) {
    const entries = await openWithout(change);
    const reason = 'is not started without a sandbox. bubblewrap is not installed.';
    expect(entries.listRefusals(), JSON.stringify(change)).toEqual([expect.stringContaining(reason)]);
    expect(entries.explain(makeServer({ transport: { kind: 'stdio', entry: 'script', processes: 'shared' } }))).toContain(reason);
    await expect(entries.open('script')).rejects.toThrow(reason);
  }
  const bare = await (await openWithout({ sandbox: 'none' })).open('script');
  expect(bare.launch).toMatchObject({ sandboxed: false, user: null, filter: null });
});

test('T-60: what no namespace parts is kept from a program where the calls of the machine are known', () => {
  for (const architecture of ['x64', 'arm64'] as const) expect(buildCallFilter(architecture)?.length).toBeGreaterThan(100);
  expect(buildCallFilter('riscv64')).toBeNull();
});

test('T-60: a program for the sandbox that others than root could change is not used', () => {
  const program = writeFile(join(makeTempDir(), 'bwrap'), '');
  for (const mode of [0o775, 0o757]) {
    chmodSync(program, mode);
    expect(findChangeable(program)).toBe(program);
  }
  chmodSync(program, 0o755);
  // the folder of a test is not root's alone
  expect(findChangeable(program)).not.toBeNull();
  expect(findChangeable('/usr/bin')).toBeNull();
});
