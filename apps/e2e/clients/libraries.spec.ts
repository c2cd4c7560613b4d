import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { SERVER_INFO_META_KEY } from '@modelcontextprotocol/client';
import { z } from 'zod';

import { createRunner, expect, installClient, resolveClientCommand, test } from './fixtures.ts';

const PROGRAMS = join(import.meta.dirname, 'libraries');

/** Who answers is the agent, and says so in each result of 2026-07-28. */
const nameNoServer = (key: string, value: unknown) => (key === SERVER_INFO_META_KEY ? 'the server' : value);

const Seen = z.record(z.string(), z.unknown());

/** Libraries that agents are built with, and what each does not do for its own reasons: each in a program of its own that asks the same of the reference server, directly and through the agent. */
const LIBRARIES: [name: string, version: string, program: string, refusing: string[]][] = [
  ['@modelcontextprotocol/sdk', '1.10.2', 'sdk-1.mjs', []],
  ['@modelcontextprotocol/sdk', '1.17.5', 'sdk-1.mjs', []],
  ['@modelcontextprotocol/sdk', '1.22.0', 'sdk-1.mjs', []],
  ['@langchain/mcp-adapters', '1.1.4', 'langchain.mjs', ['test_error_handling', 'json_schema_2020_12_tool']],
  ['@ai-sdk/mcp', '2.0.99', 'ai-sdk.mjs', []],
  ['@mastra/mcp', '2.0.0', 'mastra.mjs', ['test_error_handling']],
];

for (const [name, version, program, refusing] of LIBRARIES) {
  test(`${name} ${version} gets through the agent what it gets directly, name of the server apart`, async ({ site, home }) => {
    const folder = await installClient(name, version);
    const run = createRunner(process.execPath, home);
    const ask = async (url: string, key: string) => {
      const printed = await run([join(PROGRAMS, program), folder, url, key]);
      // a library may have something of its own to say beside it
      const json = printed.split('\n').find((line) => line.startsWith('{"')) ?? '';
      return Seen.parse(JSON.parse(json, nameNoServer));
    };
    const direct = await ask(site.reference.url, 'unused');
    expect(JSON.stringify(direct.tools)).toContain('json_schema_2020_12_tool');
    expect(JSON.stringify(direct.test_simple_text)).toContain('simple text');
    const refused = Object.keys(direct).filter((what) => String(direct[what]).startsWith('refused'));
    expect(refused).toEqual(refusing);
    for (const { mcpUrl, apiKey } of [site.endpoints.http, site.endpoints.stdio])
      expect(await ask(mcpUrl, apiKey)).toEqual(direct);
  });
}

test('codex 0.171.0 has the tools of a profile that it has directly, and none with a wrong key', async ({ site, home }) => {
  const { mcpUrl, apiKey } = site.endpoints.http;
  const environment = { CODEX_HOME: home, GATEHOUSE_KEY: apiKey, STRANGER_KEY: `${apiKey.slice(0, -4)}AAAA` };
  const command = await resolveClientCommand('@openai/codex', '0.171.0', 'codex');
  const codex = createRunner(command, home, environment);
  await codex(['mcp', 'add', 'direct', '--url', site.reference.url]);
  await codex(['mcp', 'add', 'gatehouse', '--url', mcpUrl, '--bearer-token-env-var', 'GATEHOUSE_KEY']);
  await codex(['mcp', 'add', 'stranger', '--url', mcpUrl, '--bearer-token-env-var', 'STRANGER_KEY']);
  const told = await createRunner(process.execPath, home, environment)([join(PROGRAMS, 'codex.mjs'), command]);
  const { direct, gatehouse, stranger } = Seen.parse(JSON.parse(told));
  expect(direct).toMatchObject({ tools: expect.arrayContaining(['test_simple_text']) });
  expect(gatehouse).toEqual(direct);
  expect(stranger).toMatchObject({ tools: [], toolsError: expect.stringMatching(/./) });
});

test('opencode 1.18.33 connects to a profile, and not with a wrong key', async ({ site, home }) => {
  const opencode = createRunner(await resolveClientCommand('opencode-ai', '1.18.33', 'opencode'), home);
  const { mcpUrl, apiKey } = site.endpoints.http;
  const server = (key: string) => ({ type: 'remote', url: mcpUrl, oauth: false, headers: { Authorization: `Bearer ${key}` } });
  const mcp = { gatehouse: server(apiKey), stranger: server(`${apiKey.slice(0, -4)}AAAA`) };
  mkdirSync(join(home, '.config', 'opencode'), { recursive: true });
  writeFileSync(join(home, '.config', 'opencode', 'opencode.json'), JSON.stringify({ mcp }));
  const listed = await opencode(['mcp', 'list']);
  expect(listed).toMatch(/gatehouse.*connected/);
  expect(listed).toMatch(/stranger.*failed/);
});
