import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readdirSync,
  mkdtempSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { expect, test } from 'vitest';

import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { makeServer } from '@gatehouse/policy/testing/build';

import { findWayToChange, type FileUser } from '../../src/config/guardrails/guarded-path.ts';
import { checkServer, GuardrailsError, loadGuardrails } from '../../src/config/guardrails/guardrails.ts';
import { matchesHost } from '../../src/config/guardrails/host-pattern.ts';
import { listEntryProblems, openStdioEntry, StdioEntryRefused } from '../../src/config/guardrails/stdio-entry.ts';
import { STRICT, TestSite } from '../support/control-plane/site.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';
import { STRANGER, strangerRuns } from '../support/stranger.ts';

const hashHex = (text: string) => createHash('sha256').update(text).digest('hex');

function writeGuardrails(text: string, mode = 0o444): string {
  const path = join(makeTempDir(), 'guardrails.yaml');
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

/** A program with one script, and a guardrails file that names both by hash. */
function writeEntry(change: { script?: string; args?: string[]; env?: string[] } = {}) {
  const dir = makeTempDir();
  const command = join(dir, 'run');
  const script = join(dir, 'server.js');
  writeFileSync(command, '#!/bin/sh\n');
  writeFileSync(script, 'serve()');
  const entry = {
    command,
    args: change.args ?? [script, '--port', '1'],
    cwd: dir,
    env: change.env ?? ['HOME'],
    sha256: { [command]: hashHex('#!/bin/sh\n'), [script]: hashHex('serve()') },
  };
  return { dir, command, script, path: writeGuardrails(JSON.stringify({ stdio: { files: entry } })) };
}

test('without a file nothing private and no stdio entry is allowed, and marked values may leave', async () => {
  expect(await loadGuardrails(join(makeTempDir(), 'guardrails.yaml'), null)).toEqual(STRICT);
});

/** Somebody else than the one who runs the test. */
const OTHER: FileUser = { uid: (process.geteuid?.() ?? 0) + 4_711, gids: [4_711] };
const SELF: FileUser = { uid: process.geteuid?.() ?? 0, gids: [] };

test('T-20: guardrails that the agent could change are refused: by its own file, folder, link, or as root', async () => {
  const change = (path: string, user = OTHER) => findWayToChange(path, user);
  const path = writeGuardrails('{}');
  expect(change(path)).toBeNull();
  expect((await loadGuardrails(path, OTHER)).path).toBe(path);
  for (const mode of [0o446, 0o666, 0o777]) {
    chmodSync(path, mode);
    expect(change(path), mode.toString(8)).toBe(`${path} is writable by this agent. Take that away: chmod go-w ${path}`);
  }
  chmodSync(path, 0o464);
  expect(change(path)).toBeNull();
  expect(change(path, { ...OTHER, gids: [statSync(path).gid] })).toMatch(/chmod go-w/);
  chmodSync(path, 0o444);

  const folder = dirname(path);
  chmodSync(folder, 0o777);
  expect(change(path)).toBe(`${folder} is writable by this agent. Take that away: chmod go-w ${folder}`);
  // as in /tmp: only the owner of the file could replace it
  chmodSync(folder, 0o1777);
  expect(change(path)).toBeNull();

  const open = join(makeTempDir(), 'open');
  mkdirSync(open);
  chmodSync(open, 0o777);
  const link = join(open, 'guardrails.yaml');
  symlinkSync(path, link);
  expect(change(link)).toContain(`${open} is writable`);
  const loop = join(open, 'loop');
  symlinkSync(loop, loop);
  await expect(loadGuardrails(loop, OTHER)).rejects.toThrow(/ELOOP/);

  expect(change(writeGuardrails('{}'), SELF)).toMatch(SELF.uid === 0 ? /runs as root/ : /belongs to the agent's own user/);
  expect(change(path, { uid: 0, gids: [] })).toMatch(/runs as root/);
  await expect(loadGuardrails(path, SELF)).rejects.toThrow(/GATEHOUSE_ALLOW_OWN_GUARDRAILS=true/);
  expect((await loadGuardrails(path, null)).path).toBe(path);
});

test('T-55: a path in a command that people are told to run is one word of it, whatever it is called', () => {
  const above = makeTempDir();
  const folder = join(above, "it's $(touch made); touch `echo made`");
  mkdirSync(folder);
  const path = join(folder, 'guardrails.yaml');
  writeFileSync(path, '{}', { mode: 0o444 });
  chmodSync(folder, 0o777);
  const [, command = ''] = /Take that away: (.*)$/s.exec(findWayToChange(path, OTHER) ?? '') ?? [];
  execFileSync('/bin/sh', ['-c', command], { cwd: above });
  expect(statSync(folder).mode & 0o777).toBe(0o755);
  expect(readdirSync(above)).toHaveLength(1);
});

test.skipIf(process.geteuid?.() !== 0)('T-20: the agent user may neither own the file nor a folder above it', async () => {
  const path = writeGuardrails('{}');
  for (const owned of [dirname(path), path]) {
    chownSync(owned, OTHER.uid, OTHER.uid);
    expect(findWayToChange(path, OTHER)).toBe(
      `${owned} belongs to the agent's own user. Give it to another owner: chown root ${owned}`,
    );
    chmodSync(owned, 0o555);
    expect(findWayToChange(path, OTHER), 'the owner could change the mode back').not.toBeNull();
    chownSync(owned, 0, 0);
  }
});

/** Whether an access control list can be set here; `npm test` installs the program where it can. */
const probe = mkdtempSync(join(tmpdir(), 'gatehouse-acl-'));
const hasAccessLists = spawnSync('setfacl', ['-m', `u:${STRANGER}:r`, probe]).status === 0;
rmdirSync(probe);
if (!hasAccessLists) process.stdout.write('SKIPPED, because setfacl does not work here: guardrails under access control lists\n');

/** What a process of another user finds, which alone the system tells what an access control list lets that user do. */
function findAsStranger(path: string): string | null {
  const source = JSON.stringify(new URL('../../src/config/guardrails/guarded-path.ts', import.meta.url).href);
  const script = `const { findWayToChange, readFileUser } = await import(${source});
    console.log(JSON.stringify(findWayToChange(${JSON.stringify(path)}, readFileUser())));`;
  const user = { uid: STRANGER, gid: STRANGER, cwd: '/' };
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { ...user, encoding: 'utf8' }));
}

