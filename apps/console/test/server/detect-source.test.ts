import { expect, test } from 'vitest';

import { detectSource } from '../../src/features/server/add/detect-source.ts';
import { holdsSecretPath } from '../../src/features/server/add/pasted-secrets.ts';

test('a URL is an HTTP server, with a name taken from it', () => {
  expect(detectSource(' https://mcp.linear.app/mcp ')).toEqual({
    kind: 'http',
    url: 'https://mcp.linear.app/mcp',
    suggestedName: 'Linear',
  });
  expect(detectSource('http://127.0.0.1:3030/orders/mcp')).toMatchObject({ kind: 'http', suggestedName: 'Orders' });
  expect(detectSource('mcp.example.com/mcp')).toMatchObject({ kind: 'http', url: 'https://mcp.example.com/mcp' });
});

test('a single lower-case word is the name of a stdio entry', () => {
  expect(detectSource('orders-db')).toEqual({ kind: 'stdio', entry: 'orders-db', suggestedName: 'Orders db' });
});

test('the URL is taken out of a pasted client configuration', () => {
  const pasted = JSON.stringify({ mcpServers: { jira: { type: 'http', url: 'https://jira.example.com/mcp' } } });
  expect(detectSource(pasted)).toMatchObject({ kind: 'http', url: 'https://jira.example.com/mcp' });
});

test('of several servers in a configuration none is taken silently, and half a configuration is not called a command', () => {
  const server = (url: string) => ({ url });
  const two = JSON.stringify({ mcpServers: { a: server('https://a.example/mcp'), b: server('https://b.example/mcp') } });
  expect(detectSource(two)).toMatchObject({ kind: 'problem', sentence: expect.stringContaining('names 2 servers') });
  expect(detectSource(two.slice(0, -3))).toMatchObject({ kind: 'problem', sentence: expect.stringContaining('not whole') });
  expect(detectSource('{"mcpServers":{}}')).toMatchObject({ kind: 'problem', sentence: expect.stringContaining('no URL') });
});

test('a command is refused with the way to do it', () => {
  for (const command of ['npx -y @scope/server', 'uvx server --flag', '{"mcpServers":{"a":{"command":"npx"}}}']) {
    const detected = detectSource(command);
    expect(detected.kind).toBe('problem');
    expect(detected.kind === 'problem' && detected.sentence).toContain('guardrails.yaml');
  }
});

test('what starts as a URL and is none is no command', () => {
  for (const text of ['htp://foo bar', 'https://foo bar', 'https://']) {
    expect(detectSource(text)).toMatchObject({ kind: 'problem', sentence: expect.stringContaining('not a valid URL') });
  }
});

test('an address of another scheme is said to be out of reach, not to be wrong', () => {
  const sentence = 'Only http and https addresses can be reached.';
  expect(detectSource('ftp://example.com/mcp')).toEqual({ kind: 'problem', sentence });
});

test('a secret inside a URL is refused before it is sent anywhere', () => {
  expect(detectSource('https://user:pass@example.com/mcp').kind).toBe('problem');
  expect(detectSource('https://example.com/mcp?api_key=abc')).toMatchObject({ kind: 'problem' });
  expect(detectSource('https://example.com/mcp?sig=abc')).toMatchObject({ kind: 'problem' });
});

test('a half-typed URL is a problem, nothing is empty', () => {
  expect(detectSource('https://').kind).toBe('problem');
  expect(detectSource('   ').kind).toBe('empty');
});

const SECRET = 'Zk3vQ9x7LmN2pR8sT4wY6bC1dF5gH0jK';
const detectPasted = (server: object, name = 'jira') => detectSource(JSON.stringify({ mcpServers: { [name]: server } }));
const URL_OF = 'https://mcp.jira.example/mcp';

/** The rows of what was taken over, each by what is not a default. */
function listTaken(source: ReturnType<typeof detectSource>) {
  const pasted = 'pasted' in source ? source.pasted : undefined;
  return pasted?.credentials.map(({ credentialKind, header, prefix, parameter, reference }) => {
    const place = { bearer: '', basic: '', client_credentials: '', header: `${header}: ${prefix}`, query: parameter };
    return [credentialKind, place[credentialKind], reference];
  });
}

test.each<[string, Record<string, string>, string[][]]>([
  ['a bearer token', { Authorization: `Bearer ${SECRET}` }, [['bearer', '', 'env:SECRET_JIRA']]],
  ['any case', { authorization: `bearer ${SECRET}` }, [['bearer', '', 'env:SECRET_JIRA']]],
  ['basic', { Authorization: 'Basic Z2F0ZTpodW50ZXIyMg==' }, [['basic', '', 'env:SECRET_JIRA']]],
  ['another scheme', { Authorization: `Token ${SECRET}` }, [['header', 'Authorization: Token ', 'env:SECRET_JIRA']]],
  ['no scheme', { Authorization: SECRET }, [['header', 'Authorization: ', 'env:SECRET_JIRA']]],
  ['a key', { 'X-Api-Key': 'hunter22' }, [['header', 'X-Api-Key: ', 'env:SECRET_JIRA']]],
  ['a name with an underscore', { api_key: 'hunter22' }, [['header', 'api_key: ', 'env:SECRET_JIRA']]],
  ['a secret by its value alone', { 'X-Any': SECRET }, [['header', 'X-Any: ', 'env:SECRET_JIRA']]],
  ['a cookie', { Cookie: `sid=${SECRET}` }, [['header', 'Cookie: sid=', 'env:SECRET_JIRA']]],
  ['cookies', { Cookie: `sid=${SECRET}; b=${SECRET}` }, [['header', 'Cookie: ', 'env:SECRET_JIRA']]],
  ['a place for a value', { 'X-Any': '${input:any}' }, [['header', 'X-Any: ', 'env:SECRET_JIRA']]],
  [
    'two',
    { Authorization: `Bearer ${SECRET}`, 'X-App-Key': SECRET },
    [
      ['bearer', '', 'env:SECRET_JIRA_AUTHORIZATION'],
      ['header', 'X-App-Key: ', 'env:SECRET_JIRA_X_APP_KEY'],
    ],
  ],
])('T-25: of a pasted header the place is taken over and the secret is not: %s', (_, headers, taken) => {
  const source = detectPasted({ url: URL_OF, headers });
  expect(source).toMatchObject({ kind: 'http', url: URL_OF, pasted: { headers: [], notes: [] } });
  expect(listTaken(source)).toEqual(taken);
  expect(JSON.stringify(source)).not.toMatch(/Zk3v|hunter22|Z2F0/);
});

