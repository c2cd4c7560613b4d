import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { findFreePort } from '@gatehouse/process/testing/free-port';
import { createClientKey } from '@gatehouse/services/client-key/create-client-key';
import { revokeClientKey } from '@gatehouse/services/client-key/revoke-client-key';
import { createJoinToken } from '@gatehouse/services/join-token/create-join-token';

import { computeMedian } from '../src/measure/stats.ts';
import { makeBed, startProcess, type Bed, type Started } from './bed.ts';

const ROUNDS = 20;
/** So long a revoked key is tried before it is said to go on working. */
const PATIENCE_MS = 30_000;
const BODY = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });

/** From the revocation of a client key to the first call that is refused, in words, by what the agent was in. */
export interface Times {
  connected: string;
  hubAway: string;
  oldFolder: string;
  refused: string;
}

/** A real hub, a real agent of this program, their real disks. */
export async function measureTimes(program: string): Promise<Times> {
  const bed = await makeBed();
  const home = await mkdtemp(join(tmpdir(), 'gatehouse-revocation-'));
  const site = await openSite(bed, program, join(home, 'state'));
  try {
    const connected = await measureConnected(site);
    const { hubAway, oldFolder } = await measureAway(site, join(home, 'copy'));
    return { connected, hubAway, oldFolder, refused: await measureRefused(site) };
  } finally {
    await site.stop();
    await bed.close();
    await rm(home, { recursive: true });
  }
}

type Site = Awaited<ReturnType<typeof openSite>>;

/** A hub and an agent that each can be stopped and started again. */
async function openSite(bed: Bed, program: string, dataDir: string) {
  const { admin, owner, profileId, siteId } = bed;
  const listen = `127.0.0.1:${await findFreePort()}`;
  const endpoint = `http://${listen}/p/support/mcp`;
  let hub = await bed.startHub();
  // enrols the folder the first time
  const { token } = await createJoinToken({ ctx: admin, input: { siteId, agentName: 'measured' } });
  const environment = { GATEHOUSE_DATA_DIR: dataDir, GATEHOUSE_LISTEN: listen, GATEHOUSE_ENROLL_TOKEN: token };
  const start = (): Promise<Started> => startProcess(program, endpoint, environment, ['run']);
  let agent = await start();
  return {
    owner,
    dataDir,
    isLetIn: (key: string) => isLetIn(endpoint, key),
    makeKey: (name: string) => createClientKey({ ctx: admin, input: { profileId, name } }),
    revoke: ({ id }: { id: string }) => revokeClientKey({ ctx: admin, input: { keyId: id } }),
    stopHub: () => hub.stop(),
    startHub: async () => void (hub = await bed.startHub()),
    stopAgent: () => agent.stop(),
    startAgent: async () => void (agent = await start()),
    async stop() {
      await agent.stop();
      await hub.stop();
    },
  };
}

/** Whether the agent knows the caller; null: it does not answer. A ping without a session is refused later than a key. */
async function isLetIn(endpoint: string, key: string): Promise<boolean | null> {
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const answer = await fetch(endpoint, { method: 'POST', headers, body: BODY }).catch(() => null);
  await answer?.body?.cancel();
  if (!answer || answer.status === 503) return null;
  // after many refusals the agent says only that
  return answer.status !== 401 && answer.status !== 429;
}

/** The milliseconds until calls of the key are let in or not, null when they never were, and how many were answered otherwise meanwhile. */
async function waitUntil(wanted: boolean, { isLetIn }: Site, key: string): Promise<{ ms: number | null; others: number }> {
  const started = performance.now();
  for (let others = 0; ;) {
    const seen = await isLetIn(key);
    const ms = performance.now() - started;
    if (seen === wanted) return { ms, others };
    if (ms > PATIENCE_MS) return { ms: null, others };
    if (seen !== null) others += 1;
    await delay(wanted ? 100 : 1);
  }
}

const format = (ms: number | null) => (ms === null ? `not within ${PATIENCE_MS / 1000} s` : `${ms.toFixed(0)} ms`);

async function measureConnected(site: Site): Promise<string> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const key = await site.makeKey(`connected ${round}`);
    await waitUntil(true, site, key.key);
    const started = performance.now();
    await site.revoke(key);
    await waitUntil(false, site, key.key);
    times.push(performance.now() - started);
  }
  return `${computeMedian(times).toFixed(0)} ms (median of ${ROUNDS}), ${Math.max(...times).toFixed(0)} ms at worst`;
}

async function measureAway(site: Site, copy: string): Promise<Pick<Times, 'hubAway' | 'oldFolder'>> {
  const { dataDir } = site;
  const [restored, away] = [await site.makeKey('restored folder'), await site.makeKey('hub away')];
  await waitUntil(true, site, away.key);
  await site.stopAgent();
  await cp(dataDir, copy, { recursive: true });
  await site.startAgent();
  await site.revoke(restored);
  await waitUntil(false, site, restored.key);

  await site.stopHub();
  await site.revoke(away);
  await site.startHub();
  const hubAway = format((await waitUntil(false, site, away.key)).ms);

  await site.stopAgent();
  // the connection number goes on, or the hub would take the copy for a second agent
  await cp(join(dataDir, 'epoch'), join(copy, 'epoch'));
  await rm(dataDir, { recursive: true });
  await cp(copy, dataDir, { recursive: true });
  await site.startAgent();
  const { ms, others } = await waitUntil(false, site, restored.key);
  return { hubAway, oldFolder: `${format(ms)}; ${others} calls were let in before` };
}

/** From here on nothing is signed so that an agent takes it, except the revocation log. */
async function measureRefused(site: Site): Promise<string> {
  const { owner } = site;
  const key = await site.makeKey('refused');
  await waitUntil(true, site, key.key);
  await owner.prisma
    .$executeRaw`create function break_signature() returns trigger language plpgsql as 'begin new.signature := decode(repeat(''00'', 64), ''hex''); return new; end'`;
  for (const table of ['snapshot', 'manifest']) {
    await owner.prisma.$executeRawUnsafe(
      `create trigger broken before insert on ${table} for each row execute function break_signature()`,
    );
  }
  const started = performance.now();
  await site.revoke(key);
  const { ms } = await waitUntil(false, site, key.key);
  return format(ms === null ? null : performance.now() - started);
}