test.runIf(hasAccessLists && strangerRuns)('T-20, by access control lists: one that lets the agent user write is found', () => {
  const path = writeGuardrails('{}', 0o644);
  const folder = dirname(path);
  chmodSync(folder, 0o755);
  expect(findAsStranger(path)).toBeNull();
  for (const [listed, rights] of [
    [path, 'rw'],
    [folder, 'rwx'],
  ] as const) {
    execFileSync('setfacl', ['-m', `u:${STRANGER}:${rights}`, listed]);
    expect(findAsStranger(path)).toBe(`${listed} is writable by this agent. Take that away: setfacl --remove-all ${listed}`);
    execFileSync('setfacl', ['--remove-all', listed]);
  }
});

test('every part of the file is read strictly; problems are named together', async () => {
  const text =
    'stdio: {}\nhttp: { hosts: [api.example], privateHosts: ["127.0.0.1:3030", "*.corp.example"] }\naudit: { detail: shape }\n';
  expect(await loadGuardrails(writeGuardrails(text), null)).toMatchObject({
    http: { hosts: ['api.example'], privateHosts: ['127.0.0.1:3030', '*.corp.example'] },
    audit: { detail: 'shape' },
    credentials: new Map(),
  });
  const wrong = 'http: { hosts: ["https://api.example"], ports: [1] }\naudit: { detail: everything }\nallow_all: true\n';
  await expect(loadGuardrails(writeGuardrails(wrong), null)).rejects.toThrow(/hosts.*detail.*allow_all/s);
  await expect(loadGuardrails(writeGuardrails('a: ['), null)).rejects.toThrow(GuardrailsError);
});

