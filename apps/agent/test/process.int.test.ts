import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, onTestFinished, test } from 'vitest';

import { makeProfile, makeTool, makeClientKey } from '@gatehouse/policy/testing/build';
import { CHAIN_START, verifyRun } from '@gatehouse/protocol/receipt-chain';
import { startFakeHub } from '@gatehouse/protocol/testing/fake-hub';
import { Recording } from '@gatehouse/protocol/testing/recording';

import { makeHome, runAgent, waitUntilReady, type AgentHome } from './support/agent/agent-process.ts';
import { buildAuthorization, buildModernCall, buildModernHeaders, post } from './support/clients/clients.ts';
import { makeSmallDisk } from './support/disk/small-disk.ts';
import { makeTempDir } from './support/disk/temp-dir.ts';
import { chooseRounds } from './support/drill.ts';
import { ECHO, makeServerAt, startModernUpstream } from './support/servers/upstreams.ts';

/** A hub with one published profile whose only tool notes every call that reaches it. */
async function makeSite(homeOptions: Parameters<typeof makeHome>[0] = {}) {
  const hub = await startFakeHub();
  onTestFinished(() => hub.close());
  const reached = new Recording<string>('call at the upstream');
  const upstream = await startModernUpstream({
    tools: [ECHO],
    async call(_name, { text }) {
      reached.add(String(text));
      await delay(2);
      return { content: [{ type: 'text', text: 'done' }] };
    },
  });
  const server = makeServerAt(upstream.url);
  const profile = makeProfile([makeTool(server, ECHO, { logArguments: ['/text'] })]);
  const { secret, key } = makeClientKey(profile);
  hub.publish({ servers: [server], profiles: [profile], clientKeys: [key] });
  return { hub, reached, secret, home: await makeHome(homeOptions) };
}

const call = (home: AgentHome, secret: string, text: string) =>
  post(`${home.url}/p/support/mcp`, buildModernCall('echo', { text }), {
    ...buildAuthorization(secret),
    ...buildModernHeaders('echo'),
  });

const isOk = ({ status }: { status: string }) => status === 'ok';

test('up enrols, says what it serves, serves, and ends cleanly; status tells the truth in between', async () => {
  const { hub, home, secret } = await makeSite();
  const agent = await runAgent(home, 'up', '--enroll', hub.createJoinToken('helsinki-01'));
  const output = await agent.waitForOutput(/Press Ctrl-C/);
  expect(output).toMatch(/Enrolled as helsinki-01 at acme\/helsinki/);
  expect(output).toMatch(/✓ control {3}ws:\/\/127\.0\.0\.1:\d+ {3}config v1/);
  expect(output).toContain(`✓ profiles  ${home.url}/p/support/mcp`);
  expect(await (await call(home, secret, 'hello')).json()).toMatchObject({ result: { content: [{ text: 'done' }] } });
  const [receipt] = await hub.receipts.stored.waitForCount(1);
  expect(receipt).toMatchObject({ outcome: 'allowed', arguments: { logged: [{ pointer: '/text', value: 'hello' }] } });

  const ok = await runAgent(home, 'status');
  expect(await ok.ended).toBe(0);
  expect(ok.readOutput()).toContain('✓ control');
  await hub.close();
  await agent.waitForOutput(/✗ control/);
  const degraded = await runAgent(home, 'status', '--json');
  expect(await degraded.ended).toBe(3);
  expect(JSON.parse(degraded.readOutput())).toMatchObject({ status: 'degraded', config: { version: 1, refusal: null } });

  agent.child.kill('SIGTERM');
  expect(await agent.ended).toBe(0);
  const offline = await runAgent(home, 'status');
  expect(await offline.ended).toBe(4);
  expect(offline.readOutput()).toMatch(/helsinki-01 is not running/);
});

