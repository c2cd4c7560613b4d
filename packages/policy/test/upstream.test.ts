import { describe, expect, test } from 'vitest';

import { ServerTransport } from '../src/documents/snapshot.ts';
import { identifyUpstream, isSameUpstream } from '../src/upstream.ts';

const identify = (kind: 'http' | 'rest', url: string): string =>
  identifyUpstream(ServerTransport.parse(kind === 'http' ? { kind, url } : { kind, baseUrl: url }));

describe('T-42: an upstream is the same under every spelling of its address', () => {
  test.each([
    ['HTTPS://Orders.Example/MCP'],
    ['https://orders.example:443/mcp'],
    ['http://orders.example/mcp'],
    ['http://orders.example:80/mcp'],
    ['https://orders.example./mcp'],
    ['https://orders.example/mcp/'],
    ['https://orders.example//mcp'],
    ['https://orders.example/./mcp'],
    ['https://orders.example/x/../mcp'],
    ['https://orders.example/x/%2e%2E/mcp'],
    ['https://orders.example/x%2F..%2fmcp'],
    ['https://orders.example\\mcp'],
    ['https://orders.example/%6d%63%70'],
    ['https://orders.example/%4D%43%50'],
    ['https://orders.example/mcp;v=1'],
    ['https://orders.example/mcp%3Bv=1'],
    ['https://orders.example/mcp?team=a'],
    ['https://orders.example/mcp#top'],
    ['https://%6frders.example/mcp'],
    ['https://ｏrders.example/mcp'],
  ])('%s', (url) => {
    expect(identify('http', url)).toBe('http orders.example/mcp');
  });

  test.each([
    ['http://localhost:3030'],
    ['http://LOCALHOST.:3030/'],
    ['http://orders.localhost:3030'],
    ['http://127.0.0.1:3030'],
    ['http://127.1:3030'],
    ['http://2130706433:3030'],
    ['http://0x7f.0.0.2:3030'],
    ['http://0.0.0.0:3030'],
    ['http://[::1]:3030'],
    ['http://[0:0:0:0:0:0:0:1]:3030'],
    ['http://[::]:3030'],
    ['http://[::ffff:127.0.0.1]:3030'],
    ['http://[::127.0.0.1]:3030'],
    ['http://[::ffff:0:127.0.0.1]:3030'],
  ])('this machine as %s', (url) => {
    expect(identify('http', url)).toBe('http localhost:3030');
  });

  test('an address is the same inside of an IPv6 one, and a path however often it is escaped', () => {
    expect(identify('http', 'http://[::ffff:10.0.0.1]/m%2563p')).toBe('http 10.0.0.1/mcp');
  });

  test('an international name is its punycode', () => {
    expect(identify('rest', 'https://Bücher.example/v1')).toBe(identify('rest', 'https://xn--bcher-kva.example/v1/'));
  });

  test('what no spelling says stays apart: another host, port, path or kind', () => {
    const urls = ['https://a.example/mcp', 'https://b.example/mcp', 'https://a.example:8443/mcp'];
    const all = [...urls, 'https://a.example/other'].map((url) => identify('http', url));
    all.push(...urls.map((url) => identify('rest', url)));
    expect(new Set(all).size).toBe(all.length);
  });

  test('an API is its host: its base URL may end anywhere before the paths of its operations', () => {
    for (const base of ['https://h.example', 'https://h.example/api', 'https://H.example./api/v1/?x=1'])
      expect(identify('rest', base)).toBe('rest h.example');
  });

  test('a bad escape is no failure, and a NUL never reaches the key', () => {
    expect(identify('http', 'https://a.example/%ff%zz%00')).toBe('http a.example/%ff%zz%00');
  });

  test('a stdio server is its entry in the guardrails, however its processes are shared', () => {
    const [shared, own] = (['shared', 'per_session'] as const).map((processes) =>
      identifyUpstream({ kind: 'stdio', entry: 'github', processes }),
    );
    expect(shared).toBe('stdio github');
    expect(own).toBe(shared);
  });
});

describe('what was approved at an address stands at the same address to the letter, and nowhere else', () => {
  const http = (url: string, credential: unknown = null) => ServerTransport.parse({ kind: 'http', url, credential });
  const headers = (...values: [string, string][]) => ({
    kind: 'several',
    credentials: [],
    headers: values.map(([name, value]) => ({ name, value })),
  });
  const bearer = { kind: 'header', header: 'Authorization', prefix: 'Bearer ', reference: 'env:A' };
  const base = (baseUrl: string) => ServerTransport.parse({ kind: 'rest', baseUrl });
  const stdio = (entry: string, processes = 'shared') => ServerTransport.parse({ kind: 'stdio', entry, processes });

  test.each([
    [http('https://o.example/mcp'), http('https://O.example:443/mcp')],
    [http('https://o.example/mcp'), http('https://o.example/x/../mcp')],
    [http('https://o.example/mcp', bearer), http('https://o.example/mcp', { ...bearer, reference: 'env:B' })],
    [
      http('https://o.example/mcp', headers(['A', '1'], ['B', '2'])),
      http('https://o.example/mcp', headers(['B', '2'], ['A', '1'])),
    ],
    [stdio('files'), stdio('files', 'per_session')],
    [base('https://o.example/v1'), base('https://o.example/v1')],
  ])('%j is %j', (one, other) => {
    expect(isSameUpstream(one, other)).toBe(true);
  });

  test.each([
    // all of these are one upstream where a decision is looked for
    [http('https://o.example/mcp'), http('http://o.example/mcp')],
    [http('https://o.example/mcp'), http('https://o.example/MCP')],
    [http('https://o.example/mcp'), http('https://o.example/mcp/')],
    [http('https://o.example/mcp?team=a'), http('https://o.example/mcp?team=b')],
    [base('https://o.example/v1'), base('https://o.example/v2')],
    [http('https://o.example/mcp', headers(['X-Org', 'a'])), http('https://o.example/mcp', headers(['X-Org', 'b']))],
    [http('https://o.example/mcp', headers(['X-Org', 'a'])), http('https://o.example/mcp', bearer)],
    [http('https://o.example/mcp'), http('https://p.example/mcp')],
    [http('https://o.example/mcp'), base('https://o.example/mcp')],
    [stdio('files'), stdio('shell')],
  ])('%j is not %j', (one, other) => {
    expect(isSameUpstream(one, other)).toBe(false);
  });
});
