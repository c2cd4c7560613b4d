import { createServer } from 'node:http';

import { expect, onTestFinished, test } from 'vitest';

import type { Lookup } from '@gatehouse/network/lookup';

import { OutboundRefused } from '../../src/outbound/address-policy.ts';
import { ResponseTooLarge } from '../../src/outbound/answer-bound.ts';
import { openOutbound, type OutboundOptions } from '../../src/outbound/outbound.ts';
import { readText, startHttp } from '../support/servers/upstreams.ts';

function makeOutbound(http: Partial<OutboundOptions['http']> = {}, options: Partial<OutboundOptions> = {}) {
  const outbound = openOutbound({ http: { hosts: [], privateHosts: [], ...http }, ...options });
  onTestFinished(() => outbound.close());
  return outbound;
}

const LOCAL = { privateHosts: ['127.0.0.1'] };
const resolveNames =
  (table: Record<string, string[]>): Lookup =>
  (hostname, callback) => {
    const found = table[hostname];
    if (found)
      callback(
        null,
        found.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    else callback(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), []);
  };

const FORBIDDEN = `
  http://169.254.169.254/ https://169.254.169.254/latest https://127.0.0.1/ https://0x7f.1/ https://2130706433/ https://127.1/
  https://[::1]/ https://[::ffff:a9fe:a9fe]/ https://[64:ff9b::7f00:1]/ https://[2002:7f00:1::]/ https://[fe80::1]/ https://0/
  https://017700000001/ https://10.0.0.1:8443/ https://[fd00::1]/ http://example.com/ https://127.0.0.1.:8443/`;

test.each(FORBIDDEN.trim().split(/\s+/))('T-54: %s is refused before anything is dialled', async (url) => {
  const outbound = makeOutbound();
  await expect(outbound.request(new URL(url), {})).rejects.toThrow(OutboundRefused);
  await expect(outbound.check(new URL(url))).rejects.toThrow(OutboundRefused);
});