test('T-28: what the name of a machine gives away leaves neither at enrolment nor with a connection', async () => {
  const secret = 'sk-live-51Hx+Qz&7pR';
  const name = `build-${secret}-7d9f8b6c5d-x2x4z`;
  const rename = `import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module'; os.hostname = () => ${JSON.stringify(name)}; syncBuiltinESMExports();`;
  const environment = { SECRET_ORDERS: secret, SECRET_ORDERS_ORIGIN: 'https://orders.example' };
  const { hub, home: plain } = await makeSite({ environment });
  const home = { ...plain, nodeArgs: ['--import', `data:text/javascript,${encodeURIComponent(rename)}`] };
  await (
    await runAgent(home, 'enroll', hub.createJoinToken())
  ).ended;
  const clean = 'build-[redacted:credential]-7d9f8b6c5d-x2x4z';
  expect(hub.enrolment.requests).toMatchObject([{ hostname: clean }]);
  await runAgent(home, 'run');
  const [connection] = await hub.connections.waitForCount(1);
  expect(connection?.agent).toMatchObject({ hostname: clean });
});

test('T-50: a name that a hub gives to the agent cannot steer the terminal of whoever enrols it', async () => {
  const { hub, home } = await makeSite();
  const agent = await runAgent(home, 'enroll', hub.createJoinToken('named\u001B]52;c;ZXZpbA==\u0007\n  ✓ control'));
  expect(await agent.ended).toBe(0);
  expect(agent.readOutput()).toMatch(/^  Enrolled as named\?]52;c;ZXZpbA==\?\? {2}✓ control at acme\/helsinki[^\n]*\n$/);
  const status = await runAgent(home, 'status');
  await status.ended;
  expect(status.readOutput()).toMatch(/^named\?]52;c;ZXZpbA==\?\? {2}✓ control is not running\.[^\n]*\n$/);
});

test('what keeps the agent from starting is told before the join token is spent', async () => {
  const { hub, home } = await makeSite();
  const token = hub.createJoinToken('helsinki-01');
  const { GATEHOUSE_ALLOW_OWN_GUARDRAILS: _allowed, ...strict } = home.environment;
  const unsafe = await runAgent({ ...home, environment: strict }, 'up', '--enroll', token);
  expect(await unsafe.ended).toBe(1);
  expect(unsafe.readOutput()).toMatch(/^\S+guardrails\.yaml: .*(?:runs as root|own user)/);

  const other = createServer().listen(Number(new URL(home.url).port), '127.0.0.1');
  await once(other, 'listening');
  const late = await runAgent({ ...home, environment: { ...home.environment, GATEHOUSE_ENROLL_TOKEN: token } }, 'run');
  expect(await late.ended).toBe(1);
  expect(late.readOutput()).toMatch(/^127\.0\.0\.1:\d+ is in use by another process\./);
  other.close();

  const agent = await runAgent(home, 'up', '--enroll', token);
  expect(await agent.waitForOutput(/Press Ctrl-C/)).toMatch(/Enrolled as helsinki-01/);
});

test('the stored snapshot serves after a restart without the hub, and the receipts arrive later', async () => {
  const { hub, home, secret } = await makeSite();
  await (
    await runAgent(home, 'enroll', hub.createJoinToken())
  ).ended;
  const first = await runAgent(home, 'run');
  await waitUntilReady(home, isOk);
  first.child.kill('SIGKILL');
  await first.ended;
  await hub.close();

  await runAgent(home, 'run');
  await waitUntilReady(home, ({ status }) => status === 'degraded');
  expect(await (await call(home, secret, 'offline')).json()).toMatchObject({ result: { content: [{ text: 'done' }] } });
  await hub.listen();
  const [receipt] = await hub.receipts.stored.waitForCount(1);
  expect(receipt).toMatchObject({ outcome: 'allowed', arguments: { logged: [{ value: 'offline' }] } });
});

