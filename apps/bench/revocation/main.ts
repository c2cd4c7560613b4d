import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { findFreePort } from '@gatehouse/process/testing/free-port';
import { createClientKey } from '@gatehouse/services/client-key/create-client-key';
import { revokeClientKey } from '@gatehouse/services/client-key/revoke-client-key';
import { createJoinToken } from '@gatehouse/services/join-token/create-join-token';

import { computeMedian } from '../src/measure/stats.ts';
import { makeBed, startProcess, type Started } from './bed.ts';

// `npm run bench:revocation`: from the revocation of a client key to the first call that is refused. A real hub, a real agent, their real disks.
const ROUNDS = 20;
const bed = await makeBed();
const { admin, owner, profileId, siteId } = bed;
const home = await mkdtemp(join(tmpdir(), 'gatehouse-revocation-'));
const dataDir = join(home, 'state');
const listen = `127.0.0.1:${await findFreePort()}`;
const endpoint = `http://${listen}/p/support/mcp`;
const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' });

/** enrols the folder the first time */
let joinToken = '';
const startAgent = (): Promise<Started> =>
  startProcess(
    'agent/src/cli.ts',
    endpoint,
    { GATEHOUSE_DATA_DIR: dataDir, GATEHOUSE_LISTEN: listen, GATEHOUSE_ENROLL_TOKEN: joinToken },
    ['run'],
  );
const makeKey = (name: string) => createClientKey({ ctx: admin, input: { profileId, name } });
const revoke = ({ id }: { id: string }) => revokeClientKey({ ctx: admin, input: { keyId: id } });

/** Whether the agent knows the caller; null: it does not answer. A ping without a session is refused later than a key. */
async function isLetIn(key: string): Promise<boolean | null> {
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
  };
  const answer = await fetch(endpoint, { method: 'POST', headers, body }).catch(() => null);
  await answer?.body?.cancel();
  if (!answer || answer.status === 503) return null;
  // after many refusals the agent says only that
  return answer.status !== 401 && answer.status !== 429;
}

/** Resolves with the milliseconds until calls of the key are let in or not, and how many were answered otherwise meanwhile. */
async function waitUntil(wanted: boolean, key: string): Promise<{ ms: number; others: number }> {
  const started = performance.now();
  for (let others = 0; ;) {
    const seen = await isLetIn(key);
    if (seen === wanted) return { ms: performance.now() - started, others };
    if (seen !== null) others += 1;
    await delay(wanted ? 100 : 1);
  }
}

async function measureConnected(name: string): Promise<string> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const key = await makeKey(`${name} ${round}`);
    await waitUntil(true, key.key);
    const started = performance.now();
    await revoke(key);
    await waitUntil(false, key.key);
    times.push(performance.now() - started);
  }
  return `${computeMedian(times).toFixed(0)} ms (median of ${ROUNDS}, worst ${Math.max(...times).toFixed(0)} ms)`;
}

const print = (what: string, figure: string) => process.stdout.write(`${what.padEnd(52)}${figure}\n`);
let hub = await bed.startHub();
const { token } = await createJoinToken({ ctx: admin, input: { siteId, agentName: 'measured' } });
joinToken = token;
let agent = await startAgent();

print('connected', await measureConnected('connected'));

const beforeRestore = await makeKey('restored folder');
const offline = await makeKey('offline');
await waitUntil(true, offline.key);
await agent.stop();
await cp(dataDir, join(home, 'copy'), { recursive: true });
agent = await startAgent();
await revoke(beforeRestore);
await waitUntil(false, beforeRestore.key);

await hub.stop();
await revoke(offline);
hub = await bed.startHub();
print('hub away meanwhile: from when it is back', `${(await waitUntil(false, offline.key)).ms.toFixed(0)} ms`);

await agent.stop();
await cp(join(dataDir, 'epoch'), join(home, 'copy', 'epoch'));
await rm(dataDir, { recursive: true });
await cp(join(home, 'copy'), dataDir, { recursive: true });
agent = await startAgent();
const restored = await waitUntil(false, beforeRestore.key);
print('old copy of the folder: from when it listens', `${restored.ms.toFixed(0)} ms, ${restored.others} calls let in before`);

const refused = await makeKey('refused');
await waitUntil(true, refused.key);
await owner.prisma
  .$executeRaw`create function break_signature() returns trigger language plpgsql as 'begin new.signature := decode(repeat(''00'', 64), ''hex''); return new; end'`;
for (const table of ['snapshot', 'manifest']) {
  await owner.prisma.$executeRawUnsafe(
    `create trigger broken before insert on ${table} for each row execute function break_signature()`,
  );
}
const started = performance.now();
await revoke(refused);
await waitUntil(false, refused.key);
print('every configuration is refused', `${(performance.now() - started).toFixed(0)} ms`);
print('offline', 'when revocations.maxAgeMinutes (15 at least) or the lease ends');

await agent.stop();
await hub.stop();
await bed.close();
await rm(home, { recursive: true });
