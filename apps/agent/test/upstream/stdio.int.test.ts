import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { expect, test } from 'vitest';
import { z } from 'zod';

import type { SnapshotServer } from '@gatehouse/policy/snapshot';
import { ToolDefinition } from '@gatehouse/policy/tool-definition';

import type { StdioEntry } from '../../src/config/stdio-entry.ts';
import { connectV2 } from '../support/clients.ts';
import { profileOf, startGateway, toolOf, type GatewaySetup } from '../support/gateway.ts';
import { makeServer } from '../support/site.ts';
import { everythingEntry, nodeEntry, scriptEntry, withEntries } from '../support/stdio.ts';
import { tempDir } from '../support/temp-dir.ts';

const RUN: ToolDefinition = { name: 'run', inputSchema: { type: 'object' } };

function stdioServer(entry: string): SnapshotServer {
  return makeServer({ transport: { kind: 'stdio', entry } });
}

async function gatewayTo(entry: StdioEntry, setup: Partial<GatewaySetup> = {}) {
  const server = stdioServer('script');
  const profile = profileOf([toolOf(server, RUN)]);
  const gateway = await startGateway({
    servers: [server],
    profiles: [profile],
    guardrails: withEntries({ script: entry }),
    ...setup,
  });
  const client = await connectV2(gateway.url, gateway.secret, 'auto');
  const run = (args: Record<string, unknown> = {}, signal?: AbortSignal) =>
    client.callTool({ name: 'run', arguments: args }, { signal });
  return { ...gateway, run, server };
}

/** False also for a process that has ended and was not yet waited for. */
function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

async function textOf(result: Promise<unknown>): Promise<string> {
  const { content } = (await result) as { content: { text: string }[] };
  return content[0]?.text ?? '';
}

test('the published example server runs through an entry of the guardrails', async () => {
  const entry = everythingEntry();
  const server = stdioServer('everything');
  const echo = (await definitionsOf(entry)).find(({ name }) => name === 'echo');
  if (!echo) throw new Error('the example server has an echo tool');
  const guardrails = withEntries({ everything: entry });
  const gateway = await startGateway({ servers: [server], profiles: [profileOf([toolOf(server, echo)])], guardrails });
  const client = await connectV2(gateway.url, gateway.secret, 'auto');
  expect(await textOf(client.callTool({ name: 'echo', arguments: { message: 'hello' } }))).toBe('Echo: hello');
  expect(gateway.upstreams.health()).toMatchObject([{ serverId: server.id, state: 'connected', error: null }]);
});

/** The definitions as another client reads them, so that the pin does not rest on the code under test. */
async function definitionsOf(entry: StdioEntry): Promise<ToolDefinition[]> {
  const client = new Client({ name: 'reader', version: '1' });
  await client.connect(new StdioClientTransport({ command: entry.command, args: [...entry.args], stderr: 'ignore' }));
  const { tools } = await client.request({ method: 'tools/list' }, z.object({ tools: z.array(ToolDefinition) }));
  await client.close();
  return tools;
}

test('T-20: no shell reads the arguments, and only named variables reach the child', async () => {
  const marker = join(tempDir(), 'pwned');
  const entry = scriptEntry('reply(JSON.stringify({ argv: process.argv.slice(2), env: process.env, cwd: process.cwd() }))');
  const hostile = [`; touch ${marker}`, `$(touch ${marker})`, `\`touch ${marker}\``, '&&', '|', '>', "'", '"', '*', '$HOME', ''];
  const cwd = tempDir();
  const gateway = await gatewayTo(
    { ...entry, args: [...entry.args, ...hostile], cwd, env: ['ALLOWED', 'NOT_SET'] },
    { environment: { ALLOWED: 'yes', SECRET: 'no', NODE_OPTIONS: '--inspect', PATH: '/nowhere', LD_PRELOAD: 'x.so' } },
  );
  const seen: unknown = JSON.parse(await textOf(gateway.run()));
  expect(seen).toEqual({ argv: hostile, env: { ALLOWED: 'yes' }, cwd });
  expect(existsSync(marker)).toBe(false);
});

test('T-20: what is not in the guardrails, or not as it was hashed, is not started', async () => {
  const marker = join(tempDir(), 'started');
  const entry = scriptEntry('reply(1)', `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(marker)}, '');`);
  const unnamed = await gatewayTo(entry, { guardrails: withEntries({}) });
  expect(await unnamed.run()).toMatchObject({ isError: true });
  expect(await unnamed.journal.at(0)).toMatchObject({ outcome: 'denied', reasonCode: 'guardrail' });

  const script = entry.args[0] ?? '';
  writeFileSync(script, `${readFileSync(script, 'utf8')}\n// changed\n`);
  const changed = await gatewayTo(entry);
  expect(await textOf(changed.run())).toContain('has changed since it was allowed');
  expect(existsSync(marker)).toBe(false);
  expect(changed.upstreams.health()).toMatchObject([{ state: 'unreachable', error: expect.stringContaining('SHA-256') }]);
});

