import { afterAll, expect, test } from 'vitest';

import { getTestRedisUrl, readAllRows } from '@gatehouse/db/testing';
import { decodeJoinToken, encodeJoinToken } from '@gatehouse/protocol/enrolment';
import { listAgents } from '@gatehouse/services/agent/list-agents';
import { createJoinToken } from '@gatehouse/services/join-token/create-join-token';
import { createServer } from '@gatehouse/services/server/create-server';

import { FAILING } from './support/planted/answers.ts';
import { PlantedClient } from './support/planted/clients.ts';
import { describeField, listFields, type Field } from './support/planted/fields.ts';
import { Ledger } from './support/planted/ledger.ts';
import { findInPlaces, type FoundAt } from './support/planted/search.ts';
import { SECRETS } from './support/planted/secrets.ts';
import { PlantedServers } from './support/planted/server.ts';
import { PlantedSite } from './support/planted/site.ts';
import { discoverAll, publishHonest, startControlPlane } from './support/planted/stack.ts';
import { watchRedis } from './support/planted/watch-redis.ts';
import { World, type Workspace } from './support/world.ts';

const redisUrl = getTestRedisUrl() ?? undefined;
const world = await World.open(redisUrl);
afterAll(() => world.close());

/** Enrols the agent of a site; resolves with its id once it is connected. */
async function enrol(workspace: Workspace, site: PlantedSite, hub: string): Promise<string> {
  const ctx = await workspace.as('owner');
  const { token } = await createJoinToken({ ctx, input: { siteId: workspace.siteId, agentName: 'agent' } });
  const content = decodeJoinToken(token);
  if (!content) throw new Error('not a token');
  site.start(encodeJoinToken({ ...content, hub }));
  const read = async () => (await listAgents({ ctx })).rows.map(({ status }) => status);
  await expect.poll(read, { timeout: 60_000 }).toEqual(['Connected']);
  return (await listAgents({ ctx })).rows[0]?.id ?? '';
}

/** For each secret a server over HTTP and a program. */
async function addServers(workspace: Workspace, servers: PlantedServers): Promise<{ overHttp: string[]; programs: string[] }> {
  const ctx = await workspace.as('owner');
  const credential = { kind: 'header', header: 'authorization', prefix: 'Bearer ', reference: 'env:SECRET_ECHO' } as const;
  const add = async (name: string, transport: Parameters<typeof createServer>[0]['input']['transport']) =>
    (await createServer({ ctx, input: { name, transport, purpose: 'Says it again', siteIds: [workspace.siteId] } })).id;
  const overHttp = SECRETS.map((_, which) => add(`Server ${which}`, { kind: 'http', url: servers.getUrl(which), credential }));
  const programs = SECRETS.map((_, which) => add(`Program ${which}`, { kind: 'stdio', entry: `program-${which}` }));
  return { overHttp: await Promise.all(overHttp), programs: await Promise.all(programs) };
}

/** Calls that the agent has counted, of which each leaves a receipt. */
async function countCalls(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const counted = metrics.matchAll(/^gatehouse_agent_calls_total\{[^}]*\} (\d+)$/gm);
  return Array.from(counted, ([, count]) => Number(count)).reduce((sum, count) => sum + count, 0);
}

/** Definitions, of which each is pinned to the last character. */
const PINNED = listFields('tool', 'prompt', 'resource', 'template', 'instructions');
const MARKED = listFields('call', 'result').filter(({ place }) => /\/(?:note|value)$/.test(place));

/**
 * What leaves by decision: what is personal or hidden in a definition, which leaves whole and waits until a person has looked at it (24, 25), in the
 * definition and in what was decided on it; and in a value that is marked what nobody sees of it, because it is the value.
 */
function mayLeave({ kind, field, place, text }: FoundAt): boolean {
  const isOf = (fields: readonly Field[]) => fields.some(({ number }) => number === field);
  // the log of the agent stays where it is: only credentials are taken out
  if (place === 'agent') return kind !== 'credential';
  if (kind === 'hidden' && isOf(MARKED)) return true;
  return (kind === 'hidden' || kind === 'address') && isOf(PINNED) && /"(?:definition|entries|pin)"|"review\.decide"/.test(text);
}

function describeFound({ kind, field, place, text }: FoundAt): string {
  const planted = listFields()[field ?? -1];
  return `${kind} of ${planted ? describeField(planted) : 'some field'} in ${place}: ${text.slice(0, 200)}`;
}

/** How looks end in modes in which not all of them fail: a revision that a header can name is spoken, whatever its name. */
const ENDS: Readonly<Record<string, string[]>> = { otherListError: ['succeeded'], revision: ['failed', 'succeeded'] };

test('T-25: whatever is planted in whatever field of servers, clients, programs and the machine does not leave it', async () => {
  const [workspace, ledger] = [await world.makeWorkspace(), new Ledger()];
  const readRedis = redisUrl === undefined ? () => '' : await watchRedis(redisUrl);
  const { relay, hubUrl, worker } = await startControlPlane(world, redisUrl);
  const servers = await PlantedServers.start(ledger);
  const site = await PlantedSite.create(ledger, servers.origin);
  const agentId = await enrol(workspace, site, hubUrl);
  const { overHttp, programs } = await addServers(workspace, servers);
  const all = [...overHttp, ...programs];
  const discover = (serverIds: readonly string[]) => discoverAll(world, workspace, agentId, serverIds);
  for (const mode of FAILING) {
    servers.mode = mode;
    expect((await discover(overHttp)).toSorted(), mode).toEqual(ENDS[mode] ?? ['failed']);
  }
  servers.mode = 'serve';
  expect(await discover(all)).toEqual(['succeeded']);

  const { key, path } = await publishHonest(world, workspace, all);
  const ask = () => fetch(site.url + path, { method: 'POST', headers: { authorization: `Bearer ${key}` } });
  await expect.poll(async () => (await ask()).status).not.toSatisfy((status) => status === 401 || status === 404);
  for (const [which, secret] of SECRETS.entries())
    await new PlantedClient({ origin: site.url, path, key }, secret, which, ledger).sayAll();
  expect(await countCalls(site.url)).toBeGreaterThan(SECRETS.length * 10);
  // a call is counted with its receipt, which a thread may still be redacting
  await expect.poll(async () => (await countCalls(site.url)) - (await workspace.countReceipts()), { timeout: 30_000 }).toBe(0);
  await expect.poll(() => relay.getRecording().includes('"definitions-observed"'), { timeout: 30_000 }).toBe(true);

  await site.stop();
  site.start(null, true);
  await expect.poll(() => relay.getRecording().includes('"withheld":[{')).toBe(true);
  expect(await discover(all)).toEqual(['failed']);
  await site.stop();
  await worker.stop();

  const { pairs, missing } = ledger.compare();
  expect(missing, 'what the agent was not told').toEqual([]);
  const connection = await world.database.connectOwner();
  const { found, searched } = findInPlaces({
    wire: relay.listRecorded(),
    database: await readAllRows(async (sql) => (await connection.query(sql)).rows),
    hub: world.logged,
    worker: worker.readOutput().split('\n'),
    redis: readRedis().split('\r\n'),
    agent: site.readOutput().split('\n'),
  });
  const planted = `${pairs} pairs of ${listFields().length} fields and ${SECRETS.length} secrets reached the agent`;
  process.stdout.write(`ATTACK nothing leaves: ${planted}; searched ${searched.join(', ')}\n`);
  expect([...new Set(found.filter((one) => !mayLeave(one)).map(describeFound))]).toEqual([]);
}, 300_000);