test(
  'T-70: kill -9 at any point of a call: whatever reached the upstream has its receipt',
  async () => {
    const { hub, home, secret, reached } = await makeSite();
    await (
      await runAgent(home, 'enroll', hub.createJoinToken())
    ).ended;
    const total = chooseRounds(1_000);
    for (let round = 0; round < total; round++) {
      const agent = await runAgent(home, 'run');
      await waitUntilReady(home, ({ status }) => status === 'ok' || status === 'degraded');
      await (await call(home, secret, `round${round}warm`)).text();
      const calls = Array.from({ length: 6 }, (_, n) =>
        call(home, secret, `round${round}call${n}`).then((answer) => answer.text()),
      );
      const seen = Math.floor(Math.random() * 7);
      await reached.waitForCount(seen, (text) => text.startsWith(`round${round}call`));
      await delay(Math.random() * 6);
      agent.child.kill('SIGKILL');
      await Promise.allSettled([agent.ended, ...calls]);
    }
    const last = await runAgent(home, 'run');
    await waitUntilReady(home, isOk);
    await call(home, secret, 'the-end');
    await hub.receipts.stored.waitForFirst((receipt) => receipt.arguments?.logged[0]?.value === 'the-end');
    last.child.kill('SIGTERM');
    await last.ended;

    const stored = hub.listStoredReceipts();
    const told = new Set(stored.map((receipt) => receipt.arguments?.logged[0]?.value));
    const crashed = stored.filter((receipt) => receipt.reasonCode === 'unknown_after_crash');
    const untold = reached.all.filter((text) => !told.has(text));
    expect(reached.all.length).toBeGreaterThan(total * 2);
    expect(crashed.length).toBeGreaterThan(0);
    expect(untold.length).toBeLessThanOrEqual(crashed.length);
    expect(new Set(stored.map((receipt) => receipt.id)).size).toBe(stored.length);
    expect(new Set(stored.map((receipt) => receipt.spoolId)).size).toBe(1);
    expect(verifyRun(CHAIN_START, stored)).toMatchObject({ ok: true });
  },
  60 * 60_000,
);

test('T-70: a full disk refuses calls with a reason and recovers by itself', async () => {
  const disk = makeSmallDisk();
  const { hub, home, secret, reached } = await makeSite({ dataDir: disk.dataDir, environment: disk.environment });
  await (
    await runAgent(home, 'enroll', hub.createJoinToken())
  ).ended;
  await runAgent(home, 'run');
  await waitUntilReady(home, isOk);
  await (await call(home, secret, 'before')).text();

  disk.fill();
  const refused = async () => JSON.stringify(await (await call(home, secret, 'full')).json());
  let answer = await refused();
  while (!answer.includes('disk of this agent is full')) answer = await refused();
  const before = reached.all.length;
  expect(await refused()).toContain('disk of this agent is full');
  expect(reached.all).toHaveLength(before);
  await waitUntilReady(home, ({ status }) => status === 'degraded');

  disk.clear();
  await waitUntilReady(home, isOk);
  expect(await (await call(home, secret, 'after')).json()).toMatchObject({ result: { content: [{ text: 'done' }] } });
  await hub.receipts.stored.waitForFirst((receipt) => receipt.arguments?.logged[0]?.value === 'after');
  expect(hub.listStoredReceipts().some((receipt) => receipt.reasonCode === 'audit_unavailable')).toBe(true);
  expect(verifyRun(CHAIN_START, hub.listStoredReceipts())).toMatchObject({ ok: true });
});

