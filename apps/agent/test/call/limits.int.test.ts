import { expect, test } from 'vitest';

import type { LimitTimes, ServerLimits } from '@gatehouse/policy/documents/server-limits';
import { makeProfile, makeResource, makeServer, makeTool } from '@gatehouse/policy/testing/build';

import { startGateway } from '../support/agent/gateway.ts';
import { connectV1 } from '../support/clients/clients.ts';
import { makeScriptEntry, withEntries } from '../support/servers/stdio.ts';

const LONG = 600_000;
const TOOL = { name: 'run', inputSchema: { type: 'object' as const } };

interface Setup {
  limits?: ServerLimits;
  caps?: Partial<LimitTimes>;
  /** runs when the program starts */
  before?: string;
}

/** A call of a tool of a program named Orders, whose body is `onCall`: what the client reads, and what the receipt says of limits. */
async function call(onCall: string, { limits, caps = {}, before }: Setup) {
  const server = makeServer({ name: 'Orders', limits, transport: { kind: 'stdio', entry: 'orders', processes: 'shared' } });
  const guardrails = { ...withEntries({ orders: makeScriptEntry(onCall, before) }), limits: caps };
  const gateway = await startGateway({ servers: [server], profiles: [makeProfile([makeTool(server, TOOL)])], guardrails });
  const client = await connectV1(gateway.url, gateway.secret);
  const heard: unknown[] = [];
  const listen = (progress: unknown) => heard.push(progress);
  const result = await client.callTool({ name: 'run' }, undefined, { ['onprogress']: listen, timeout: LONG });
  const { reasonCode, checks } = await gateway.journal.waitForRecord(0);
  return { result, heard, reasonCode, limit: checks.flatMap(({ limit }) => limit ?? []) };
}

const buildRefusal = (text: string) => ({ isError: true, content: [{ type: 'text', text }] });
const change = (what: string) => `${what}. An admin can change it under Servers → Orders → Limits.`;
const report = `const report = () => send({ method: 'notifications/progress', params: { progressToken: message.params._meta.progressToken, progress: 1 } });`;
const SLOW_START = 'await new Promise((resolve) => setTimeout(resolve, 2_000));';

test('a server that does not start ends the call, and the limit is named to the client and in the receipt', async () => {
  const { result, ...receipt } = await call('reply("late")', { limits: { startMs: 300 }, before: SLOW_START });
  expect(result).toMatchObject(buildRefusal(change("Orders was not ready within 300 ms (server limit 'start')")));
  expect(receipt).toMatchObject({ reasonCode: 'upstream_timeout', limit: [{ name: 'start', ms: 300 }] });
});

test('the time to start does not count as the time of the call', async () => {
  const limits = { startMs: LONG, answerMs: 1_500, silenceMs: 1_500, totalMs: 1_500 };
  expect((await call('reply("done")', { limits, before: SLOW_START })).result).toMatchObject({ content: [{ text: 'done' }] });
});

test('a server that says nothing ends the call at its limit, which is a default of its own only where nobody set one', async () => {
  const { result, ...receipt } = await call('', { limits: { answerMs: 300 } });
  expect(result).toMatchObject(buildRefusal(change("Orders did not begin to answer within 300 ms (server limit 'answer')")));
  expect(receipt).toMatchObject({ reasonCode: 'upstream_timeout', limit: [{ name: 'answer', ms: 300 }] });
});

test('progress extends, as often as it comes, and what falls silent after it has a limit of its own', async () => {
  // all of it takes longer than may pass between two signs of life, each of which has time to be late
  const limits = { answerMs: LONG, silenceMs: 1_500 };
  const steady = `${report} for (let n = 0; n < 12; n += 1) { report(); await new Promise((next) => setTimeout(next, 150)); } reply('done');`;
  const { result, heard } = await call(steady, { limits });
  expect([result, heard.length]).toMatchObject([{ content: [{ text: 'done' }] }, 12]);
  const silent = await call(`${report} report();`, { limits });
  expect(silent.result).toMatchObject(buildRefusal(change("Orders gave no sign of life for 1.5 s (server limit 'silence')")));
  expect(silent.limit).toEqual([{ name: 'silence', ms: 1_500 }]);
});

test('a server that reports without end is ended in all', async () => {
  const limits = { silenceMs: LONG, totalMs: 500 };
  const { result, limit } = await call(`${report} setInterval(report, 50);`, { limits });
  expect(result).toMatchObject(buildRefusal(change("Orders was not done within 500 ms (server limit 'total')")));
  expect(limit).toEqual([{ name: 'total', ms: 500 }]);
});

