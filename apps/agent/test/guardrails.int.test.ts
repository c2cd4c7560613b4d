import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, renameSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { hashContent } from '@gatehouse/policy/documents/canonical';
import { makeServer } from '@gatehouse/policy/testing/build';

import { checkServer, GuardrailsError, loadGuardrails, matchesHost } from '../src/config/guardrails.ts';
import { openStdioEntry, StdioEntryRefused } from '../src/config/stdio-entry.ts';
import { STRICT, TestSite } from './support/control-plane/site.ts';
import { makeTempDir } from './support/disk/temp-dir.ts';

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

test('without a file nothing private and no stdio entry is allowed, and marked values may leave', () => {
  expect(loadGuardrails(join(makeTempDir(), 'guardrails.yaml'))).toEqual(STRICT);
});

test('a file that this process could write is refused', () => {
  for (const mode of [0o644, 0o464, 0o446, 0o666]) {
    const path = writeGuardrails('{}', mode);
    if (mode === 0o464 && process.geteuid?.() !== 0) continue;
    expect(() => loadGuardrails(path), mode.toString(8)).toThrow(/writable by this agent/);
  }
  expect(loadGuardrails(writeGuardrails('{}')).path).not.toBeNull();
});

test('every part of the file is read strictly; problems are named together', () => {
  const text =
    'stdio: {}\nhttp: { hosts: [api.example], privateHosts: ["127.0.0.1:3030", "*.corp.example"] }\naudit: { detail: shape }\n';
  expect(loadGuardrails(writeGuardrails(text))).toMatchObject({
    http: { hosts: ['api.example'], privateHosts: ['127.0.0.1:3030', '*.corp.example'] },
    audit: { detail: 'shape' },
    credentials: null,
  });
  const wrong = 'http: { hosts: ["https://api.example"], ports: [1] }\naudit: { detail: everything }\nallow_all: true\n';
  expect(() => loadGuardrails(writeGuardrails(wrong))).toThrow(/hosts.*detail.*allow_all|allow_all.*/s);
  expect(() => loadGuardrails(writeGuardrails('a: [')).path).toThrow(GuardrailsError);
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
  const guardrails = loadGuardrails(path);
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
  expect(current.get()?.snapshot.content.servers[0]?.transport).toEqual({ kind: 'stdio', entry: 'files', processes: 'shared' });
  expect(await openStdioEntry(guardrails.stdio, 'files')).toEqual(guardrails.stdio.get('files'));
});

test('T-20: a changed command or file argument is refused when it is to be started', async () => {
  for (const which of ['command', 'script'] as const) {
    const planted = writeEntry();
    const guardrails = loadGuardrails(planted.path);
    expect((await openStdioEntry(guardrails.stdio, 'files')).command).toBe(planted.command);
    writeFileSync(planted[which], 'evil()');
    await expect(openStdioEntry(guardrails.stdio, 'files')).rejects.toThrow(/has changed/);
    unlinkSync(planted[which]);
    await expect(openStdioEntry(guardrails.stdio, 'files')).rejects.toThrow(StdioEntryRefused);
  }
});

test('T-20: a symbolic link is refused, even one to the allowed file', async () => {
  const planted = writeEntry();
  const guardrails = loadGuardrails(planted.path);
  const real = join(planted.dir, 'elsewhere');
  renameSync(planted.command, real);
  symlinkSync(real, planted.command);
  await expect(openStdioEntry(guardrails.stdio, 'files')).rejects.toThrow(/symbolic link/);
});

test('T-20: a file argument that appeared after the guardrails were written needs a hash too', async () => {
  const planted = writeEntry({ args: ['plugin.js'] });
  const guardrails = loadGuardrails(planted.path);
  await openStdioEntry(guardrails.stdio, 'files');
  writeFileSync(join(planted.dir, 'plugin.js'), 'evil()');
  await expect(openStdioEntry(guardrails.stdio, 'files')).rejects.toThrow(/no sha256/);
});

test('T-20: an entry names every file by hash, absolute paths, one-line arguments and harmless variables', () => {
  const dir = makeTempDir();
  const script = join(dir, 'server.js');
  writeFileSync(script, '');
  mkdirSync(join(dir, 'data'));
  const hash = hashHex('');
  const good = { command: script, args: [join(dir, 'data'), '--verbose'], cwd: dir, env: ['HOME'], sha256: { [script]: hash } };
  const load = (change: object) => loadGuardrails(writeGuardrails(JSON.stringify({ stdio: { files: { ...good, ...change } } })));
  expect(load({}).stdio.get('files')?.args).toEqual(good.args);
  const limits = { maxProcesses: 4, maxMemoryMb: 512, idleMinutes: 5 };
  expect(load(limits).stdio.get('files')).toMatchObject(limits);
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
  for (const change of refused) expect(() => load(change), JSON.stringify(change)).toThrow(GuardrailsError);
});
