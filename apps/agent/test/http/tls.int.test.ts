import { chmodSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, type TLSSocket } from 'node:tls';

import pino from 'pino';
import { expect, onTestFinished, test } from 'vitest';

import { listenHttp, LISTEN_LIMITS } from '../../src/http/listener.ts';
import { readTlsPair, TlsFilesError, type TlsFiles } from '../../src/http/tls-files.ts';
import { sendRaw, parseStatus } from '../support/clients/raw-client.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';
import { Authority, makeSelfSigned, writePair } from '../support/network/certificates.ts';

const authority = await Authority.create();
const first = await authority.issue({ names: ['localhost', 'first.test'] });
const second = await authority.issue({ names: ['localhost', 'second.test'] });
const NAMES = { names: ['localhost'] };

async function listen(files: TlsFiles, now = () => new Date()) {
  const logged: string[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });
  const limits = { ...LISTEN_LIMITS, sweepMs: 10 };
  const listener = await listenHttp({ host: '127.0.0.1', port: 0, tls: files, limits, log, now });
  listener.serve((_request, response) => void response.end('served'));
  onTestFinished(() => listener.close());
  return { listener, logged, url: `https://127.0.0.1:${listener.port}` };
}

async function connectTls(
  url: string,
  options: { maxVersion?: 'TLSv1.1' | 'TLSv1.2'; minVersion?: 'TLSv1' } = {},
): Promise<TLSSocket> {
  const { port } = new URL(url);
  // an old protocol is only spoken at OpenSSL's lowest security level: it must be the server that refuses
  const ciphers = options.maxVersion === 'TLSv1.1' ? 'DEFAULT:@SECLEVEL=0' : undefined;
  const socket = connect({
    host: '127.0.0.1',
    port: Number(port),
    servername: 'localhost',
    ca: authority.pem,
    ciphers,
    ...options,
  });
  onTestFinished(() => void socket.destroy());
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve);
    socket.once('error', reject);
  });
  return socket;
}

const readServedName = async (url: string) => {
  const socket = await connectTls(url);
  const names = socket.getPeerCertificate().subjectaltname;
  socket.destroy();
  return names;
};

test('serves over TLS 1.2 and newer, and nothing older', async () => {
  const { url } = await listen(writePair(first));
  expect((await connectTls(url)).getProtocol()).toBe('TLSv1.3');
  expect((await connectTls(url, { maxVersion: 'TLSv1.2' })).getProtocol()).toBe('TLSv1.2');
  await expect(connectTls(url, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1' })).rejects.toThrow(/alert|version/i);
  const request = 'GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n';
  expect(parseStatus(await sendRaw(url, request, authority.pem))).toBe(200);
});

test('a connection that is open keeps its certificate; the next one gets the new one', async () => {
  const directory = makeTempDir();
  const files = writePair(first, directory);
  const { url, listener } = await listen(files);
  const open = await connectTls(url);
  const fresh = writePair(second, join(directory, makeFolder(directory, 'fresh')));
  renameSync(fresh.certFile, files.certFile);
  renameSync(fresh.keyFile, files.keyFile);
  await expect.poll(() => readServedName(url)).toContain('second.test');
  const answered = new Promise<string>((resolve) => open.once('data', (data) => resolve(data.toString())));
  open.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n');
  expect(await answered).toContain('200 OK');
  expect(listener.getTls()).toMatchObject({ error: null });
});

test('a volume whose link is swapped as Kubernetes does is noticed', async () => {
  const volume = makeTempDir();
  writePair(first, join(volume, makeFolder(volume, '..1')));
  symlinkSync('..1', join(volume, '..data'));
  for (const name of ['tls.crt', 'tls.key']) symlinkSync(join('..data', name), join(volume, name));
  const { url } = await listen({ certFile: join(volume, 'tls.crt'), keyFile: join(volume, 'tls.key') });
  expect(await readServedName(url)).toContain('first.test');
  writePair(second, join(volume, makeFolder(volume, '..2')));
  symlinkSync('..2', join(volume, '..next'));
  renameSync(join(volume, '..next'), join(volume, '..data'));
  rmSync(join(volume, '..1'), { recursive: true });
  await expect.poll(() => readServedName(url)).toContain('second.test');
});

test('a pair that cannot be used leaves the old one in use, says so, and a good one ends that', async () => {
  const directory = makeTempDir();
  const files = writePair(first, directory);
  const { url, listener, logged } = await listen(files);
  const expired = await authority.issue({ ...NAMES, notBefore: new Date(0), notAfter: new Date(86_400_000) });
  const broken: [string, () => void, RegExp][] = [
    ['another key', () => writeFileSync(files.keyFile, second.key), /is not the key of the certificate/],
    ['half a file', () => writeFileSync(files.certFile, first.cert.slice(0, 300)), /holds no certificate/],
    ['gone', () => rmSync(files.certFile), /cannot be read \(ENOENT\)/],
    ['expired', () => void writePair(expired, directory), /expired at 1970-01-02/],
  ];
  for (const [what, damage, message] of broken) {
    damage();
    await expect.poll(() => listener.getTls()?.error, { message: what }).toMatch(message);
    expect(await readServedName(url)).toContain('first.test');
  }
  expect(logged.filter((line) => line.includes('the old one stays in use'))).toHaveLength(broken.length);
  expect(logged.join('')).not.toContain('PRIVATE KEY');
  writePair(second, directory);
  await expect.poll(() => listener.getTls()?.error).toBeNull();
  expect(await readServedName(url)).toContain('second.test');
});

test('a certificate that ends while it is served is shown', async () => {
  let now = new Date();
  const { listener } = await listen(writePair(first), () => now);
  expect(listener.getTls()?.error).toBeNull();
  now = new Date(Date.now() + 48 * 60 * 60_000);
  expect(listener.getTls()?.error).toMatch(/expired at/);
});

test('what is wrong with the files is said in one line at the start, without their content', async () => {
  const now = new Date();
  const problem = (files: TlsFiles) => {
    try {
      readTlsPair(files, now);
    } catch (error) {
      if (error instanceof TlsFilesError) return error.message;
      throw error;
    }
    return null;
  };
  const good = writePair(first);
  expect(problem(good)).toBeNull();
  const missing = join(makeTempDir(), 'none');
  expect(problem({ ...good, certFile: missing })).toBe(`GATEHOUSE_TLS_CERT_FILE: ${missing} cannot be read (ENOENT)`);
  expect(problem({ ...good, keyFile: missing })).toBe(`GATEHOUSE_TLS_KEY_FILE: ${missing} cannot be read (ENOENT)`);
  expect(problem({ ...good, certFile: good.keyFile })).toMatch(/holds no certificate$/);
  expect(problem({ ...good, keyFile: good.certFile })).toMatch(/holds no private key without a passphrase$/);
  expect(problem({ ...good, keyFile: writePair(second).keyFile })).toMatch(/is not the key of the certificate/);
  const expired = await authority.issue({ ...NAMES, notBefore: new Date(0), notAfter: new Date(now.getTime() - 1_000) });
  expect(problem(writePair(expired))).toMatch(/^GATEHOUSE_TLS_CERT_FILE: \S+ expired at \S+$/);
  const later = await authority.issue({ ...NAMES, notBefore: new Date(now.getTime() + 3_600_000) });
  expect(problem(writePair(later))).toMatch(/is valid only from/);
  const own = writePair(await makeSelfSigned(['localhost']));
  chmodSync(own.keyFile, 0o400);
  expect(problem(own)).toBeNull();
});

function makeFolder(parent: string, name: string): string {
  mkdirSync(join(parent, name));
  return name;
}
