import { readFileSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import { createServer, type Server } from 'node:https';
import { connect } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import type { Lookup } from '@gatehouse/network/lookup';

import { OutboundRefused } from '../../src/outbound/address-policy.ts';
import { openOutbound, type OutboundOptions } from '../../src/outbound/outbound.ts';
import { ProxyFailure, ProxySettingsError, readProxy } from '../../src/outbound/proxy.ts';
import { toUpstreamFailure } from '../../src/upstream/failure.ts';
import { Authority } from '../support/network/certificates.ts';
import { hasSquid, startSquid } from '../support/network/squid.ts';

const PASSWORD = 'p@ss:word/canary-81';
const authority = await Authority.create();

/** What this machine's own resolver says; everything else is a name that only the proxy knows. */
const lookup: Lookup = (hostname, callback) => {
  const known: Record<string, string> = { 'public.test': '8.8.8.8', 'inside.test': '10.0.0.1' };
  const address = known[hostname];
  if (address) callback(null, [{ address, family: 4 }]);
  else callback(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), []);
};

async function startUpstream(names: string[]): Promise<{ server: Server; port: number }> {
  const server = createServer(await authority.issue({ names }), (request, response) => {
    response.end(`reached with ${String(request.headers['proxy-authorization'])}`);
  });
  return { server, port: await listen(server) };
}

