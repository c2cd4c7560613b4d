import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type { Endpoint, Wire } from '../client/caller.ts';
import { runLoad, type Load } from '../client/load.ts';
import { openCallers } from '../client/open.ts';
import { computeMedian } from '../measure/stats.ts';
import type { Started } from '../processes/pack.ts';
import { readAgeMs, readTree, readResidentMb } from '../processes/proc-tree.ts';
import { probe, type Site } from '../rows/target.ts';
import type { Home } from './build.ts';

/** Figures of the agent's process itself. */
export interface AgentFigures {
  /** from the start of the process to the first answer from the stored snapshot, median; in steps of ten milliseconds */
  startMs: number;
  idleRssMb: number;
  /** after `sessions` sessions were opened and their clients went away without a word */
  rssAfter10kSessionsMb: number;
  /** of another process, after half of `calls` small calls, of both eras in equal parts, and after all; the spool holds no more without a hub */
  rssAfter50kCallsMb: number;
  rssAfter100kCallsMb: number;
  bundleKb: number;
}

export interface FigurePlan {
  starts: number;
  sessions: number;
  calls: number;
}

const POLL_MS = 2;
const START_LIMIT_MS = 20_000;
/** Long enough for what a start leaves behind to be collected. */
const SETTLE_MS = 5_000;
/** Enough keys that the agent's bound on sessions per key does not end them early. */
const KEYS = 200;
const OPENING_AT_ONCE = 8;
const CALLERS = 8;

export async function measureAgent(site: Site, plan: FigurePlan): Promise<AgentFigures> {
  const starts: number[] = [];
  for (let run = 0; run < plan.starts; run += 1) starts.push(await timeStart(site, run));
  return {
    startMs: computeMedian(starts),
    ...(await measureMemory(site, plan.sessions)),
    ...(await measureCalledMemory(site, plan.calls)),
    bundleKb: statSync(site.build.bundle).size / 1024,
  };
}

async function timeStart(site: Site, run: number): Promise<number> {
  const home = await makeHome(site, `start-${run}`);
  const started = startAgent(site, `agent-start-${run}`, home);
  await waitUntilListed(home.getEndpoint(0), started);
  const answeredAt = performance.now();
  const age = readAgeMs(getAgentPid(started));
  const sinceAnswer = performance.now() - answeredAt;
  await started.stop();
  return age - sinceAnswer;
}

async function measureMemory(site: Site, sessions: number) {
  const home = await makeHome(site, 'memory', KEYS);
  const started = startAgent(site, 'agent-memory', home);
  await waitUntilListed(home.getEndpoint(0), started);
  await delay(SETTLE_MS);
  const idleRssMb = readResidentMb([getAgentPid(started)]);
  await openAndDrop(home, sessions);
  await delay(SETTLE_MS);
  const rssAfter10kSessionsMb = readResidentMb([getAgentPid(started)]);
  await started.stop();
  return { idleRssMb, rssAfter10kSessionsMb };
}

async function measureCalledMemory(site: Site, calls: number) {
  const home = await makeHome(site, 'called');
  const started = startAgent(site, 'agent-called', home);
  await waitUntilListed(home.getEndpoint(0), started);
  const { tool, wires } = await probe(
    { name: 'agent', ...home.getEndpoint(0), leashPid: started.pid },
    ['legacy', 'modern'],
    started.hasEnded,
  );
  const call = async () => {
    for (const wire of wires) await makeCalls(home.getEndpoint(0), wire, { tool, calls: calls / 2 / wires.length });
    await delay(SETTLE_MS);
    return readResidentMb([getAgentPid(started)]);
  };
  const figures = { rssAfter50kCallsMb: await call(), rssAfter100kCallsMb: await call() };
  await started.stop();
  return figures;
}

async function makeCalls(endpoint: Endpoint, wire: Wire, load: Load): Promise<void> {
  const callers = await openCallers(endpoint, wire, CALLERS);
  const { errors } = await runLoad(callers, load);
  await Promise.all(callers.map((caller) => caller.close()));
  if (errors > 0) throw new Error(`${errors} of ${load.calls} calls failed.`);
}

/** Each session lists the tools once; then its connection closes and it is never ended. */
async function openAndDrop(home: Home, sessions: number): Promise<void> {
  let opened = 0;
  const work = async () => {
    while (opened < sessions) {
      const [caller] = await openCallers(home.getEndpoint((opened += 1) % KEYS), 'legacy', 1);
      await caller?.listTools();
      await caller?.drop();
    }
  };
  await Promise.all(Array.from({ length: OPENING_AT_ONCE }, work));
}

function makeHome({ build, workDir, upstreamUrl }: Site, name: string, keyCount?: number): Promise<Home> {
  return build.makeHome({ folder: join(workDir, name), upstreamUrl, audit: 'durable', keyCount });
}

function startAgent({ pack, build }: Site, name: string, { environment }: Home): Started {
  return pack.start({ name, command: [process.execPath, ...build.nodeFlags, build.bundle, 'run'], env: environment });
}

/** The agent's process on its leash. */
function getAgentPid({ pid, readLogTail }: Started): number {
  const [, agent] = readTree(pid);
  if (agent === undefined) throw new Error(`The agent ended: ${readLogTail()}`);
  return agent;
}

async function waitUntilListed(endpoint: Endpoint, started: Started): Promise<void> {
  const until = performance.now() + START_LIMIT_MS;
  while (!(await canListTools(endpoint))) {
    if (started.hasEnded() || performance.now() > until) throw new Error(`The agent did not start: ${started.readLogTail()}`);
    await delay(POLL_MS);
  }
}

async function canListTools(endpoint: Endpoint): Promise<boolean> {
  const [caller] = await openCallers(endpoint, 'modern', 1);
  if (!caller) return false;
  try {
    return (await caller.listTools()).length > 0;
  } catch {
    return false;
  } finally {
    await caller.close();
  }
}