test('the child and what it started are gone after close, also when they ignore being asked', async () => {
  const start = `import { spawn } from 'node:child_process';
const stubborn = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); process.stdout.write('ready')";
const grandchild = spawn(process.execPath, ['-e', stubborn], { stdio: ['ignore', 'pipe', 'inherit'] });
process.on('SIGTERM', () => {});
setInterval(() => {}, 1000);
await new Promise((resolve) => grandchild.stdout.once('data', resolve));`;
  const gateway = await gatewayTo(scriptEntry('reply(process.pid + " " + grandchild.pid)', start));
  const pids = (await textOf(gateway.run())).split(' ').map(Number);
  expect(pids.map(isAlive)).toEqual([true, true]);
  await gateway.close();
  expect(pids.map(isAlive)).toEqual([false, false]);
});

test('B66: a child that ends takes its own children with it, fails the call under way and is started again later', async () => {
  const start = `import { spawn } from 'node:child_process'; const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });`;
  const gateway = await gatewayTo(scriptEntry('if (message.params.arguments.crash) process.exit(3); reply(other.pid)', start));
  const grandchild = Number(await textOf(gateway.run()));
  expect(await textOf(gateway.run({ crash: true }))).toBe('The server cannot be reached: it closed the connection.');
  expect(await gateway.journal.at(1)).toMatchObject({ outcome: 'failed', reasonCode: 'upstream_unreachable' });
  await expect.poll(() => isAlive(grandchild)).toBe(false);
  expect(await textOf(gateway.run())).toMatch(/started again in 1 s/);
  expect(gateway.upstreams.health()).toMatchObject([{ state: 'unreachable' }]);
  await expect.poll(async () => Number(await textOf(gateway.run())), { timeout: 5_000, interval: 200 }).toBeGreaterThan(0);
});

test('a server that ends when it is asked about the newer protocol is started again with the older one', async () => {
  const counter = join(tempDir(), 'starts');
  const start = `import { appendFileSync } from 'node:fs'; appendFileSync(${JSON.stringify(counter)}, 'x');
process.stdin.once('data', (chunk) => { if (String(chunk).includes('server/discover')) process.exit(1); });`;
  const gateway = await gatewayTo(scriptEntry('if (message.params.arguments.crash) process.exit(3); reply("ok")', start));
  expect(await textOf(gateway.run())).toBe('ok');
  expect(readFileSync(counter, 'utf8')).toBe('xx');
  await gateway.run({ crash: true });
  await expect.poll(() => textOf(gateway.run()), { timeout: 5_000, interval: 200 }).toBe('ok');
  // what was learned is kept
  expect(readFileSync(counter, 'utf8')).toBe('xxx');
});

test('B65: output that is no message is skipped, also in the middle of a character', async () => {
  const noise = `process.stdout.write('starting up...\\n{"half":\\n\\n[]\\n42\\n');
const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: message.id, result: { content: [{ type: 'text', text: 'grüße 🎉' }] } }) + '\\n');
for (const byte of bytes) { process.stdout.write(Buffer.from([byte])); await new Promise((resolve) => setImmediate(resolve)); }`;
  const gateway = await gatewayTo(scriptEntry(noise));
  expect(await textOf(gateway.run())).toBe('grüße 🎉');
});

test('B65: a line of more than 10 MB ends the child and nothing else', async () => {
  const flood = `if (!message.params.arguments.flood) return reply(process.pid);
const chunk = 'x'.repeat(1024 * 1024); for (let n = 0; n < 12; n += 1) if (!process.stdout.write(chunk)) await new Promise((resolve) => process.stdout.once('drain', resolve));`;
  const gateway = await gatewayTo(scriptEntry(flood));
  const pid = Number(await textOf(gateway.run()));
  expect(await gateway.run({ flood: true })).toMatchObject({ isError: true });
  expect(await gateway.journal.at(1)).toMatchObject({ outcome: 'failed', reasonCode: 'upstream_too_large' });
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test('a command that does not exist is a clear sentence', async () => {
  const entry = nodeEntry(scriptEntry('').args[0] ?? '');
  const gateway = await gatewayTo({ ...entry, command: '/nonexistent/command' });
  expect(await textOf(gateway.run())).toContain('/nonexistent/command');
  expect(await gateway.journal.at(0)).toMatchObject({ reasonCode: 'guardrail' });
});

test('calls at the same time share one process', async () => {
  const gateway = await gatewayTo(scriptEntry('await new Promise((resolve) => setImmediate(resolve)); reply(process.pid)'));
  const pids = await Promise.all(Array.from({ length: 20 }, () => textOf(gateway.run())));
  expect(new Set(pids).size).toBe(1);
});

test('a server that leaves the configuration is ended', async () => {
  const gateway = await gatewayTo(scriptEntry('reply(process.pid)'));
  const pid = Number(await textOf(gateway.run()));
  gateway.publish({ servers: [], profiles: [{ ...profileOf([]), slug: 'support' }] });
  await expect.poll(() => isAlive(pid)).toBe(false);
});

test('T-28: a secret that is handed to a child does not come back', async () => {
  const gateway = await gatewayTo(
    { ...scriptEntry('reply(`${process.env.ORDERS_API_KEY} at ${process.env.PLACE}`)'), env: ['ORDERS_API_KEY', 'PLACE'] },
    { environment: { ORDERS_API_KEY: 'k-0123456789abcdef', PLACE: '/srv/orders-data' } },
  );
  expect(await textOf(gateway.run())).toBe('[redacted:credential] at /srv/orders-data');
});