test('a header that is no secret stays as a fixed one, and what cannot be sent is named', () => {
  const headers = {
    'X-Org': ' acme ',
    'X-Tenant': 7,
    'Content-Type': 'application/json',
    'Mcp-Session-Id': 'a',
    'X Odd': 'a',
    'X-Name': 'é',
  };
  const source = detectPasted({ type: 'http', url: URL_OF, headers, timeout: 5, env: { A: 'b' } });
  expect(source).toMatchObject({
    pasted: {
      credentials: [],
      headers: [
        { name: 'X-Org', value: 'acme' },
        { name: 'X-Tenant', value: '7' },
      ],
      notes: [
        'The header Content-Type was left out: the agent itself sends it, or none.',
        'The header Mcp-Session-Id was left out: the agent itself sends it, or none.',
        'The header "X Odd" was left out: its name is no name of a header.',
        'The header X-Name was left out: its value holds characters that a header cannot carry.',
        'Variables are set for programs, not for a server at a URL: A was left out.',
        'Settings of the client were left out: timeout.',
      ],
    },
  });
});

test('configurations of other clients say the same', () => {
  const headers = { Authorization: `Bearer ${SECRET}`, 'X-Org': 'acme' };
  const forms = [
    { servers: { jira: { type: 'http', url: URL_OF, headers } } },
    { servers: { jira: { url: URL_OF, requestInit: { headers } } } },
    { mcpServers: { jira: { serverUrl: URL_OF, headers } } },
    { mcpServers: { jira: { httpUrl: URL_OF, headers } } },
    {
      mcpServers: {
        jira: {
          command: 'npx',
          args: ['-y', 'mcp-remote', URL_OF, '--header', `Authorization: Bearer ${SECRET}`, '--header', 'X-Org:acme'],
        },
      },
    },
    { url: URL_OF, headers },
  ];
  for (const form of forms) {
    const source = detectSource(JSON.stringify(form));
    expect(listTaken(source), JSON.stringify(form)).toEqual([['bearer', '', 'env:SECRET_JIRA']]);
    expect(source).toMatchObject({
      kind: 'http',
      url: URL_OF,
      suggestedName: 'Jira',
      pasted: { headers: [{ name: 'X-Org', value: 'acme' }] },
    });
  }
});

test.each<[string, string, string[][]]>([
  [
    'https://mcp.jira.example/mcp?api_key=abc&team=a%2Fb',
    'https://mcp.jira.example/mcp?team=a%2Fb',
    [['query', 'api_key', 'env:SECRET_JIRA']],
  ],
  [`https://mcp.jira.example/mcp?code=${SECRET}`, URL_OF, [['query', 'code', 'env:SECRET_JIRA']]],
  ['https://user:pass@mcp.jira.example/mcp', URL_OF, [['basic', '', 'env:SECRET_JIRA']]],
  [
    'https://mcp.jira.example/mcp?sig=abc&token=def#x',
    URL_OF,
    [
      ['query', 'sig', 'env:SECRET_JIRA_SIG'],
      ['query', 'token', 'env:SECRET_JIRA_TOKEN'],
    ],
  ],
])('T-25: a secret in an address goes no further than its name: %s', (address, url, taken) => {
  const typed = detectSource(address);
  expect(typed).toMatchObject({ kind: 'problem', pasted: { url } });
  expect(listTaken(typed)).toEqual(taken);
  const pasted = detectPasted({ url: address });
  expect(pasted).toMatchObject({ kind: 'http', url });
  expect(listTaken(pasted)).toEqual(taken);
  for (const source of [typed, pasted]) expect(JSON.stringify(source)).not.toMatch(/abc|Zk3v|pass@|def/);
  expect(detectSource(url)).toMatchObject({ kind: 'http', url });
});

test('a pasted command keeps its variables at the site, by name', () => {
  const source = detectPasted({ command: 'npx', args: ['-y', '@scope/server'], env: { GITHUB_TOKEN: SECRET, LOG: 'debug' } });
  expect(source).toMatchObject({
    kind: 'problem',
    sentence: expect.stringContaining('GITHUB_TOKEN, LOG stay with you: set them for the agent'),
  });
  expect(JSON.stringify(source)).not.toContain(SECRET);
});

test('a path that looks like a secret is told from one that does not', () => {
  expect(holdsSecretPath(`https://mcp.example/s/${SECRET}/mcp`)).toBe(true);
  for (const url of ['https://mcp.example/v1/orders/mcp', 'https://mcp.example/7d3c1d1e-4a0b-4a57-9f5e-0b5a6c1f2e3d', 'no url'])
    expect(holdsSecretPath(url), url).toBe(false);
});
