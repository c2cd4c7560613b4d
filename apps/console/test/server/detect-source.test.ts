import { expect, test } from 'vitest';

import { detectSource } from '../../src/features/server/add/detect-source.ts';

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
