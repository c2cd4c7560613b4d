import fc from 'fast-check';
import { expect, test } from 'vitest';

import { decodeHeaderValue, encodeHeaderValue, paramHeaderProblem, paramHeaders } from '../../src/mcp/param-headers.ts';
import type { Outbound } from '../../src/outbound/outbound.ts';
import { bindFetch } from '../../src/upstream/bound-fetch.ts';
import { CredentialScrub } from '../../src/upstream/credential-scrub.ts';
import { createLineReader } from '../../src/upstream/line-reader.ts';
import { RestartBackoff } from '../../src/upstream/restart-backoff.ts';

test('lines come out whole however their bytes are cut', () => {
  const line = fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll('\n', ' '));
  fc.assert(
    fc.property(fc.array(line), fc.array(fc.nat(200)), (lines, cuts) => {
      const bytes = Buffer.from(lines.map((text) => `${text}\n`).join(''));
      const read: string[] = [];
      const reader = createLineReader(1_000, {
        line: (found) => read.push(found.toString('utf8')),
        tooLong: () => read.push('too long'),
      });
      const edges = [...new Set(cuts.map((cut) => Math.min(cut, bytes.length)))].toSorted((a, b) => a - b);
      for (const [index, edge] of [0, ...edges].entries()) reader(bytes.subarray(edge, edges[index] ?? bytes.length));
      expect(read).toEqual(lines.map((text) => Buffer.from(text).toString('utf8')));
    }),
  );
});

test('an overlong line is reported once and dropped, and the next one is read', () => {
  const read: string[] = [];
  const reader = createLineReader(4, { line: (line) => read.push(line.toString()), tooLong: () => read.push('too long') });
  for (const chunk of ['1234\n', '123', '45', '678', '\nok\n', '12345\n', 'end']) reader(Buffer.from(chunk));
  expect(read).toEqual(['1234', 'too long', 'ok', 'too long']);
});

test('a process that keeps ending is started more and more rarely, and at once again after it ran long', () => {
  let now = 0;
  const backoff = new RestartBackoff(() => now);
  const waits: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    backoff.started();
    backoff.failed();
    const from = now;
    while (refuses(backoff)) now += 10;
    waits.push(now - from);
  }
  for (const [index, wait] of waits.entries()) {
    const longest = Math.min(60_000, 1_000 * 2 ** index);
    expect([wait >= longest / 2, wait <= longest + 10]).toEqual([true, true]);
  }
  backoff.started();
  now += 60_001;
  backoff.failed();
  now += 1_001;
  expect(refuses(backoff)).toBe(false);
});

function refuses(backoff: RestartBackoff): boolean {
  try {
    backoff.check();
    return false;
  } catch {
    return true;
  }
}

test('any text survives the way through a header', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const header = encodeHeaderValue(text);
      expect(header).toMatch(/^[\x20-\x7e\t]*$/);
      expect(decodeHeaderValue(header)).toBe(text);
    }),
  );
  expect(['=?base64?@?=', '=?base64?YQ?=', 'ü', 'a\nb'].map(decodeHeaderValue)).toEqual([null, null, null, null]);
});

test('mirrored arguments agree with themselves, nested ones too', () => {
  const schema = {
    properties: {
      a: { type: 'object', properties: { b: { type: 'string', 'x-mcp-header': 'B' } } },
      n: { type: 'integer', 'x-mcp-header': 'N' },
    },
  };
  const args = { a: { b: 'x y' }, n: 7 };
  const headers = paramHeaders(schema, args);
  expect(headers).toEqual({ 'Mcp-Param-B': 'x y', 'Mcp-Param-N': '7' });
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  expect(paramHeaderProblem(schema, args, (name) => lower.get(name))).toBeNull();
  expect(paramHeaderProblem(schema, { n: 8 }, (name) => lower.get(name))).toMatch(/Mcp-Param-B is present/);
  expect(
    paramHeaders({ properties: { a: { items: { properties: { b: { 'x-mcp-header': 'B' } } } } } }, { a: [{ b: 'x' }] }),
  ).toEqual({});
});

test('T-28: a held credential is found in keys, texts and numbers, and a value without one stays the same object', () => {
  const scrub = new CredentialScrub();
  const clean = { a: ['b', 1, null, true] };
  expect(scrub.value(clean)).toBe(clean);
  scrub.add('hunter2hunter2');
  scrub.add('1234567890123');
  expect(scrub.value(clean)).toBe(clean);
  const dirty = { hunter2hunter2: [{ b: 'x hunter2hunter2 y', n: 1234567890123, ok: false }] };
  const marked = '[redacted:credential]';
  expect(scrub.value(dirty)).toEqual({ [marked]: [{ b: `x ${marked} y`, n: marked, ok: false }] });
});

test('T-21: a credential goes to its own origin alone', async () => {
  const sent: [string, string | null][] = [];
  const outbound: Outbound = {
    fetch: (url, { headers }) => {
      sent.push([url.href, headers?.get('authorization') ?? null]);
      return Promise.resolve(new Response());
    },
    check: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const fetch = bindFetch(outbound, 'https://orders.example', ['authorization', 'Bearer x']);
  const urls = [
    'https://orders.example/a',
    'https://orders.example:8443/a',
    'http://orders.example/a',
    'https://evil.example/orders.example',
  ];
  for (const url of urls) await fetch(new URL(url), {});
  expect(sent).toEqual(urls.map((url, index) => [url, index === 0 ? 'Bearer x' : null]));
});