test('what an operator can mend is told in one line', async () => {
  const { hub, home } = await makeSite();
  const fails = async (where: AgentHome, ...args: string[]) => {
    const agent = await runAgent(where, ...args);
    expect(await agent.ended).toBe(1);
    return agent.readOutput();
  };
  expect(await fails(home, 'up')).toMatch(/^This agent is not enrolled\.[^\n]*\n$/);
  expect(await fails(home, 'up', '--enroll', 'nonsense')).toMatch(/^This is not a join token\.[^\n]*\n$/);
  const token = hub.createJoinToken();
  await (
    await runAgent(home, 'enroll', token)
  ).ended;
  expect(await fails(home, 'enroll', token)).toMatch(/is enrolled already, as fake-agent\.[^\n]*\n$/);
  await runAgent(home, 'run');
  await waitUntilReady(home, isOk);
  expect(await fails(home, 'run')).toMatch(/^Another agent \(process \d+\) uses [^\n]*\n$/);

  const second = await makeHome();
  const taken = { ...second, environment: { ...second.environment, GATEHOUSE_LISTEN: new URL(home.url).host } };
  await (
    await runAgent(taken, 'enroll', hub.createJoinToken())
  ).ended;
  expect(await fails(taken, 'run')).toMatch(/is in use by another process\. Stop that process or set GATEHOUSE_LISTEN\.\n$/);

  const loose = join(makeTempDir(), 'guardrails.yaml');
  writeFileSync(loose, '{}', { mode: 0o644 });
  const { GATEHOUSE_ALLOW_OWN_GUARDRAILS: _allowed, ...unsafe } = second.environment;
  const guarded = { ...second, environment: { ...unsafe, GATEHOUSE_GUARDRAILS_FILE: loose } };
  expect(await fails(guarded, 'run')).toMatch(/(?:runs as root|own user)[^\n]*GATEHOUSE_ALLOW_OWN_GUARDRAILS=true\.\)\n$/);
  const file = join(makeTempDir(), 'file');
  writeFileSync(file, '');
  const broken = { ...second, environment: { ...second.environment, GATEHOUSE_DATA_DIR: file } };
  expect(await fails(broken, 'up', '--enroll', token)).toMatch(/is not a directory[^\n]*\n$/);
  const twice = { GATEHOUSE_DRAIN_SECONDS: 'abc', GATEHOUSE_LOG_LEVEL: 'loud' };
  expect(await fails({ ...second, environment: { ...second.environment, ...twice } }, 'up')).toMatch(
    /^GATEHOUSE_DRAIN_SECONDS: [^\n?]*\nGATEHOUSE_LOG_LEVEL: [^\n?]*\n$/,
  );
});

test('T-25: no credential of an upstream is in the log, the state directory or on the wire to the hub', async () => {
  const canary = 'canary-4417-upstream-secret';
  const upstream = await startModernUpstream({
    tools: [ECHO],
    call: () => ({ isError: true, content: [{ type: 'text', text: `rejected Bearer ${canary}` }] }),
  });
  const environment = { SECRET_CANARY: canary, SECRET_CANARY_ORIGIN: new URL(upstream.url).origin };
  const { hub, home } = await makeSite({ environment: { ...environment, GATEHOUSE_LOG_LEVEL: 'trace' } });
  const server = makeServerAt(upstream.url, 'env:SECRET_CANARY');
  const profile = makeProfile([makeTool(server, ECHO)]);
  const { secret, key } = makeClientKey(profile);
  hub.publish({ servers: [server], profiles: [profile], clientKeys: [key] });
  await (
    await runAgent(home, 'enroll', hub.createJoinToken())
  ).ended;
  const agent = await runAgent(home, 'run');
  await waitUntilReady(home, isOk);
  const answer = await (await call(home, secret, `my ${canary}`)).text();
  await hub.receipts.stored.waitForCount(1);
  agent.child.kill('SIGTERM');
  await agent.ended;
  expect(upstream.seen.at(-1)?.authorization).toBe(`Bearer ${canary}`);
  expect(answer).not.toContain(canary);
  expect(agent.readOutput()).not.toContain(canary);
  expect(hub.getWireText()).not.toContain(canary);
  const found = spawnSync('grep', ['-rlF', '-e', canary, '-e', Buffer.from(canary).toString('base64'), home.dataDir]);
  expect(found.stdout.toString()).toBe('');
});

test('the state directory and everything in it belong to the owner only', async () => {
  const { hub, home } = await makeSite();
  mkdirSync(home.dataDir, { recursive: true });
  await (
    await runAgent(home, 'enroll', hub.createJoinToken())
  ).ended;
  await runAgent(home, 'run');
  await waitUntilReady(home, isOk);
  const found = spawnSync('find', [home.dataDir, '-perm', '/077']);
  expect(found.stdout.toString()).toBe('');
  expect(statSync(home.dataDir).mode & 0o777).toBe(0o700);
  expect(readFileSync(join(home.dataDir, 'identity.json'), 'utf8')).toContain('privateKey');
});
