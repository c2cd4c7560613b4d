import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';

import { exercise, openLegacy, toCompared } from './exercise.ts';
import { resolveClientCommand, expect, createRunner, test } from './fixtures.ts';

const formatAuthHeader = (key: string) => `Authorization: Bearer ${key}`;

for (const era of ['legacy', 'auto', 'modern']) {
  test(`inspector 2.12.0 lists and calls the same, --protocol-era ${era}`, async ({ site, home }) => {
    const inspect = createRunner(await resolveClientCommand('@modelcontextprotocol/inspector', '2.12.0', 'inspector'), home);
    const ask = (url: string, key: string, ...method: string[]) =>
      inspect(['--cli', url, '--transport', 'http', '--header', formatAuthHeader(key), '--protocol-era', era, ...method]);
    const { mcpUrl, apiKey } = site.endpoints.http;
    for (const method of [
      ['--method', 'tools/list'],
      ['--method', 'prompts/list'],
      ['--method', 'resources/list'],
      ['--method', 'tools/call', '--tool-name', 'test_simple_text'],
      ['--method', 'resources/read', '--uri', 'test://static-text'],
      ['--method', 'prompts/get', '--prompt-name', 'test_prompt_with_arguments', '--prompt-args', 'arg1=one', 'arg2=two'],
    ]) {
      const direct = await ask(site.reference.url, 'unused', ...method);
      expect(direct, method.join(' ')).toMatch(/test_|testing|static|arg1='one'/);
      const compare = (said: string) => toCompared(JSON.parse(said), era === 'legacy' ? 'legacy' : 'modern');
      expect(compare(await ask(mcpUrl, apiKey, ...method)), method.join(' ')).toEqual(compare(direct));
    }
  });
}

test('mcp-remote 0.15.1 bridges a stdio client to a profile', async ({ site, home }) => {
  const command = await resolveClientCommand('mcp-remote', '0.15.1', 'mcp-remote');
  const open = (url: string, key: string) => {
    const environment = { PATH: process.env.PATH ?? '', HOME: home, MCP_REMOTE_CONFIG_DIR: home };
    const args = [url, '--transport', 'http-only', '--allow-http', '--header', formatAuthHeader(key)];
    return openLegacy({ mcpUrl: url }, new StdioClientTransport({ command, args, env: environment, stderr: 'ignore' }));
  };
  const runThrough = async (url: string, key: string) => {
    const opened = await open(url, key);
    try {
      return await exercise(opened);
    } finally {
      await opened.client.close();
    }
  };
  const direct = await runThrough(site.reference.url, 'unused');
  expect(direct).toMatchObject({ test_simple_text: { content: [{ type: 'text' }] } });
  expect(await runThrough(site.endpoints.http.mcpUrl, site.endpoints.http.apiKey)).toEqual(direct);
});

test('claude 2.1.329 connects to a profile, and not with a wrong key', async ({ site, home }) => {
  const command = await resolveClientCommand('@anthropic-ai/claude-code', '2.1.329', 'claude');
  const claude = createRunner(command, home, { DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' });
  const { mcpUrl, apiKey } = site.endpoints.http;
  const add = (name: string, key: string) =>
    claude(['mcp', 'add', '--scope', 'user', '--transport', 'http', name, mcpUrl, '--header', formatAuthHeader(key)]);
  await add('gatehouse', apiKey);
  await add('stranger', `${apiKey.slice(0, -4)}AAAA`);
  const listed = await claude(['mcp', 'list']);
  expect(listed).toMatch(/gatehouse: .*Connected/);
  expect(listed).toMatch(/stranger: /);
  expect(listed).not.toMatch(/stranger: .*Connected/);
});

test('gemini 0.61.0 connects to a profile, and not with a wrong key', async ({ site, home }) => {
  const gemini = createRunner(await resolveClientCommand('@google/gemini-cli', '0.61.0', 'gemini'), home);
  const { mcpUrl, apiKey } = site.endpoints.http;
  const server = (key: string) => ({ httpUrl: mcpUrl, headers: { Authorization: `Bearer ${key}` } });
  const settings = { mcpServers: { gatehouse: server(apiKey), stranger: server(`${apiKey.slice(0, -4)}AAAA`) } };
  mkdirSync(join(home, '.gemini'));
  writeFileSync(join(home, '.gemini', 'settings.json'), JSON.stringify(settings));
  // It talks to no server from a folder that it was not told to trust.
  writeFileSync(join(home, '.gemini', 'trustedFolders.json'), JSON.stringify({ [home]: 'TRUST_FOLDER' }));
  const listed = await gemini(['mcp', 'list']);
  expect(listed).toMatch(/gatehouse: .*- Connected/);
  expect(listed).toMatch(/stranger: .*- Disconnected/);
});
