import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { join } from 'node:path';

import { afterEach, expect, onTestFinished, test } from 'vitest';

import { encodeJoinToken } from '@gatehouse/protocol/enrolment';
import { startFakeHub, type FakeHub } from '@gatehouse/protocol/testing/fake-hub';
import { TestKey } from '@gatehouse/protocol/testing/test-key';

import { enrolAgent, type EnrolOptions } from '../src/enrolment/enrol.ts';
import { takeOwnEpoch } from '../src/link/open-link.ts';
import { readIdentity, writeIdentity } from '../src/state/identity.ts';
import { lockStateDir } from '../src/state/lock.ts';
import { openSiteKey } from '../src/state/site-key.ts';
import { openStateDir, StateDirError } from '../src/state/state-dir.ts';
import { makeDiskError, FailingDisk } from './support/disk/failing-disk.ts';
import { makeTempDir } from './support/disk/temp-dir.ts';

const hubs: FakeHub[] = [];
afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.close()));
});
async function startHub(): Promise<FakeHub> {
  const hub = await startFakeHub();
  hubs.push(hub);
  return hub;
}

function enrol(token: string, change: Partial<EnrolOptions> = {}) {
  return enrolAgent({
    token,
    network: { caFile: null, proxyEnvironment: {} },
    facts: { agentVersion: '0.1.0', hostname: 'machine', platform: 'linux x64' },
    now: () => new Date(),
    ...change,
  });
}

test('enrolment stores what the hub answered, with a key made here, readable by the owner only', async () => {
  const hub = await startHub();
  const path = join(makeTempDir(), 'state');
  const dir = openStateDir(path);
  const identity = await enrol(hub.createJoinToken('helsinki-01'));
  await writeIdentity(dir, identity);

  expect(readIdentity(dir)).toEqual(identity);
  expect(identity).toMatchObject({ agentName: 'helsinki-01', hub: hub.url, ...hub.place, rootKeyId: hub.root.keyId });
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(statSync(dir.identity).mode & 0o777).toBe(0o600);
  expect(hub.getWireText()).not.toContain(identity.privateKey);
});

test('T-01: a used token and a token nobody made get the same words', async () => {
  const hub = await startHub();
  const token = hub.createJoinToken();
  await enrol(token);
  const unknown = encodeJoinToken({ hub: hub.url, rootHash: hub.root.hash, secret: 'x'.repeat(43) });
  const refusals = await Promise.all([token, unknown].map((text) => enrol(text).catch((error: unknown) => String(error))));
  expect(refusals[0]).toMatch(/expired, was used already or was revoked/);
  expect(refusals[1]).toBe(refusals[0]);
});

test('T-02: a hub that shows another root gets no secret', async () => {
  const hub = await startHub();
  hub.enrolment.shownRoot = new TestKey();
  const token = hub.createJoinToken();
  await expect(enrol(token)).rejects.toMatchObject({ code: 'wrong_root', message: expect.stringContaining('was not sent') });
  const { secret } = JSON.parse(Buffer.from(token.slice('agt_enroll_'.length), 'base64url').toString('utf8'));
  expect(hub.enrolment.requests).toEqual([]);
  expect(hub.getWireText()).not.toContain(secret);
  expect(hub.getWireText()).toContain('tokenHash');
});

test('T-02: an unencrypted hub that is not this machine is never dialled', async () => {
  for (const hub of ['ws://hub.example', 'ws://127.0.0.1.evil.example:1', 'ws://10.0.0.1:3001']) {
    const token = encodeJoinToken({ hub, rootHash: 'a'.repeat(64), secret: 'x'.repeat(43) });
    await expect(enrol(token)).rejects.toMatchObject({ message: expect.stringContaining('not encrypted') });
  }
});

test('every refusal is one line that says what to do', async () => {
  const hub = await startHub();
  const ahead = enrol(hub.createJoinToken(), { now: () => new Date(Date.now() + 7 * 60_000) });
  await expect(ahead).rejects.toThrow(/7 min ahead.*the token was not used/);
  expect(hub.enrolment.requests).toEqual([]);
  await expect(enrol('agt_enroll_nonsense')).rejects.toThrow(/not a join token/);
  for (const code of ['version_too_old', 'rate_limited', 'unavailable', 'clock_skew'] as const) {
    hub.enrolment.refuse('enrol', code);
    const error = await enrol(hub.createJoinToken()).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(String(error)).not.toContain('\n');
  }
  const token = hub.createJoinToken();
  await hub.close();
  await expect(enrol(token)).rejects.toThrow(/cannot be reached \(ECONNREFUSED\)/);
});

