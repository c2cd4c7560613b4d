import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { readAllRows } from '@gatehouse/db/testing';
import { findFreePort } from '@gatehouse/process/testing/free-port';
import { decodeJoinToken, encodeJoinToken } from '@gatehouse/protocol/enrolment';
import { createSecretFinder } from '@gatehouse/redaction/held-secrets';
import { listAgents } from '@gatehouse/services/agent/list-agents';
import { createClientKey } from '@gatehouse/services/client-key/create-client-key';
import { getDiscovery } from '@gatehouse/services/discovery/get-discovery';
import { startDiscovery } from '@gatehouse/services/discovery/start-discovery';
import { createJoinToken } from '@gatehouse/services/join-token/create-join-token';
import { createProfile } from '@gatehouse/services/profile/create-profile';
import { saveDraft } from '@gatehouse/services/profile/draft/save-draft';
import { grantAccess } from '@gatehouse/services/profile/grant-access';
import { publishProfile } from '@gatehouse/services/profile/publish/publish-profile';
import { decideReview } from '@gatehouse/services/review/decide-review';
import { getReview } from '@gatehouse/services/review/get-review';
import { createServer } from '@gatehouse/services/server/create-server';

import { CREDENTIAL, FORMS, holdsCredential } from './support/credential-forms.ts';
import { startEchoingServer, WAYS, writeEchoingProgram } from './support/echoing-server.ts';
import { startProcess } from './support/processes.ts';
import { expectSoon, openHub, type Workspace } from './support/world.ts';

const { world, hub } = await openHub({ burst: 100_000, tokensPerSecond: 100_000 });
const forms = Object.values(FORMS);

/** A site with one credential: sent to the server at `origin`, and given to a program. */
async function startAgent(workspace: Workspace, origin: string) {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-held-')));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [command, script] = [realpathSync(process.execPath), join(folder, 'program.mjs')];
  writeFileSync(script, writeEchoingProgram());
  const hash = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
  const sha256 = { [command]: hash(command), [script]: hash(script) };
  const program = { command, args: [script], cwd: dirname(script), env: ['CHILD_TOKEN'], sha256, sandbox: 'none' };
  const guardrails = join(folder, 'guardrails.yaml');
  writeFileSync(guardrails, JSON.stringify({ http: { privateHosts: ['127.0.0.1'] }, stdio: { program } }));
  chmodSync(guardrails, 0o444);
  const { token } = await createJoinToken({
    ctx: await workspace.as('owner'),
    input: { siteId: workspace.siteId, agentName: 'agent' },
  });
  const content = decodeJoinToken(token);
  if (!content) throw new Error('not a token');
  const url = `http://127.0.0.1:${await findFreePort()}`;
  const agent = startProcess('agent/src/cli.ts', ['run'], {
    GATEHOUSE_DATA_DIR: join(folder, 'state'),
    GATEHOUSE_LISTEN: new URL(url).host,
    GATEHOUSE_GUARDRAILS_FILE: guardrails,
    GATEHOUSE_ALLOW_OWN_GUARDRAILS: 'true',
    GATEHOUSE_LOG_LEVEL: 'trace',
    GATEHOUSE_ENROLL_TOKEN: encodeJoinToken({ ...content, hub: hub.url }),
    SECRET_ECHO: CREDENTIAL,
    SECRET_ECHO_ORIGIN: origin,
    CHILD_TOKEN: CREDENTIAL,
    PATH: process.env.PATH ?? '',
  });
  return { ...agent, url };
}

/** Looks at a server through the agent; resolves when that has ended. */
async function discover(workspace: Workspace, serverId: string, agentId: string): Promise<string> {
  const ctx = await workspace.as('owner');
  const { id: discoveryId } = await startDiscovery({ ctx, input: { serverId, agentId } });
  const read = async () => (await getDiscovery({ ctx, input: { discoveryId } })).status;
  await expect.poll(read, { timeout: 40_000 }).toMatch(/succeeded|failed/);
  return read();
}

/** The profile `echo` with everything of the server that is honest; every value that can be logged is. */
async function publish(workspace: Workspace, serverId: string) {
  const [owner, reviewer] = [await workspace.as('owner'), await workspace.as('reviewer')];
  const { tenantId } = workspace;
  const where = { tenantId, serverId, state: 'open' } as const;
  const { id: reviewId } = await runInTenant(world.runtime.db, tenantId, (tx) => tx.review.findFirstOrThrow({ where }));
  const review = await getReview({ ctx: reviewer, input: { reviewId } });
  const marks = { risk: 'read' as const, logArguments: ['/note'], logResults: ['/value'] };
  const decisions = review.entries.map(({ kind, name }) => {
    const choice = { name, verdict: 'approved' as const };
    return kind === 'tool' ? { kind, ...choice, ...marks } : { kind, ...choice };
  });
  await decideReview({ ctx: reviewer, input: { reviewId, decisions, reason: 'it only reads' } });
  const { id: profileId } = await createProfile({ ctx: owner, input: { name: 'Echo', siteIds: [workspace.siteId] } });
  const entries = review.entries.flatMap(({ kind, name }) => (kind === 'instructions' ? [] : [{ kind, serverId, name }]));
  await saveDraft({ ctx: owner, input: { profileId, draft: { entries } } });
  await publishProfile({ ctx: owner, input: { profileId } });
  if (owner.actor.kind !== 'person') throw new Error('not a person');
  await grantAccess({ ctx: owner, input: { profileId, membershipId: owner.actor.membershipId } });
  const { key } = await createClientKey({ ctx: owner, input: { profileId, name: 'test' } });
  return { key, names: entries.map(({ name }) => name) };
}

