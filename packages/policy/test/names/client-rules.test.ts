import { expect, test } from 'vitest';

import { CLIENT_RULES, findRefusedArguments, listClientsRefusingTool } from '../../src/names/client-rules.ts';

test.each([
  ['get_order', []],
  ['get-order', []],
  ['x'.repeat(64), []],
  ['x'.repeat(65), ['Claude Desktop', 'Codex', 'Gemini CLI']],
  ['3d_print', ['Gemini CLI']],
  ['orders.get', ['Claude Desktop', 'Claude Code', 'GitHub Copilot CLI', 'VS Code', 'Codex', 'Cursor']],
  ['orders/get', CLIENT_RULES.map(({ client }) => client)],
])('a tool named %s is refused by %j', (name, clients) => {
  expect(listClientsRefusingTool(name)).toEqual(clients);
});

test('arguments that clients refuse are named with the clients; dots and hyphens are taken, and members are looked at by none', () => {
  const properties = {
    'uids[]': {},
    $top: {},
    'sort.by': {},
    'a-b': {},
    größe: {},
    [`x${'y'.repeat(64)}`]: {},
    nested: { properties: { $x: {} } },
  };
  expect(findRefusedArguments({ type: 'object', properties })).toEqual({
    names: ['uids[]', '$top', 'größe', `x${'y'.repeat(64)}`],
    clients: ['Claude Desktop', 'Claude Code'],
  });
  expect(findRefusedArguments({ type: 'object', properties: { id: {} } })).toBeNull();
  expect(findRefusedArguments({ type: 'object' })).toBeNull();
  expect(findRefusedArguments({ type: 'object', properties: true })).toBeNull();
});

test('each rule says where it was seen', () => {
  for (const { source } of CLIENT_RULES) expect(source).toMatch(/^https:\/\/.+\(\d{4}-\d\d\)/);
});