test('something that is no hub is told from a refusal', async () => {
  const server = http.createServer((_request, response) => response.end('<html>'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const token = encodeJoinToken({ hub: `ws://127.0.0.1:${port}`, rootHash: 'a'.repeat(64), secret: 'x'.repeat(43) });
  await expect(enrol(token)).rejects.toThrow(/not a Gatehouse hub/);
});

test('a remote hub is dialled through the proxy of the environment, with its password, and TLS is verified', async () => {
  const asked: string[] = [];
  const proxy = http.createServer();
  const plain = http.createServer((_request, response) => response.end());
  await once(plain.listen(0, '127.0.0.1'), 'listening');
  proxy.on('connect', (request, socket) => {
    asked.push(`${request.url} ${request.headers['proxy-authorization']}`);
    const upstream = connect((plain.address() as AddressInfo).port, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  await once(proxy.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => {
    proxy.closeAllConnections();
    proxy.close();
    plain.closeAllConnections();
    plain.close();
  });
  const { port } = proxy.address() as AddressInfo;
  const token = encodeJoinToken({ hub: 'wss://hub.example', rootHash: 'a'.repeat(64), secret: 'x'.repeat(43) });
  const network = { caFile: null, proxyEnvironment: { HTTPS_PROXY: `http://me:pw@127.0.0.1:${port}` } };
  await expect(enrol(token, { network })).rejects.toMatchObject({ code: 'unreachable' });
  expect(asked).toEqual([`hub.example:443 Basic ${Buffer.from('me:pw').toString('base64')}`]);
});

test('T-03: an epoch is on disk before it is used, and never given twice', async () => {
  const path = makeTempDir();
  const disk = new FailingDisk();
  const dir = openStateDir(path, disk);
  const lock = lockStateDir(dir);
  expect(await takeOwnEpoch(dir, lock)).toBe(1);
  expect(readFileSync(dir.epoch, 'utf8')).toBe('1');
  disk.fail = (step) => (step === 'sync' ? makeDiskError('ENOSPC') : null);
  await expect(takeOwnEpoch(dir, lock)).rejects.toThrow(`The disk of ${path} is full.`);
  disk.fail = () => null;
  expect(await takeOwnEpoch(openStateDir(path), lock)).toBe(2);
  for (const damaged of ['x', '', ' ', '-1']) {
    writeFileSync(dir.epoch, damaged);
    await expect(takeOwnEpoch(dir, lock), damaged).rejects.toThrow(StateDirError);
  }
  lock.release();
  await expect(takeOwnEpoch(dir, lock)).rejects.toThrow(`Another agent has taken ${path}.`);
});

test('the site key is made once, kept, and can come from another agent of the site', async () => {
  const dir = openStateDir(makeTempDir());
  const made = await openSiteKey(dir, null);
  const again = await openSiteKey(dir, null);
  expect([again.id, again.key.equals(made.key)]).toEqual([made.id, true]);
  expect(statSync(dir.siteKey).mode & 0o777).toBe(0o600);
  const shared = await openSiteKey(openStateDir(makeTempDir()), dir.siteKey);
  expect([shared.id, shared.key.equals(made.key)]).toEqual([made.id, true]);
  expect(made.key.export().toString('hex')).not.toContain(made.id);
  await expect(openSiteKey(dir, join(dir.path, 'absent'))).rejects.toThrow(/does not exist/);
  writeFileSync(dir.siteKey, 'short');
  await expect(openSiteKey(dir, null)).rejects.toThrow(StateDirError);
});

test('the state directory has one agent at a time', () => {
  const dir = openStateDir(makeTempDir());
  const lock = lockStateDir(dir);
  expect(() => lockStateDir(dir)).toThrow(/Another agent \(process \d+\)/);
  expect(lock.isHeld()).toBe(true);
  lock.release();
  const next = lockStateDir(dir);
  expect(lock.isHeld()).toBe(false);
  lock.release();
  expect(next.isHeld()).toBe(true);
});

test('the lock of a process that is gone, or whose pid lives on as another process, is taken over', async () => {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  const holder = { started: 'boot:1', token: '3b241101-e2bb-4255-8caf-4136c566a962' };
  const left = [child.pid, process.pid].map((pid) => JSON.stringify({ ...holder, pid }));
  for (const text of [...left, 'garbage']) {
    const dir = openStateDir(makeTempDir());
    writeFileSync(dir.lock, text);
    const first = lockStateDir(dir);
    expect(first.isHeld()).toBe(true);
    expect(() => lockStateDir(dir)).toThrow(StateDirError);
    first.release();
    expect(lockStateDir(dir).isHeld()).toBe(true);
  }
});

test('a directory that cannot be used says so in one line', () => {
  const file = join(makeTempDir(), 'file');
  writeFileSync(file, '');
  expect(() => openStateDir(file)).toThrow(/is not a directory/);
  const loose = join(makeTempDir(), 'loose');
  mkdirSync(loose, { mode: 0o755 });
  openStateDir(loose);
  expect(statSync(loose).mode & 0o777).toBe(0o700);
});

test('of many agents that start at once over a stale lock exactly one gets the directory', async () => {
  const dir = openStateDir(makeTempDir());
  const lockModule = join(import.meta.dirname, '..', 'src', 'state', 'lock.ts');
  const stateModule = join(import.meta.dirname, '..', 'src', 'state', 'state-dir.ts');
  const script = `
    const { lockStateDir } = await import(${JSON.stringify(lockModule)});
    const { openStateDir } = await import(${JSON.stringify(stateModule)});
    process.stdin.once('data', () => {
      try {
        lockStateDir(openStateDir(${JSON.stringify(dir.path)}));
        process.stdout.write('got it');
      } catch (error) {
        process.stdout.write(error.name);
      }
    });
    process.stdin.once('end', () => process.exit());
    process.stdout.write('ready ');
  `;
  const children = Array.from({ length: 6 }, () => spawn(process.execPath, ['--input-type=module', '-e', script]));
  onTestFinished(() => children.forEach((child) => child.kill('SIGKILL')));
  const words = children.map((child) => {
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
    return { child, readText: () => text, waitForOutput: (pattern: RegExp) => waitForMatch(child.stdout, () => text, pattern) };
  });
  await Promise.all(words.map((word) => word.waitForOutput(/ready/)));
  writeFileSync(dir.lock, JSON.stringify({ pid: 2 ** 22 + 1, started: 'boot:1', token: '3b241101-e2bb-4255-8caf-4136c566a962' }));
  for (const { child } of words) child.stdin.write('go');
  await Promise.all(words.map((word) => word.waitForOutput(/got it|StateDirError/)));
  expect(words.filter((word) => word.readText().includes('got it'))).toHaveLength(1);
});

async function waitForMatch(stream: NodeJS.ReadableStream, text: () => string, pattern: RegExp): Promise<void> {
  while (!pattern.test(text())) await once(stream, 'data');
}
