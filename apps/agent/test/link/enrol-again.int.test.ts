import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import { makeClientKey, makeProfile, makeTool } from '@gatehouse/policy/testing/build';
import { startFakeHub } from '@gatehouse/protocol/testing/fake-hub';

import { makeHome, runAgent, waitUntilReady, type AgentHome } from '../support/agent/agent-process.ts';
import { postModern } from '../support/clients/clients.ts';
import { ECHO, makeEchoSet, makeServerAt, startModernUpstream } from '../support/servers/upstreams.ts';

// each test starts processes, several of them one after the other
vi.setConfig({ testTimeout: 180_000 });

const isOk = ({ status }: { status: string }) => status === 'ok';

/** Two processes with one identity: the second, on a copy of the folder of the first, has been quarantined. */
async function startClone() {
  const hub = await startFakeHub();
  onTestFinished(() => hub.close());
  const server = makeServerAt((await startModernUpstream(makeEchoSet())).url);
  const profile = makeProfile([makeTool(server, ECHO)]);
  const { secret, key } = makeClientKey(profile);
  hub.publish({ servers: [server], profiles: [profile], clientKeys: [key] });
  const [home, copy] = [await makeHome(), await makeHome()];
  const first = await runAgent(home, 'up', '--enroll', hub.createJoinToken());
  await waitUntilReady(home, isOk);
  first.child.kill('SIGTERM');
  await first.ended;
  cpSync(home.dataDir, copy.dataDir, { recursive: true });
  await runAgent(home, 'run');
  await waitUntilReady(home, isOk);
  const clone = await runAgent(copy, 'up');
  const call = async (at: AgentHome) => {
    const params = { name: 'echo', arguments: { text: 'hello' } };
    return (await postModern(`${at.url}/p/support/mcp`, secret, { method: 'tools/call', params })).text();
  };
  return { hub, home, copy, clone, call };
}

test('what a quarantined agent says is to be done, done to the letter, has its folder served again, and keeps what it had not sent', async () => {
  const { hub, copy, clone, call } = await startClone();
  const said = await clone.waitForOutput(/data directory was copied[^\n]*gatehouse-agent up --enroll TOKEN/);
  expect(said).toContain('Stop it, make a join token in the console and start it with: gatehouse-agent up --enroll TOKEN');
  // for people alone: the warnings of the log are sentences too
  expect(await clone.waitForOutput(/! this agent may not serve any more \(standing quarantined\)/)).not.toMatch(/^\{/m);
  expect(await call(copy)).toContain('This agent is quarantined. Ask an administrator of this workspace.');
  clone.child.kill('SIGTERM');
  await clone.ended;
  const { agentId } = JSON.parse(readFileSync(join(copy.dataDir, 'identity.json'), 'utf8')) as { agentId: string };

  const again = await runAgent(copy, 'up', '--enroll', hub.createJoinToken());
  const former = join(copy.dataDir, 'former', agentId);
  expect(await again.waitForOutput(/left, receipts/)).toContain(`is in ${former}.`);
  await waitUntilReady(copy, isOk);
  expect(await call(copy)).toContain('hello');
  // the receipt of the refused call was never sent: it is where the agent said
  const spool = readdirSync(join(former, 'spool')).map((name) => readFileSync(join(former, 'spool', name), 'utf8'));
  expect(spool.join('')).toContain('agent_quarantined');
  expect(existsSync(join(former, 'site.key'))).toBe(false);
});

test('a folder whose agent is welcome is not enrolled again, and a spent token in the environment changes nothing', async () => {
  const hub = await startFakeHub();
  onTestFinished(() => hub.close());
  hub.publish();
  const home = await makeHome();
  await (
    await runAgent(home, 'enroll', hub.createJoinToken())
  ).ended;
  const identity = readFileSync(join(home.dataDir, 'identity.json'), 'utf8');
  const refused = await runAgent(home, 'enroll', hub.createJoinToken());
  expect(await refused.ended).toBe(1);
  expect(refused.readOutput()).toContain('is enrolled already');
  const spent = { ...home, environment: { ...home.environment, GATEHOUSE_ENROLL_TOKEN: 'spent' } };
  await runAgent(spent, 'up');
  await waitUntilReady(home, isOk);
  expect(readFileSync(join(home.dataDir, 'identity.json'), 'utf8')).toBe(identity);
  expect(existsSync(join(home.dataDir, 'former'))).toBe(false);
});