test('a program that is a link to itself is told of, and nothing is thrown', async () => {
  const { path, command } = writeEntry();
  const entry = (await loadGuardrails(path, null)).stdio.get('files');
  unlinkSync(command);
  symlinkSync(command, command);
  const problems = entry && (await listEntryProblems('files', entry));
  expect(problems).toEqual([`stdio entry "files": ${command} does not exist. Put it there, or name another path.`]);
});

test('hosts match by exact name, port and parent domain only', () => {
  const patterns = ['api.example', '127.0.0.1:3030', '*.corp.example', '[::1]:8080'];
  const matches = (url: string) => matchesHost(patterns, new URL(url));
  for (const url of [
    'https://api.example/x',
    'https://API.example.:444/',
    'http://127.0.0.1:3030/',
    'https://a.b.corp.example/',
    'http://[::1]:8080/',
  ]) {
    expect(matches(url), url).toBe(true);
  }
  for (const url of [
    'https://evil-api.example/',
    'https://api.example.evil.test/',
    'http://127.0.0.1:3031/',
    'https://corp.example/',
    'https://xcorp.example/',
    'http://[::1]/',
  ]) {
    expect(matches(url), url).toBe(false);
  }
});

test('a server is reached over https unless its host is named, and only when hosts allows it', () => {
  const at = (url: string) => makeServer({ transport: { kind: 'http', url, credential: null } });
  expect(checkServer(STRICT, at('https://orders.example/mcp'))).toEqual([]);
  expect(checkServer(STRICT, at('http://orders.example/mcp'))).toHaveLength(1);
  expect(checkServer(STRICT, at('https://user:pw@orders.example/mcp'))).toHaveLength(1);
  const local = { ...STRICT, http: { hosts: ['api.example'], privateHosts: ['127.0.0.1:3030'] } };
  expect(checkServer(local, at('http://127.0.0.1:3030/mcp'))).toEqual([]);
  expect(checkServer(local, at('https://orders.example/mcp'))).toHaveLength(1);
});

test('T-20: pushed commands cannot be expressed, and an entry that is not named is refused', async () => {
  const site = new TestSite();
  const { path } = writeEntry();
  const guardrails = await loadGuardrails(path, null);
  const { applier, current } = site.startAgent(makeTempDir(), { guardrails });
  const named = makeServer({ slug: 'files', transport: { kind: 'stdio', entry: 'files', processes: 'shared' } });
  expect(await applier.apply(site.push(site.makeSnapshot(1, { servers: [named] })))).toMatchObject({ status: 'applied' });

  for (const entry of ['other', 'constructor', '__proto__']) {
    await expect(openStdioEntry(guardrails.stdio, entry)).rejects.toThrow(StdioEntryRefused);
  }
  const hostile = [
    { kind: 'stdio', entry: 'sh -c id' },
    { kind: 'stdio', entry: '../files' },
    { kind: 'stdio', entry: '/bin/sh' },
    { kind: 'stdio', command: 'npx', args: ['-y', 'evil'] },
  ];
  for (const transport of hostile) {
    const snapshot = {
      ...site.makeSnapshot(2),
      content: { ...site.makeSnapshot(2).content, servers: [{ ...named, transport }] },
    };
    const push = {
      ...site.push(site.makeSnapshot(2)),
      envelope: site.root.sign('application/vnd.gatehouse.snapshot+json', snapshot),
    };
    expect(await applier.apply(push)).toMatchObject({ status: 'rejected', appliedVersion: 1, error: { code: 'malformed' } });
  }
  const extra = { kind: 'stdio', entry: 'files', args: ['--eval', 'evil()'], env: { LD_PRELOAD: '/tmp/x.so' } };
  const content = { ...site.makeSnapshot(3).content, servers: [{ ...named, transport: extra }] };
  const sneaky = { ...site.makeSnapshot(3), content, contentHash: hashContent(content) };
  const push = {
    ...site.push(site.makeSnapshot(3)),
    contentHash: sneaky.contentHash,
    envelope: site.root.sign('application/vnd.gatehouse.snapshot+json', sneaky),
  };
  expect(await applier.apply(push)).toMatchObject({ status: 'applied' });
  const applied = current.get()?.compiled.serversById.get(named.id);
  expect(applied?.transport).toEqual({ kind: 'stdio', entry: 'files', processes: 'shared' });
  expect(await openStdioEntry(guardrails.stdio, 'files')).toEqual(guardrails.stdio.get('files'));
});

