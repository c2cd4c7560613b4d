import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { JsonObject } from '@gatehouse/policy/documents/json';
import type { SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { makeServer } from '@gatehouse/policy/testing/build';

import type { Guardrails } from '../../../src/config/guardrails/guardrails.ts';
import { LOCAL } from '../agent/upstream-deps.ts';
import { makeTempDir } from '../disk/temp-dir.ts';
import { makeNodeEntry, withEntries } from './stdio.ts';
import { makeServerAt, readText, startHttp } from './upstreams.ts';

/** What a server lists. */
export interface Offered {
  tools: object[];
  prompts: object[];
  resources: object[];
  resourceTemplates: object[];
}

/** A server that can be made to list other things from one moment to the next, without a word. */
export interface OfferServer {
  server: SnapshotServer;
  guardrails: Guardrails;
  change(offered: Partial<Offered>): void;
  /** methods that it was asked, in order */
  listAsked(): string[];
}

const FEATURES = { completions: true, resourceSubscriptions: true };

/** The whole of what it does; it must not use anything of this file, because the process of the stdio server has only its source. */
function answerOffer(era: string, offered: Offered, method: string): object | null {
  const capabilities = { tools: {}, prompts: {}, resources: { subscribe: true }, completions: {} };
  const listed = { resultType: 'complete', ttlMs: 0, cacheScope: 'private' };
  switch (method) {
    case 'server/discover':
      return era === 'modern' ? { ...listed, supportedVersions: ['2026-07-28'], capabilities } : null;
    case 'initialize':
      return era === 'legacy'
        ? { protocolVersion: '2025-11-25', capabilities, serverInfo: { name: 'offer', version: '1' } }
        : null;
    case 'tools/list':
      return { ...listed, tools: offered.tools };
    case 'prompts/list':
      return { ...listed, prompts: offered.prompts };
    case 'resources/list':
      return { ...listed, resources: offered.resources };
    case 'resources/templates/list':
      return { ...listed, resourceTemplates: offered.resourceTemplates };
    case 'tools/call':
      return { resultType: 'complete', content: [{ type: 'text', text: 'done' }] };
    case 'prompts/get':
      return { resultType: 'complete', messages: [] };
    case 'resources/read':
      return { ...listed, contents: [] };
    case 'completion/complete':
      return { resultType: 'complete', completion: { values: ['x'] } };
    case 'resources/subscribe':
    case 'resources/unsubscribe':
      return {};
    default:
      return null;
  }
}

/** Answers one request in place of the server; what it does not answer stays open. */
export type Override = (reply: (body: object, status?: number) => void, params: JsonObject) => void;

/** Over HTTP, with a session where the era has one. `overrides`: by method. */
export async function startHttpOffer(era: 'legacy' | 'modern', first: Offered) {
  let offered = first;
  const asked: string[] = [];
  const overrides = new Map<string, Override>();
  const { url } = await startHttp(async (request, response) => {
    if (request.method !== 'POST') return void response.writeHead(405).end();
    const { id, method, params } = JSON.parse(await readText(request));
    asked.push(method);
    if (id === undefined) return void response.writeHead(202).end();
    const reply = (body: object, status = 200) => {
      const session = era === 'legacy' && method === 'initialize' ? { 'mcp-session-id': `session-${asked.length}` } : {};
      response.writeHead(status, { 'content-type': 'application/json', ...session });
      response.end(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
    };
    const override = overrides.get(method);
    if (override) return override(reply, params);
    const result = answerOffer(era, offered, method);
    if (result) reply({ result });
    else reply({ error: { code: -32601, message: 'unknown' } }, era === 'modern' ? 404 : 200);
  });
  const server = makeServerAt(url, undefined, { features: { logging: false, ...FEATURES } });
  const change = (next: Partial<Offered>): void => void (offered = { ...offered, ...next });
  return { url, server, guardrails: LOCAL, overrides, change, listAsked: () => asked };
}

/** As a process that reads what it offers from a file, each time anew. */
export function makeStdioOffer(era: 'legacy' | 'modern', first: Offered): OfferServer {
  const folder = makeTempDir();
  const [script, offer, log] = ['server.mjs', 'offer.json', 'log'].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(offer, JSON.stringify(first));
  writeFileSync(log, '');
  writeFileSync(
    script,
    `import { appendFileSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
${answerOffer.toString()}
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  appendFileSync(${JSON.stringify(log)}, method + '\\n');
  if (id === undefined) return;
  const result = answerOffer(${JSON.stringify(era)}, JSON.parse(readFileSync(${JSON.stringify(offer)}, 'utf8')), method);
  const body = result ? { result } : { error: { code: -32601, message: 'unknown' } };
  process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, ...body }) + '\\n');
});
`,
  );
  return {
    server: makeServer({
      transport: { kind: 'stdio', entry: 'offer', processes: 'shared' },
      features: { logging: false, ...FEATURES },
    }),
    guardrails: withEntries({ offer: makeNodeEntry(script) }),
    change: (change) => writeFileSync(offer, JSON.stringify({ ...JSON.parse(readFileSync(offer, 'utf8')), ...change })),
    listAsked: () => readFileSync(log, 'utf8').trim().split('\n'),
  };
}
