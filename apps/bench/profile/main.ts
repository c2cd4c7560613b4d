import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { buildAgent, NODE_FLAGS } from '@gatehouse/agent/build.ts';

import { openBuild } from '../src/agent/build.ts';
import type { AuditMode } from '../src/agent/snapshot.ts';
import { runLoad } from '../src/client/load.ts';
import { openCallers } from '../src/client/open.ts';
import { Pack } from '../src/processes/pack.ts';
import { probe } from '../src/rows/target.ts';
import { HTTP_UPSTREAM } from '../src/upstream/paths.ts';
import { openLocator, readCosts, type Cost, type ProfileCosts } from './frames.ts';

// Where the agent spends its time on a call: the load of the benchmark over eight connections, at flat cost, under V8's sampling profiler.

const { values } = parseArgs({
  options: {
    audit: { type: 'string', default: 'durable' },
    era: { type: 'string', default: 'modern' },
    calls: { type: 'string', default: '20000' },
    warm: { type: 'string', default: '20000' },
    text: { type: 'string', default: '256' },
    connections: { type: 'string', default: '8' },
    top: { type: 'string', default: '40' },
    files: { type: 'boolean', default: false },
  },
});

const LEAST_WIDTH = 7;

interface Run {
  costs: ProfileCosts;
  calls: number;
}

async function runProfile(work: string, pack: Pack): Promise<Run> {
  const audit: AuditMode = values.audit === 'durable' ? 'durable' : 'best_effort';
  const wire = values.era === 'legacy' ? 'legacy' : 'modern';
  const bundle = join(work, 'gatehouse-agent.mjs');
  await buildAgent(bundle, { sourceMap: true });
  const build = await openBuild(bundle, bundle);
  const upstream = pack.start({ name: 'upstream', command: [process.execPath, HTTP_UPSTREAM] });
  const upstreamUrl = `http://127.0.0.1:${await upstream.firstLine}/mcp`;
  const home = await build.makeHome({ folder: join(work, 'agent'), upstreamUrl, audit });
  const profiles = join(work, 'profiles');
  const flags = [...NODE_FLAGS, '--cpu-prof', `--cpu-prof-dir=${profiles}`, '--cpu-prof-interval=200'];
  const agent = pack.start({ name: 'agent', command: [process.execPath, ...flags, bundle, 'run'], env: home.environment });
  const unprobed = { name: 'agent', ...home.getEndpoint(0), leashPid: agent.pid };
  const target = await probe(unprobed, [wire], agent.hasEnded);
  const callers = await openCallers(target, wire, Number(values.connections));
  const load = { tool: target.tool, textLength: Number(values.text) };
  await runLoad(callers, { ...load, calls: Number(values.warm) });
  const from = readMicroseconds();
  const { latencies, errors } = await runLoad(callers, { ...load, calls: Number(values.calls) });
  const to = readMicroseconds();
  if (errors > 0) throw new Error(`${errors} calls failed.`);
  await Promise.all(callers.map((caller) => caller.close()));
  await agent.stop();
  // the process before it was started anew writes one too, and so does the thread of redaction
  const locator = openLocator(bundle);
  const all = readdirSync(profiles).map((file) => readCosts(join(profiles, file), { from, to }, locator));
  const [costs] = all.toSorted((a, b) => b.busy - a.busy);
  if (!costs || costs.busy === 0) throw new Error('The agent wrote no profile of these calls.');
  return { costs, calls: latencies.length };
}

/** The clock of the profile. */
function readMicroseconds(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

function formatCosts(costs: readonly Cost[], busy: number, calls: number): string[] {
  const rows = costs.slice(0, Number(values.top)).map(({ name, own, total }) => {
    const cells = [own, total].map((micro) => [(micro / calls).toFixed(2), `${((100 * micro) / busy).toFixed(1)} %`]).flat();
    return [...cells, name.slice(0, 100)].map((cell) => cell.padStart(LEAST_WIDTH)).join('  ');
  });
  return [['own us', 'share', 'all us', 'share', 'where'].map((title) => title.padStart(LEAST_WIDTH)).join('  '), ...rows];
}

const workRoot = join(import.meta.dirname, '..', '.work');
mkdirSync(workRoot, { recursive: true });
const work = mkdtempSync(join(workRoot, 'profile-'));
const pack = new Pack();
try {
  const { costs, calls } = await runProfile(work, pack);
  const shown = values.files ? costs.files : costs.functions;
  const lines = [`${values.audit}, ${values.era}: ${(costs.busy / calls).toFixed(1)} us/call on the main thread, ${calls} calls`];
  process.stdout.write(`${[...lines, ...formatCosts(shown, costs.busy, calls)].join('\n')}\n`);
} finally {
  await pack.close();
  rmSync(work, { recursive: true, force: true });
}