test('T-20: a changed command or file argument is refused when it is to be started', async () => {
  for (const which of ['command', 'script'] as const) {
    const planted = writeEntry();
    const guardrails = await loadGuardrails(planted.path, null);
    expect((await openStdioEntry(guardrails.stdio, 'files')).command).toBe(planted.command);
    writeFileSync(planted[which], 'evil()');
    await expect(openStdioEntry(guardrails.stdio, 'files')).rejects.toThrow(/has changed/);
    unlinkSync(planted[which]);
    await expect(openStdioEntry(guardrails.stdio, 'files')).rejects.toThrow(StdioEntryRefused);
  }
});

test('T-20: a symbolic link is refused, even one to the allowed file', async () => {
  const planted = writeEntry();
  const guardrails = await loadGuardrails(planted.path, null);
  const real = join(planted.dir, 'elsewhere');
  renameSync(planted.command, real);
  symlinkSync(real, planted.command);
  await expect(openStdioEntry(guardrails.stdio, 'files')).rejects.toThrow(/symbolic link/);
});

test('T-20: a file argument that appeared after the guardrails were written needs a hash too', async () => {
  const planted = writeEntry({ args: ['plugin.js'] });
  const guardrails = await loadGuardrails(planted.path, null);
  await openStdioEntry(guardrails.stdio, 'files');
  writeFileSync(join(planted.dir, 'plugin.js'), 'evil()');
  await expect(openStdioEntry(guardrails.stdio, 'files')).rejects.toThrow(/no sha256/);
});

test('T-20: an entry names every file by hash, absolute paths, one-line arguments and harmless variables', async () => {
  const dir = makeTempDir();
  const script = join(dir, 'server.js');
  writeFileSync(script, '');
  mkdirSync(join(dir, 'data'));
  const hash = hashHex('');
  const good = { command: script, args: [join(dir, 'data'), '--verbose'], cwd: dir, env: ['HOME'], sha256: { [script]: hash } };
  const load = (change: object) =>
    loadGuardrails(writeGuardrails(JSON.stringify({ stdio: { files: { ...good, ...change } } })), null);
  expect((await load({})).stdio.get('files')?.args).toEqual(good.args);
  const limits = { maxProcesses: 4, maxMemoryMb: 512, idleMinutes: 5 };
  expect((await load(limits)).stdio.get('files')).toMatchObject(limits);
  const refused = [
    { maxProcesses: 0 },
    { maxMemoryMb: 0.5 },
    { idleMinutes: -1 },
    { command: 'node' },
    { command: './server.js' },
    { cwd: 'data' },
    { args: ['a\nb'] },
    { args: [`--import=${script}`], sha256: {} },
    { args: ['server.js'], command: join(dir, 'other'), sha256: { [join(dir, 'other')]: hash } },
    { env: ['LD_PRELOAD'] },
    { env: ['NODE_OPTIONS'] },
    { env: ['GATEHOUSE_ENROLL_TOKEN'] },
    { env: ['PATH=x'] },
    { sha256: {} },
    { sha256: { [script]: 'abc' } },
    { shell: true },
  ];
  for (const change of refused) await expect(load(change), JSON.stringify(change)).rejects.toThrow(GuardrailsError);
});