test('T-54: a name is checked by every address that it has, when it is dialled', async () => {
  const table = {
    'private.test': ['127.0.0.1'],
    'mixed.test': ['8.8.8.8', '10.0.0.1'],
    'mapped.test': ['::ffff:127.0.0.1'],
    'public.test': ['8.8.8.8'],
  };
  const outbound = makeOutbound({}, { lookup: resolveNames(table) });
  for (const host of ['private.test', 'mixed.test', 'mapped.test']) {
    await expect(outbound.check(new URL(`https://${host}/`))).rejects.toThrow(OutboundRefused);
    const failed = await outbound.request(new URL(`https://${host}/`), {}).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(OutboundRefused);
  }
  await expect(outbound.check(new URL('https://public.test/'))).resolves.toBeUndefined();
  await expect(outbound.check(new URL('https://none.test/'))).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

test('T-54: the answer of the name server may change between check and use', async () => {
  const http = await startHttp((_request, response) => void response.end('reached'));
  let asked = 0;
  const lookup: Lookup = (_hostname, callback) =>
    callback(null, [{ address: (asked += 1) === 1 ? '8.8.8.8' : '127.0.0.1', family: 4 }]);
  const outbound = makeOutbound({}, { lookup });
  await outbound.check(new URL('https://rebind.test/'));
  await expect(outbound.request(new URL(`https://rebind.test:${http.port}/`), {})).rejects.toThrow(OutboundRefused);
  expect(http.seen).toEqual([]);
});

test('only named hosts are reached when hosts are named', async () => {
  const outbound = makeOutbound({ hosts: ['*.corp.example'] }, { lookup: resolveNames({}) });
  await expect(outbound.request(new URL('https://example.com/'), {})).rejects.toThrow('is not among http.hosts');
  await expect(outbound.request(new URL('https://a.corp.example/'), {})).rejects.toMatchObject({ code: 'ENOTFOUND' });
});

test('a named private host is reached on its named port alone', async () => {
  const http = await startHttp((_request, response) => void response.end('reached'));
  const named = makeOutbound({ privateHosts: [`127.0.0.1:${http.port}`] });
  expect(await (await named.request(new URL(http.url), {})).body.readText()).toBe('reached');
  const other = makeOutbound({ privateHosts: [`127.0.0.1:${http.port + 1}`] });
  await expect(other.request(new URL(http.url), {})).rejects.toThrow(OutboundRefused);
});

test('T-21: a redirect stays within its origin or ends the request', async () => {
  const elsewhere = await startHttp((_request, response) => void response.end('stolen'));
  const http = await startHttp(async (request, response) => {
    const body = await readText(request);
    const target = request.url === '/away' ? elsewhere.url : request.url === '/loop' ? '/loop' : '/end';
    if (request.url === '/end') return void response.end(`${request.method} ${body} ${String(request.headers['x-key'])}`);
    response.writeHead(request.url === '/see-other' ? 303 : 307, { location: target }).end();
  });
  const outbound = makeOutbound(LOCAL);
  const send = (path: string) =>
    outbound.request(new URL(path, http.url), { method: 'POST', body: 'text', headers: { 'x-key': 'secret' } });
  expect(await (await send('/within')).body.readText()).toBe('POST text secret');
  await expect(send('/away')).rejects.toThrow('redirects to another origin');
  await expect(send('/loop')).rejects.toThrow('redirects without end');
  expect((await send('/see-other')).status).toBe(303);
  expect(elsewhere.seen).toEqual([]);
});

test('T-57: an answer over its bound is cut off while it is read', async () => {
  const http = await startHttp((_request, response) => {
    const chunk = 'x'.repeat(64 * 1024);
    const write = (): void => {
      if (!response.destroyed) response.write(chunk, () => setImmediate(write));
    };
    write();
  });
  const outbound = makeOutbound(LOCAL, { maxAnswerBytes: 1024 * 1024 });
  const response = await outbound.request(new URL(http.url), { method: 'POST' });
  await expect(response.body.readText()).rejects.toThrow(ResponseTooLarge);
});

test('a stream that stays open is bounded by event, not as a whole', async () => {
  const event = `data: ${'x'.repeat(600)}\n\n`;
  const http = await startHttp((request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    if (request.url === '/many') for (let sent = 0; sent < 10; sent += 1) response.write(event);
    else response.write(event.repeat(1).replaceAll('\n', '').repeat(3));
    response.end();
  });
  const outbound = makeOutbound(LOCAL, { maxAnswerBytes: 1_000 });
  expect((await (await outbound.request(new URL('/many', http.url), {})).body.readText()).length).toBe(event.length * 10);
  const endless = await outbound.request(new URL('/one', http.url), {});
  await expect(endless.body.readText()).rejects.toThrow(ResponseTooLarge);
});

test('an aborted request is aborted on the wire, before and after the answer began', async () => {
  const gone: string[] = [];
  const closed = Promise.withResolvers<void>();
  const http = await startHttp((request, response) => {
    if (request.url === '/begun') response.write('x');
    response.once('close', () => {
      gone.push(request.url ?? '');
      if (gone.length === 2) closed.resolve();
    });
  });
  const outbound = makeOutbound(LOCAL);
  const first = new AbortController();
  const silent = outbound.request(new URL('/silent', http.url), { signal: first.signal });
  await expect.poll(() => http.seen.length).toBe(1);
  first.abort(new Error('enough'));
  await expect(silent).rejects.toThrow('enough');
  const second = new AbortController();
  const begun = await outbound.request(new URL('/begun', http.url), { signal: second.signal });
  second.abort(new Error('enough'));
  await expect(begun.body.readText()).rejects.toThrow();
  await closed.promise;
});

test('answers are asked for as they are, in no coding', async () => {
  const http = await startHttp((request, response) => void response.end(String(request.headers['accept-encoding'])));
  expect(await (await makeOutbound(LOCAL).request(new URL(http.url), {})).body.readText()).toBe('identity');
});

test('a port that nobody listens on is an ordinary system error', async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  await new Promise((resolve) => server.close(resolve));
  await expect(makeOutbound(LOCAL).request(new URL(`http://127.0.0.1:${port}/`), {})).rejects.toMatchObject({
    code: 'ECONNREFUSED',
  });
});