/** A client of the older protocol, by hand: what it is answered is only text. */
async function openClient(url: string, key: string) {
  const headers: Record<string, string> = {
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    authorization: `Bearer ${key}`,
  };
  const send = async (method: string, params: object) => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params });
    const response = await fetch(`${url}/p/echo/mcp`, { method: 'POST', headers, body });
    headers['mcp-session-id'] ??= response.headers.get('mcp-session-id') ?? '';
    return response.text();
  };
  const clientInfo = { name: 'client', version: '1' };
  await send('initialize', { protocolVersion: '2025-11-25', capabilities: {}, clientInfo });
  headers['mcp-protocol-version'] = '2025-11-25';
  return send;
}

test('T-25: a held credential, in whatever form servers and clients write it, is in no row of the database, no log and no answer', async () => {
  expect(
    forms.filter((form) => !holdsCredential(JSON.stringify({ form }))),
    'what this test could not find',
  ).toEqual([]);
  const workspace = await world.makeWorkspace();
  const owner = await workspace.as('owner');
  const server = await startEchoingServer();
  const worker = startProcess('worker/src/main.ts', [], {
    GATEHOUSE_WORKER_DATABASE_URL: world.database.urls.worker,
    GATEHOUSE_SIGNING_KEK: world.signingKek.toString('base64'),
    GATEHOUSE_WORKER_PORT: '0',
    GATEHOUSE_LOG_LEVEL: 'trace',
  });
  const agent = await startAgent(workspace, server.origin);
  const readAgents = async () => (await listAgents({ ctx: owner })).rows;
  await expect.poll(async () => (await readAgents()).map(({ status }) => status), { timeout: 60_000 }).toEqual(['Connected']);
  const [{ id: agentId } = { id: '' }] = await readAgents();

  const credential = { kind: 'header', header: 'authorization', prefix: 'Bearer ', reference: 'env:SECRET_ECHO' } as const;
  const add = async (name: string, transport: Parameters<typeof createServer>[0]['input']['transport']) =>
    (await createServer({ ctx: owner, input: { name, transport, purpose: 'Says it again', siteIds: [workspace.siteId] } })).id;
  const echo = await add('Echo', { kind: 'http', url: server.url, credential });
  expect(await discover(workspace, echo, agentId)).toBe('succeeded');
  expect(await discover(workspace, await add('Program', { kind: 'stdio', entry: 'program' }), agentId)).toBe('failed');

  const { key, names } = await publish(workspace, echo);
  expect(names.toSorted()).toEqual(['ask', 'echo', 'record://{form}']);
  const { readOutput } = agent;
  const served = () =>
    fetch(`${agent.url}/p/echo/mcp`, { method: 'POST', headers: { authorization: `Bearer ${key}` } }).then(
      ({ status }) => String(status),
      () => 'none',
    );
  await expectSoon(served).not.toMatch(/none|401|404/);
  const send = await openClient(agent.url, key);
  const answers: string[] = [];
  for (const way of WAYS) {
    for (const [form, note] of forms.entries())
      answers.push(await send('tools/call', { name: 'echo', arguments: { form, way, note }, _meta: { progressToken: 1 } }));
  }
  for (const [n, form] of forms.entries()) {
    answers.push(await send('prompts/get', { name: 'ask', arguments: { form: String(n) } }));
    answers.push(await send('resources/read', { uri: `record://${n}` }));
    answers.push(await send('tools/call', { name: form, arguments: { [form]: form } }));
  }
  await expect.poll(() => workspace.countReceipts(), { timeout: 30_000 }).toBeGreaterThanOrEqual(answers.length);
  await agent.stop();
  await worker.stop();

  const connection = await world.database.connectOwner();
  const rows = await readAllRows(async (sql) => (await connection.query(sql)).rows);
  const find = createSecretFinder([CREDENTIAL]);
  const places = {
    database: rows,
    agent: readOutput().split('\n'),
    hub: world.logged,
    worker: worker.readOutput().split('\n'),
    client: answers,
  };
  const found = Object.entries(places).flatMap(([place, texts]) =>
    texts.filter((text) => holdsCredential(text) || find(text).length > 0).map((text) => `${place}: ${text.slice(0, 2_000)}`),
  );
  expect(found).toEqual([]);
  expect(rows.filter((row) => row.includes('[redacted:credential]')).length, 'values were logged').toBeGreaterThan(forms.length);
  expect(Object.values(places).map(({ length }) => length > 3)).toEqual([true, true, true, true, true]);
}, 300_000);
