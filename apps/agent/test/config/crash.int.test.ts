import { setTimeout as delay } from 'node:timers/promises';

import { expect, onTestFinished, test } from 'vitest';

import { makeClientKey, makeProfile, makeTool } from '@gatehouse/policy/testing/build';
import { startFakeHub } from '@gatehouse/protocol/testing/fake-hub';

import { makeHome, runAgent, waitUntilReady, type AgentHome } from '../support/agent/agent-process.ts';
import { buildAuthorization, buildModernCall, buildModernHeaders, post } from '../support/clients/clients.ts';
import { chooseRounds } from '../support/drill.ts';
import { ECHO, makeServerAt, startModernUpstream } from '../support/servers/upstreams.ts';

const ROUNDS = chooseRounds(200);
/** An agent that takes in a configuration asks twice for parts and then answers. */
const MESSAGES = 3;

const isUp = ({ status }: { status: string }) => status === 'ok' || status === 'degraded';

async function readVersion(home: AgentHome): Promise<number> {
  const { config } = (await (await fetch(`${home.url}/readyz`)).json()) as { config: { version: number } | null };
  return config?.version ?? 0;
}

test(
  `T-16: kill -9 while configurations are applied: the agent starts from its disk and serves one of them, whole (${ROUNDS} rounds)`,
  async () => {
    const hub = await startFakeHub();
    onTestFinished(() => hub.close());
    const upstream = await startModernUpstream({
      tools: [ECHO],
      call: async () => ({ content: [{ type: 'text', text: 'done' }] }),
    });
    const server = makeServerAt(upstream.url);
    const profile = makeProfile([makeTool(server, ECHO)]);
    const home = await makeHome();
    const isAccepted = async (secret: string) => {
      const headers = { ...buildAuthorization(secret), ...buildModernHeaders('echo') };
      return (await post(`${home.url}/p/support/mcp`, buildModernCall('echo', { text: 'a' }), headers)).status === 200;
    };
    /** the only key of each version, so that a call tells which one is served, and that all of it is */
    const secrets = new Map<number, string>();
    const publish = (): void => {
      const { secret, key } = makeClientKey(profile);
      const { version } = hub.publish({ servers: [server], profiles: [profile], clientKeys: [key] });
      secrets.set(version, secret);
    };

    publish();
    await (
      await runAgent(home, 'enroll', hub.createJoinToken())
    ).ended;
    let agent = await runAgent(home, 'run');
    await waitUntilReady(home, ({ status }) => status === 'ok');
    let interrupted = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = await readVersion(home);
      const connection = hub.connections.all.at(-1) ?? expect.fail('the agent is not connected');
      const place = connection.messages.all.length + 1 + Math.floor(Math.random() * MESSAGES);
      const killed = connection.messages
        .waitForCount(place)
        .then(() => delay(Math.random() * 6))
        .then(() => agent.child.kill('SIGKILL'));
      const dead = agent.ended.then(() => true);
      do publish();
      while (!(await Promise.race([dead, delay(5, false)])));
      await killed;
      const last = connection.messages.all.findLast(({ type }) => type === 'part-request' || type === 'config-status');
      if (last?.type === 'part-request') interrupted += 1;
      await hub.close();

      agent = await runAgent(home, 'run');
      await waitUntilReady(home, isUp);
      const version = await readVersion(home);
      expect(version).toBeGreaterThanOrEqual(before);
      expect(await isAccepted(secrets.get(version) ?? '')).toBe(true);
      for (const other of [version - 1, version + 1]) expect(await isAccepted(secrets.get(other) ?? 'mcp_none')).toBe(false);
      await hub.listen();
      const newest = hub.published?.version ?? 0;
      await waitUntilReady(home, isUp);
      while ((await readVersion(home)) !== newest) await delay(5);
    }
    expect(interrupted, 'the agent was killed between its request and its answer').toBeGreaterThan(0);
  },
  60_000 + ROUNDS * 20_000,
);
