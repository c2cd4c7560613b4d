import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';

import { startFakeHub, type FakeHub } from '@gatehouse/protocol/testing/fake-hub';

import { makeHome, runAgent, waitUntilReady, type AgentHome } from '../support/agent/agent-process.ts';
import { postModern } from '../support/clients/clients.ts';
import { drawStep, HostileHub } from './hostile-hub.ts';
import { signHistory, VERSIONS } from './signed-history.ts';

const IS_DRILL = process.env.GATEHOUSE_DRILL === '1';
const STEPS = IS_DRILL ? 24_000 : 2_400;
const CHECK_EVERY = STEPS / VERSIONS / 2;
const seed = Number(process.env.GATEHOUSE_HOSTILE_SEED ?? Date.now() % 2 ** 31);

/** The tools that a key opens; none for a key that opens nothing. */
async function listTools(home: AgentHome, secret: string): Promise<string[]> {
  const answer = await postModern(`${home.url}/p/support/mcp`, secret, { method: 'tools/list' });
  return [...(await answer.text()).matchAll(/"name":"(\w+_\d+)"/g)].map(([, name = '']) => name);
}

/** What the agent has said that it held, one after another. */
function listHeldKeysets(hub: FakeHub): string[] {
  const said = hub.connections.all.flatMap(({ messages }) => messages.all);
  const payloads = said.flatMap((message) => (message.type === 'keyset-status' ? (message.keyset?.payload ?? []) : []));
  return payloads.filter((payload, n) => payload !== payloads[n - 1]);
}

test(
  'T-10, T-11, T-12: a hub without a key, or with one that was retired, that replays, reorders, withholds, mixes and forges: the agent serves its own site, nothing older than it had, and no revoked key',
  { timeout: 1_800_000 },
  async () => {
    process.stderr.write(`hostile hub of an agent: GATEHOUSE_HOSTILE_SEED=${seed}\n`);
    const hub = await startFakeHub();
    onTestFinished(() => hub.close());
    const history = signHistory(hub);
    const hostile = new HostileHub(hub, history);
    const home = await makeHome();
    let agent = await runAgent(home, 'up', '--enroll', hub.createJoinToken());
    await hub.connections.waitForCount(1);

    let served = 0;
    let isRevoked = false;
    let checks = 0;
    const check = async () => {
      const { own } = history;
      const foreign = [...history.foreign, ...history.stolen];
      const tools = await Promise.all(own.map(({ secret }) => listTools(home, secret)));
      const versions = tools.flat().map((tool) => Number(/^own_(\d+)$/.exec(tool)?.[1]));
      const newest = Math.max(served, ...versions);
      // everybody is served the same, a version that was signed for this site, and never one before another
      expect(
        versions.every((version) => version === newest && version >= served),
        `seed ${seed}: ${tools.join()} after ${served}`,
      ).toBe(true);
      for (const [n, opened] of tools.entries()) {
        if (opened.length > 0) expect(n, `seed ${seed}`).toBeLessThan(newest);
        if (isRevoked && n < VERSIONS / 2) expect(opened, `seed ${seed}`).toEqual([]);
      }
      expect((await Promise.all(foreign.map(({ secret }) => listTools(home, secret)))).flat(), `seed ${seed}`).toEqual([]);
      [served, checks] = [newest, checks + 1];
    };

    for (const [n, step] of fc.sample(drawStep, { seed, numRuns: STEPS }).entries()) {
      await hostile.execute(step);
      if (n % CHECK_EVERY === 0) await check();
      if (n % (STEPS / VERSIONS) === 0) hostile.advance();
      if (n === STEPS / 2) {
        await hostile.sendHonest();
        await check();
        isRevoked = true;
      }
      if (n === (STEPS / 4) * 3) {
        await hostile.sendHonest();
        hostile.takeStolen();
        agent.child.kill('SIGKILL');
        await agent.ended;
        agent = await runAgent(home, 'run');
        await waitUntilReady(home, () => true);
        await hostile.getConnection();
      }
    }
    await hostile.sendHonest();
    await check();
    expect(served).toBe(VERSIONS);
    // of keysets only those of the root were ever held, and never one before another
    const held = listHeldKeysets(hub);
    const genuine = history.keysets.map(({ envelope }) => envelope.payload);
    expect(
      held.map((payload) => genuine.indexOf(payload)),
      `seed ${seed}`,
    ).toEqual([0, 1]);
    process.stderr.write(
      `ATTACK, a hub with its agents' signed history and a retired key: ${STEPS} messages, ${checks} checks, ${hub.connections.all.length} connections: 0 forged configurations, keys and keysets\n`,
    );
    expect(await listTools(home, history.own.at(-1)?.secret ?? '')).toEqual([`own_${VERSIONS}`]);
  },
);
