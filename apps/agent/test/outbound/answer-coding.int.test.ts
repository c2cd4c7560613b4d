import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { brotliCompressSync, createGzip, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';

import { expect, onTestFinished, test } from 'vitest';

import { ResponseTooLarge } from '../../src/outbound/answer-bound.ts';
import { AnswerCodingFailed } from '../../src/outbound/answer-coding.ts';
import { openOutbound, type LeanRequest } from '../../src/outbound/outbound.ts';
import { startHttp } from '../support/servers/upstreams.ts';

const MAX_BYTES = 100_000;

/** Asks a server that gives this answer to everything. */
async function ask(headers: Record<string, string>, body: string | Buffer, init: LeanRequest = {}) {
  const server = await startHttp((_request, response) => void response.writeHead(200, headers).end(body));
  const outbound = openOutbound({ http: { hosts: [], privateHosts: ['127.0.0.1'] }, maxAnswerBytes: MAX_BYTES });
  onTestFinished(() => outbound.close());
  const answer = await outbound.request(new URL(server.url), init);
  return { answer, seen: server.seen };
}

const EMPTY = gzipSync('');
const TEXT = JSON.stringify({ rows: Array.from({ length: 2_000 }, (_, row) => `row ${row}`) });

test.each([
  ['gzip', gzipSync(TEXT)],
  ['X-GZIP', gzipSync(TEXT)],
  ['br', brotliCompressSync(TEXT)],
  ['deflate', deflateSync(TEXT)],
  ['deflate', deflateRawSync(TEXT)],
  ['zstd', zstdCompressSync(TEXT)],
  ['identity, gzip', gzipSync(TEXT)],
  ['gzip, br', brotliCompressSync(gzipSync(TEXT))],
  ['gzip, gzip', gzipSync(gzipSync(TEXT))],
  ['zstd, deflate, BR', brotliCompressSync(deflateRawSync(zstdCompressSync(TEXT)))],
  ['identity', Buffer.from(TEXT)],
  ['', Buffer.from(TEXT)],
])('an answer in the coding "%s" is read, though none was asked for', async (coding, body) => {
  const { answer, seen } = await ask({ 'content-encoding': coding, 'content-length': String(body.length) }, body);
  expect(await answer.body.readText()).toBe(TEXT);
  expect(seen[0]?.['accept-encoding']).toBe('identity');
});

test.each([
  ['gzip', gzipSync(Buffer.alloc(64 * 1024 * 1024))],
  ['br', brotliCompressSync(Buffer.alloc(64 * 1024 * 1024))],
  ['deflate', deflateSync(Buffer.alloc(64 * 1024 * 1024))],
  ['zstd', zstdCompressSync(Buffer.alloc(64 * 1024 * 1024))],
  ['gzip, br', brotliCompressSync(gzipSync(Buffer.alloc(64 * 1024 * 1024)))],
])('T-57: 64 MB in a few kB of %s are cut off at the bound', async (coding, bomb) => {
  expect(bomb.length).toBeLessThan(MAX_BYTES);
  const { answer } = await ask({ 'content-encoding': coding }, bomb);
  let read = 0;
  const reading = (async () => {
    for await (const chunk of answer.body.openStream()) read += (chunk as Buffer).length;
  })();
  await expect(reading).rejects.toBeInstanceOf(ResponseTooLarge);
  expect(read).toBeLessThanOrEqual(MAX_BYTES);
});

test.each([
  ['compress', Buffer.from('x'), '"compress", which is not known'],
  ['gzip, compress', Buffer.from('x'), '"compress", which is not known'],
  ['compress, gzip', gzipSync('x'), '"compress", which is not known'],
  ['gzip, br', gzipSync(TEXT), 'not in the coding br'],
  ['gzip, br', brotliCompressSync(TEXT), 'not in the coding gzip'],
  ['gzip, br', brotliCompressSync(gzipSync(TEXT).subarray(0, 2_000)), 'not in the coding gzip'],
  ['br, br, br, br', brotliCompressSync(TEXT), 'in 4 codings, one in the other; at most 3'],
  // 40 MB of texts without a letter
  ['gzip, br', brotliCompressSync(Buffer.concat(Array.from({ length: 2_000_000 }, () => EMPTY))), 'there is nothing in them'],
  ['gzip', Buffer.from(TEXT), 'not in the coding gzip'],
  ['zstd', Buffer.from(TEXT), 'not in the coding zstd'],
  ['gzip', gzipSync(TEXT).subarray(0, 2_000), 'not in the coding gzip'],
])('T-57: an answer that says %s and cannot be read in it is a failure that says so', async (coding, body, message) => {
  const { answer } = await ask({ 'content-encoding': coding }, body);
  const failed: unknown = await answer.body.readText().catch((error: unknown) => error);
  expect(failed).toBeInstanceOf(AnswerCodingFailed);
  expect(String(failed)).toContain(message);
});

test.each([
  ['gzip', ''],
  ['gzip', EMPTY],
  ['gzip, br', ''],
  ['gzip, br', brotliCompressSync('')],
  ['gzip, br', brotliCompressSync(EMPTY)],
])('an empty answer in a coding is empty: %s', async (coding, body) => {
  const { answer } = await ask({ 'content-encoding': coding }, body);
  expect(await answer.body.readText()).toBe('');
});

test('an answer in two codings waits for whoever reads it slowly, and comes whole', async () => {
  const large = randomBytes(90_000).toString('base64').slice(0, 99_000);
  const { answer } = await ask({ 'content-encoding': 'br, gzip' }, gzipSync(brotliCompressSync(large)));
  let text = '';
  for await (const chunk of answer.body.openStream()) {
    text += String(chunk);
    await setImmediate();
  }
  expect(text).toBe(large);
});

test('events in a coding arrive one by one, and the bound is on each', async () => {
  const gzip = createGzip();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'Text/Event-Stream', 'content-encoding': 'gzip' });
    response.flushHeaders();
    gzip.pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const outbound = openOutbound({ http: { hosts: [], privateHosts: ['127.0.0.1'] }, maxAnswerBytes: MAX_BYTES });
  onTestFinished(() => outbound.close());
  const { port } = server.address() as AddressInfo;
  const { body } = await outbound.request(new URL(`http://127.0.0.1:${port}/`), { longLived: true });
  let text = '';
  const stream = body.openStream();
  stream.on('data', (chunk: Buffer) => void (text += chunk.toString()));
  for (let times = 1; times <= 4; times += 1) {
    gzip.write(`data: ${'x'.repeat(MAX_BYTES / 2)}\n\n`);
    gzip.flush();
    await expect.poll(() => text.split('\n\n').length).toBe(times + 1);
  }
  gzip.write(`data: ${'x'.repeat(MAX_BYTES + 1)}`);
  gzip.flush();
  const [failed] = (await once(stream, 'error')) as [unknown];
  expect(failed).toBeInstanceOf(ResponseTooLarge);
});
