import { expect, test } from 'vitest';

import { makeProfile, makeServer, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import { LOCAL } from '../support/agent/upstream-deps.ts';
import { buildLegacyCall, parseMessages, postModern, openSession, post } from '../support/clients/clients.ts';
import { chooseRounds } from '../support/drill.ts';
import { FULL_TOOLS, startFullLegacyServer, startFullModernServer } from '../support/servers/full-servers.ts';
import { makeScriptEntry } from '../support/servers/stdio.ts';
import { makeServerAt } from '../support/servers/upstreams.ts';

const CLIENTS = 200;
const CALLS = 100_000;
/** a machine that does nothing else answers in all of them */
const limits = { startMs: 10 * 60_000, answerMs: 10 * 60_000, silenceMs: 10 * 60_000 };

/** A stdio server that all clients share: reports progress and answers in an order of its own. */
const writeSharedServer = () =>
  makeScriptEntry(`
  const { arguments: { text }, _meta: { progressToken } = {} } = message.params;
  setTimeout(() => {
    send({ method: 'notifications/progress', params: { progressToken, progress: 1, message: text } });
    reply(text);
  }, Math.random() * 5);
`);

async function startThreeServers() {
  const [old, modern] = [await startFullLegacyServer(), await startFullModernServer()];
  const servers = [
    makeServerAt(old.url, undefined, { slug: 'old' }),
    makeServerAt(modern.url, undefined, { slug: 'modern', limits }),
    makeServer({ slug: 'shared', limits, transport: { kind: 'stdio', entry: 'shared', processes: 'shared' } }),
  ] as const;
  const work = FULL_TOOLS[0]!;
  const run = { name: 'run', inputSchema: { type: 'object' as const } };
  const profile = makeProfile([
    makeTool(servers[0], work, { advertisedName: 'old' }),
    makeTool(servers[1], work, { advertisedName: 'modern' }),
    makeTool(servers[2], run, { advertisedName: 'shared' }),
  ]);
  const guardrails = { ...LOCAL, stdio: new Map([['shared', writeSharedServer()]]) };
  return startGateway({
    servers: [...servers],
    profiles: [profile],
    guardrails,
    listener: { sessions: { perKey: CLIENTS } },
  });
}

/** the headers of a session of the older protocol; null: a client of the newer one */
type Session = Record<string, string> | null;

const TOOLS = ['old', 'modern', 'shared'] as const;

test(
  'T-43: 200 clients with the same ids and progress tokens each get their own answers and nothing of another',
  async () => {
    const gateway = await startThreeServers();
    const perClient = Math.ceil(chooseRounds(CALLS) / CLIENTS);
    const foreign: unknown[] = [];
    let answers = 0;
    let reports = 0;

    const call = async (session: Session, index: number, id: number) => {
      const tool = TOOLS[(index + id) % TOOLS.length]!;
      const canary = `canary-${index}-${id}-`;
      const params = { name: tool, arguments: { text: canary } };
      const meta = { progressToken: id };
      const response = session
        ? await post(gateway.url, { ...buildLegacyCall(tool, {}, id), params: { ...params, _meta: meta } }, session)
        : await postModern(gateway.url, gateway.secret, { method: 'tools/call', params, id, meta });
      for (const message of parseMessages(await response.text())) {
        if (!JSON.stringify(message).includes(canary)) foreign.push({ index, id, tool, message });
        if (message['method'] === 'notifications/progress') reports += 1;
        else if (message['id'] === id) answers += 1;
      }
    };
    // the connections of the sessions are made ten at a time, the calls after that by all at once
    const sessions: Session[] = [];
    for (let first = 0; first < CLIENTS; first += 10) {
      const opened = Array.from({ length: 10 }, async (_, index) => {
        const session = (first + index) % 2 === 0 ? await openSession(gateway.url, gateway.secret) : null;
        for (const id of TOOLS.keys()) await call(session, first + index, id);
        return session;
      });
      sessions.push(...(await Promise.all(opened)));
    }
    const runClient = async (session: Session, index: number) => {
      for (let id = TOOLS.length; id < perClient; id += 1) await call(session, index, id);
    };
    await Promise.all(sessions.map(runClient));

    expect(foreign).toEqual([]);
    expect(answers).toBe(CLIENTS * perClient);
    expect(reports).toBeGreaterThanOrEqual(answers);
    expect(gateway.journal.finished).toHaveLength(CLIENTS * perClient);
    expect(new Set(gateway.journal.finished.map(({ callId }) => callId)).size).toBe(CLIENTS * perClient);
  },
  20 * 60_000,
);

test('A6: one client that uses an id twice at once gets both answers, each on its own response', async () => {
  const gateway = await startThreeServers();
  const session = await openSession(gateway.url, gateway.secret);
  for (const tool of TOOLS) {
    const texts = await Promise.all(
      Array.from({ length: 10 }, async (_, index) =>
        (await post(gateway.url, buildLegacyCall(tool, { text: `own-${index}-` }, 'same'), session)).text(),
      ),
    );
    for (const [index, text] of texts.entries()) {
      expect(text).toContain(`own-${index}-`);
      expect(text.match(/own-\d-/g)?.every((found) => found === `own-${index}-`)).toBe(true);
    }
  }
});
