import type { RequestListener } from 'node:http';
import { createServer, type ServerOptions } from 'node:https';

import { expect, onTestFinished, test } from 'vitest';

import type { Lookup } from '@gatehouse/network/lookup';

import { ResponseTooLarge } from '../../src/outbound/answer-bound.ts';
import { openOutbound } from '../../src/outbound/outbound.ts';
import { Authority, makeSelfSigned } from '../support/network/certificates.ts';
import { startHttp } from '../support/servers/upstreams.ts';

const authority = await Authority.create();
const lookup: Lookup = (_hostname, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]);
const answer: RequestListener = (_request, response) => void response.end('reached');

async function startTls(options: ServerOptions, handler = answer): Promise<number> {
  const server = createServer(options, handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** The upstream's name stands for an address inside, so that only the certificate decides. */
function makeOutbound(ca = [authority.pem]) {
  const outbound = openOutbound({ http: { hosts: [], privateHosts: ['upstream.test', '127.0.0.1'] }, ca, lookup });
  onTestFinished(() => outbound.close());
  return outbound;
}

const ask = async (port: number, outbound = makeOutbound()) =>
  (await outbound.request(new URL(`https://upstream.test:${port}/`), { method: 'POST', body: '{}' })).body.readText();

test('only a certificate that is valid, of this host and of a known authority is taken', async () => {
  const names = ['upstream.test'];
  const good = await authority.issue({ names });
  const port = await startTls(good);
  expect(await ask(port)).toBe('reached');
  await expect(ask(port, makeOutbound([]))).rejects.toMatchObject({ code: expect.stringMatching(/UNABLE_TO|SELF_SIGNED/) });

  const expired = await authority.issue({ names, notBefore: new Date(0), notAfter: new Date(86_400_000) });
  await expect(ask(await startTls(expired))).rejects.toMatchObject({ code: 'CERT_HAS_EXPIRED' });
  const later = await authority.issue({ names, notBefore: new Date(Date.now() + 3_600_000) });
  await expect(ask(await startTls(later))).rejects.toMatchObject({ code: 'CERT_NOT_YET_VALID' });
  const wrongHost = await authority.issue({ names: ['other.test'] });
  await expect(ask(await startTls(wrongHost))).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  await expect(ask(await startTls(await makeSelfSigned(names)))).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  const old = { ...good, maxVersion: 'TLSv1.1', minVersion: 'TLSv1', ciphers: 'DEFAULT:@SECLEVEL=0' } as const;
  await expect(ask(await startTls(old))).rejects.toThrow(/version|alert|handshake/i);
});

test('no variable of Node switches the check off', async () => {
  const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
  process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
  onTestFinished(() => {
    if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
  });
  const port = await startTls(await makeSelfSigned(['upstream.test']));
  await expect(ask(port)).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
});

test('T-21: five redirects within the origin are followed, a sixth and every way out are not', async () => {
  const seen: string[] = [];
  const pair = await authority.issue({ names: ['upstream.test'] });
  const elsewhere = await startHttp((_request, response) => void response.end('stolen'));
  const port: number = await startTls(pair, (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'https://upstream.test');
    seen.push(pathname);
    const left = Number(pathname.slice(1));
    const location = searchParams.get('to') ?? (left > 0 ? `/${left - 1}` : null);
    if (location === null) response.end('reached');
    else response.writeHead(307, { location }).end();
  });
  const outbound = makeOutbound();
  const send = (path: string) =>
    outbound.request(new URL(path, `https://upstream.test:${port}`), { method: 'POST', headers: { 'x-key': 'secret' } });
  expect(await (await send('/5')).body.readText()).toBe('reached');
  await expect(send('/6')).rejects.toThrow('redirects without end');
  expect(seen.filter((path) => path === '/0')).toHaveLength(1);
  const ways = [
    `http://upstream.test:${port}/`,
    `https://upstream.test:${port + 1}/`,
    `https://other.test:${port}/`,
    `//other.test:${port}/`,
    'https://169.254.169.254/latest/meta-data',
    'http://169.254.169.254/',
    'file:///etc/passwd',
    'data:text/plain,x',
    `https://user:word@other.test:${port}/`,
    elsewhere.url,
    'https://[',
  ];
  for (const to of ways) {
    await expect(send(`/x?to=${encodeURIComponent(to)}`), to).rejects.toThrow('redirects to another origin');
  }
  const userOfSameOrigin = `https://user:word@upstream.test:${port}/0`;
  await expect(send(`/x?to=${encodeURIComponent(userOfSameOrigin)}`)).rejects.toThrow('holds a user or password');
  expect(elsewhere.seen).toEqual([]);
});

test('the lean form: plain headers, its own bound, and an announced length over it is not read', async () => {
  const http = await startHttp((request, response) => {
    response.setHeader('x-two', ['a', 'b']);
    if (request.url === '/announced') response.setHeader('content-length', 2_000_000_000);
    if (request.url === '/stream') response.setHeader('content-type', 'text/event-stream');
    response.write('x'.repeat(700));
    if (request.url === '/stream') response.write(`\n\n${'y'.repeat(700)}\n`);
    if (request.url === '/stream') setImmediate(() => response.end(`\n${'z'.repeat(700)}`));
    else if (request.url !== '/announced') response.end('x'.repeat(700));
  });
  const outbound = makeOutbound();
  const send = (path: string, longLived = false) =>
    outbound.request(new URL(path, http.url), { method: 'POST', body: '{}', maxBytes: 1_000, longLived });
  await expect(send('/announced')).rejects.toThrow(ResponseTooLarge);
  const whole = await send('/whole');
  expect(whole.headers['x-two']).toBe('a, b');
  await expect(whole.body.readText()).rejects.toThrow(ResponseTooLarge);
  expect((await (await send('/stream', true)).body.readText()).length).toBe(2_104);
  const larger = await outbound.request(new URL('/whole', http.url), { method: 'POST', maxBytes: 1_400 });
  expect((await larger.body.readText()).length).toBe(1_400);
});