async function listen(server: Server | ReturnType<typeof createHttp>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

function makeOutbound(environment: Record<string, string>, http: Partial<OutboundOptions['http']> = {}, ca = [authority.pem]) {
  const outbound = openOutbound({
    http: { hosts: ['*.test'], privateHosts: [], ...http },
    ca,
    lookup,
    proxy: readProxy(environment),
  });
  onTestFinished(() => outbound.close());
  return outbound;
}

const proxyUrl = (port: number, password = PASSWORD) => `http://agent:${encodeURIComponent(password)}@127.0.0.1:${port}`;

test.skipIf(!hasSquid)('through squid with a password and the own authority; a wrong password is told without it', async () => {
  const { port } = await startUpstream(['upstream.test']);
  const squid = await startSquid('agent', PASSWORD);
  const url = new URL(`https://upstream.test:${port}/`);
  const good = makeOutbound({ https_proxy: proxyUrl(squid.port) });
  await expect(good.check(url)).resolves.toBeUndefined();
  for (let call = 0; call < 3; call += 1)
    expect(await (await good.request(url, {})).body.readText()).toBe('reached with undefined');
  await expect.poll(() => readFileSync(squid.log, 'utf8')).not.toContain('TCP_DENIED');

  const wrong = makeOutbound({ HTTPS_PROXY: proxyUrl(squid.port, 'wrong-canary') });
  const failed = await wrong.request(url, {}).catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(ProxyFailure);
  expect(String(failed)).toContain(`The proxy 127.0.0.1:${squid.port} did not accept the user and password of HTTPS_PROXY`);
  expect(String(failed)).not.toContain('canary');
  expect(toUpstreamFailure(failed)).toMatchObject({ code: 'upstream_unreachable', message: expect.stringContaining('HTTP 407') });
  await expect(makeOutbound({ https_proxy: `http://127.0.0.1:${squid.port}` }).request(url, {})).rejects.toThrow('HTTP 407');
  const forbidden = good.request(new URL(`https://forbidden.test:${port}/`), {});
  await expect(forbidden).rejects.toThrow('does not allow connections to forbidden.test');
  await expect(good.request(new URL('https://upstream.test:1/'), {})).rejects.toThrow(
    'could not connect to upstream.test:1 (HTTP 503)',
  );
});

test.skipIf(!hasSquid)('a certificate is checked behind the proxy as it is without one', async () => {
  const { port } = await startUpstream(['other.test']);
  const squid = await startSquid('agent', PASSWORD);
  const environment = { https_proxy: proxyUrl(squid.port) };
  const url = new URL(`https://upstream.test:${port}/`);
  await expect(makeOutbound(environment).request(url, {})).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  const stranger = await Authority.create('Somebody else');
  const other = new URL(`https://other.test:${port}/`);
  await expect(makeOutbound(environment, {}, [stranger.pem]).request(other, {})).rejects.toMatchObject({
    code: expect.stringMatching(/UNABLE_TO|SELF_SIGNED/),
  });
});

/** A proxy that answers every CONNECT with one upstream, over TLS of its own, and notes what was asked. */
async function startTlsProxy(upstreamPort: number) {
  const asked: string[] = [];
  const proxy = createServer(await authority.issue({ names: ['127.0.0.1'] }));
  proxy.on('connect', (request, socket) => {
    asked.push(`${request.url} ${String(request.headers['proxy-authorization'])}`);
    const upstream = connect(upstreamPort, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  return { asked, port: await listen(proxy) };
}

test('a proxy over TLS, and one that opens TLS itself, are trusted through the own authority', async () => {
  const upstream = await startUpstream(['inspected.test']);
  const proxy = await startTlsProxy(upstream.port);
  const environment = { https_proxy: `https://agent:${encodeURIComponent(PASSWORD)}@127.0.0.1:${proxy.port}` };
  const url = new URL('https://inspected.test/');
  expect((await makeOutbound(environment).request(url, {})).status).toBe(200);
  expect(proxy.asked).toEqual([`inspected.test:443 Basic ${Buffer.from(`agent:${PASSWORD}`).toString('base64')}`]);
  const blind = await makeOutbound(environment, {}, [])
    .request(url, {})
    .catch((error: unknown) => error);
  expect(String(blind)).toMatch(/The proxy 127\.0\.0\.1:\d+ cannot be reached \((?:UNABLE_TO|SELF_SIGNED)/);
});

test('T-54: behind a proxy names and addresses are checked all the same, and what is unclear is refused', async () => {
  const proxy = await startTlsProxy(1);
  const environment = { https_proxy: `https://127.0.0.1:${proxy.port}` };
  const any = makeOutbound(environment, { hosts: [] });
  const refused = [
    'https://127.0.0.1/',
    'https://169.254.169.254/',
    'https://[::1]/',
    'http://public.test/',
    'https://inside.test/',
  ];
  for (const url of [...refused, 'https://only-the-proxy-knows.test/']) {
    await expect(any.request(new URL(url), {}), url).rejects.toThrow(OutboundRefused);
    await expect(any.check(new URL(url)), url).rejects.toThrow(OutboundRefused);
  }
  const named = makeOutbound(environment, { hosts: ['public.test'] });
  await expect(named.request(new URL('https://upstream.test/'), {})).rejects.toThrow('is not among http.hosts');
  expect(proxy.asked).toEqual([]);
  await any.request(new URL('https://public.test/'), {}).catch(() => null);
  expect(proxy.asked).toEqual(['public.test:443 undefined']);
});

test('a host that is named private, or in NO_PROXY, is dialled directly', async () => {
  const proxy = await startTlsProxy(1);
  const plain = createHttp((_request, response) => void response.end('direct'));
  const port = await listen(plain);
  const environment = {
    https_proxy: `https://127.0.0.1:${proxy.port}`,
    no_proxy: 'other.example .excepted.test,public.test:444',
  };
  const outbound = makeOutbound(environment, { privateHosts: [`127.0.0.1:${port}`] });
  expect(await (await outbound.request(new URL(`http://127.0.0.1:${port}/`), {})).body.readText()).toBe('direct');
  await expect(outbound.request(new URL('https://a.excepted.test/'), {})).rejects.toMatchObject({ code: 'ENOTFOUND' });
  expect(proxy.asked).toEqual([]);
  const settings = readProxy(environment);
  expect(settings?.serves(new URL('https://public.test:444/'))).toBe(false);
  expect(settings?.serves(new URL('https://public.test/'))).toBe(true);
  expect(settings?.serves(new URL('https://other.example/'))).toBe(false);
  expect(settings?.serves(new URL('https://another.example/'))).toBe(true);
  expect(readProxy({ https_proxy: 'http://p:1', no_proxy: '*' })?.serves(new URL('https://public.test/'))).toBe(false);
  expect(readProxy({ HTTP_PROXY: 'http://p:1' })).toBeNull();
});

test('a variable that is wrong is named without its value', () => {
  for (const value of ['canary:8080', 'socks5://canary:1', 'http://user:%zzcanary@host:1', 'http://']) {
    const failed = (() => {
      try {
        return readProxy({ HTTPS_PROXY: value });
      } catch (error) {
        return error;
      }
    })();
    expect(failed).toBeInstanceOf(ProxySettingsError);
    expect(String(failed)).not.toContain('canary');
  }
});

test('a proxy that says nothing is given up in time', async () => {
  const silent = createHttp();
  silent.on('connect', () => undefined);
  const port = await listen(silent);
  const outbound = openOutbound({
    http: { hosts: ['*.test'], privateHosts: [] },
    lookup,
    connectTimeoutMs: 100,
    proxy: readProxy({ https_proxy: `http://127.0.0.1:${port}` }),
  });
  onTestFinished(() => outbound.close());
  await expect(outbound.request(new URL('https://upstream.test/'), {})).rejects.toThrow('did not answer in time');
});