test('a tool has limits of its own, and another one does not have them', async () => {
  const tools = [{ name: 'run', answerMs: 300 }];
  const { result } = await call('', { limits: { answerMs: LONG, tools } });
  expect(result).toMatchObject(
    buildRefusal(change("Orders did not begin to answer within 300 ms (limit 'answer' of the tool run)")),
  );
  const other = { answerMs: 300, tools: [{ name: 'run', answerMs: LONG }] };
  const late = 'setTimeout(() => reply("done"), 600)';
  expect((await call(late, { limits: other })).result).toMatchObject({ content: [{ text: 'done' }] });
});

test('a tool that takes longer than it may says nothing about its server, whose other tools are called', async () => {
  const other = { name: 'other', inputSchema: { type: 'object' as const } };
  const before = `globalThis.tools = ${JSON.stringify([TOOL, other])};`;
  const entry = makeScriptEntry("if (message.params.name === 'other') reply('done');", before);
  const limits = { answerMs: LONG, tools: [{ name: 'run', answerMs: 100 }] };
  const server = makeServer({ name: 'Orders', limits, transport: { kind: 'stdio', entry: 'orders', processes: 'shared' } });
  const profile = makeProfile([makeTool(server, TOOL), makeTool(server, other)]);
  const gateway = await startGateway({ servers: [server], profiles: [profile], guardrails: withEntries({ orders: entry }) });
  const client = await connectV1(gateway.url, gateway.secret);
  for (let times = 0; times < 6; times += 1) expect(await client.callTool({ name: 'run' })).toMatchObject({ isError: true });
  expect(await client.callTool({ name: 'other' })).toMatchObject({ content: [{ text: 'done' }] });
});

test('the most that a site allows wins over whatever was set, and the sentence says where that is', async () => {
  const { result, limit } = await call('', { limits: { answerMs: LONG }, caps: { answer: 300 } });
  const site = "Orders did not begin to answer within 300 ms (limit 'answer' of this site). ";
  expect(result).toMatchObject(buildRefusal(`${site}Whoever runs the agent can change it under limits in its guardrails.`));
  expect(limit).toEqual([{ name: 'answer', ms: 300 }]);
});

const NOTE = { uri: 'orders://note', name: 'orders://note' };
const FEATURES = { logging: true, completions: true, resourceSubscriptions: true };

/** A client of a program named Orders that says nothing to what it is asked beside calls. */
async function connectSilent(limits: ServerLimits, caps: Partial<LimitTimes>) {
  const silent = ['logging/setLevel', 'resources/subscribe', 'completion/complete'];
  const answers = { 'resources/list': { resources: [NOTE] } };
  const before = `globalThis.silent = ${JSON.stringify(silent)}; globalThis.answers = ${JSON.stringify(answers)};`;
  const transport = { kind: 'stdio', entry: 'orders', processes: 'shared' } as const;
  const server = makeServer({ name: 'Orders', features: FEATURES, limits, transport });
  const profile = makeProfile([makeTool(server, TOOL), makeResource(server, NOTE)]);
  const guardrails = { ...withEntries({ orders: makeScriptEntry('reply("done")', before) }), limits: caps };
  const gateway = await startGateway({ servers: [server], profiles: [profile], guardrails });
  const client = await connectV1(gateway.url, gateway.secret);
  // a level goes to the servers that were met
  await client.callTool({ name: 'run' });
  return client;
}

const SHORT_REQUESTS: Record<string, (client: Awaited<ReturnType<typeof connectSilent>>) => Promise<unknown>> = {
  'logging/setLevel': (client) => client.setLoggingLevel('debug'),
  'resources/subscribe': (client) => client.subscribeResource({ uri: NOTE.uri }),
  'completion/complete': (client) =>
    client.complete({ ref: { type: 'ref/resource', uri: NOTE.uri }, argument: { name: 'a', value: '' } }),
};

test.each(Object.entries(SHORT_REQUESTS))(
  '%s is held to the limits of its server and of the site, which are named',
  async (_, ask) => {
    const answer = "Orders did not begin to answer within 300 ms (server limit 'answer')";
    await expect(ask(await connectSilent({ answerMs: 300 }, {}))).rejects.toThrow(change(answer));
    const total = "Orders was not done within 300 ms (server limit 'total')";
    await expect(ask(await connectSilent({ totalMs: 300 }, {}))).rejects.toThrow(change(total));
    const site =
      "Orders did not begin to answer within 300 ms (limit 'answer' of this site). Whoever runs the agent can change it";
    await expect(ask(await connectSilent({ answerMs: LONG }, { answer: 300 }))).rejects.toThrow(site);
  },
);
