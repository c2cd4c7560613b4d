import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { makeClientKey, makeProfile, makeTool } from '@gatehouse/policy/testing/build';
import { ignoreMessage, startFakeHub } from '@gatehouse/protocol/testing/fake-hub';

import { readWalks, type Walk } from '../../../tools/gates/walks.ts';
import { makeHome, runInspectedAgent, waitUntilReady } from './support/agent/agent-process.ts';
import { openInspector } from './support/agent/inspector.ts';
import { buildLegacyCall, postModern, openSession, post } from './support/clients/clients.ts';
import { ECHO, makeEchoSet, makeServerAt, startLegacyEcho, startModernUpstream } from './support/servers/upstreams.ts';

const DOCUMENT = readFileSync(join(import.meta.dirname, '../../../docs/architecture.md'), 'utf8');
const ERAS = ['2025-11-25', '2026-07-28'] as const;
type Era = (typeof ERAS)[number];
/** What happens beside a call, like the timers of the link, happens in no more than some of them. */
const CALLS = 3;

function findWalk(title: string): Walk {
  const walk = readWalks(DOCUMENT).find((one) => one.title.startsWith(title));
  if (!walk) throw new Error(`docs/architecture.md has no walk of ${title}`);
  return walk;
}

const startUpstream = (era: Era) => (era === '2026-07-28' ? startModernUpstream(makeEchoSet()) : startLegacyEcho());

/** An agent that serves one tool of a server of an era, and a client of the same era that calls it. */
async function startSite(era: Era) {
  const hub = await startFakeHub();
  onTestFinished(() => hub.close());
  const server = makeServerAt((await startUpstream(era)).url);
  const profile = makeProfile([makeTool(server, ECHO)]);
  const { secret, key } = makeClientKey(profile);
  const publish = () => hub.publish({ servers: [server], profiles: [profile], clientKeys: [key] });
  publish();
  const home = await makeHome();
  const agent = runInspectedAgent(home, 'up', '--enroll', hub.createJoinToken());
  await waitUntilReady(home, ({ status }) => status === 'ok');
  const url = `${home.url}/p/${profile.slug}/mcp`;
  const session = era === '2026-07-28' ? null : await openSession(url, secret);
  const args = { name: 'echo', arguments: { text: 'hello' } };
  const call = async () => {
    const sent = session
      ? post(url, buildLegacyCall(args.name, args.arguments), session)
      : postModern(url, secret, { method: 'tools/call', params: args });
    expect(await (await sent).json()).toMatchObject({ result: { content: [{ text: 'hello' }] } });
  };
  return { hub, agent, publish, call };
}

/** The files that run in every call of a client that has called before, and the files on the stack of the request that each sends. */
async function measureCalls(era: Era) {
  const { hub, agent, call } = await startSite(era);
  const inspector = await openInspector(agent);
  await inspector.start();
  await call();
  await hub.receipts.stored.waitForCount(1);
  // one batch stays unanswered, so that receipts are written and no more of them is sent
  hub.script.handleAuditBatch = ignoreMessage;
  await call();
  const runs: string[][] = [];
  await inspector.takeStacks();
  for (let count = 0; count < CALLS; count += 1) {
    await inspector.takeFiles();
    await call();
    // the receipt is written 5 ms after the answer, by a timer that was set before this one
    await inspector.evaluate('new Promise((resolve) => setTimeout(() => setImmediate(resolve), 10))');
    runs.push(await inspector.takeFiles());
  }
  const [files = [], ...others] = runs;
  return { era, files: files.filter((file) => others.every((run) => run.includes(file))), stacks: await inspector.takeStacks() };
}

test('a call runs through the files that docs/architecture.md names, and enters no step twice on its way to the server', async ({
  annotate,
}) => {
  const walk = findWalk('A call');
  const named = [...walk.steps, ...walk.leaves];
  const measured = [];
  for (const era of ERAS) measured.push(await measureCalls(era));

  for (const { era, files, stacks } of measured) {
    const steps = walk.steps.filter((file) => files.includes(file));
    const leaves = walk.leaves.filter((file) => files.includes(file));
    await annotate(`${era}: ${steps.length} steps, ${leaves.length} leaves\n${[...steps, ...leaves].join('\n')}`);
    expect(
      files.filter((file) => !named.includes(file)),
      `files of a call of ${era} that the walk does not name`,
    ).toEqual([]);
    expect(steps.length).toBeLessThan(30);
    expect(DOCUMENT, 'the numbers').toContain(`| ${era} | ${steps.length} | ${leaves.length} |`);
    expect(stacks).toHaveLength(CALLS);
    // in the order of the walk, and so each once
    for (const stack of stacks) expect(walk.steps.filter((file) => stack.includes(file))).toEqual(stack);
  }
  const ran = measured.flatMap(({ files }) => files);
  expect(
    named.filter((file) => !ran.includes(file)),
    'files that the walk names and no call ran',
  ).toEqual([]);
});

test('a publish comes into force through the files of the agent that docs/architecture.md names', async () => {
  const named = findWalk('A publish').steps.filter((file) => file.startsWith('apps/agent/'));
  const { hub, agent, publish } = await startSite('2026-07-28');
  const inspector = await openInspector(agent);
  await inspector.start();
  const { version } = publish();
  const connection = await hub.connections.waitForFirst();
  await connection.waitForFirst('config-status', ({ appliedVersion }) => appliedVersion === version);
  const files = await inspector.takeFiles();
  expect(named.length).toBeGreaterThan(0);
  expect(named.filter((file) => !files.includes(file))).toEqual([]);
});
