import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { measureLog } from './log.ts';
import { measureTimes, type Times } from './measure.ts';

// `npm run bench:revocation`: how soon a revoked key is refused, by this version's agent and by the last one that speaks protocol 1 only, which
// knows of a revocation by its next configuration; and what a long log costs an agent.
const LENGTHS = [10_000, 100_000];
const ROWS: Record<keyof Times, string> = {
  connected: 'is connected',
  refused: 'refuses every configuration',
  hubAway: 'was cut off, from when its hub is back',
  oldFolder: 'was started on an old copy of its folder, from when it listens',
};

const apps = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'gatehouse-earlier-'));
const earlier = join(folder, 'gatehouse-agent.mjs');
writeFileSync(earlier, gunzipSync(readFileSync(join(apps, 'e2e/earlier/gatehouse-agent.mjs.gz'))));
const times = [await measureTimes(join(apps, 'agent/src/cli.ts')), await measureTimes(earlier)];
rmSync(folder, { recursive: true });

const print = (...cells: string[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
print('the agent', 'this version', 'protocol 1');
print('---', '---', '---');
for (const row of ['connected', 'refused', 'hubAway', 'oldFolder'] as const) print(ROWS[row], ...times.map((each) => each[row]));

process.stdout.write('\n');
print('entries', 'on the wire', 'on disk', 'in memory', 'CPU time of the start');
print('---', '---', '---', '---', '---');
for (const length of LENGTHS) {
  const { wireBytes, diskBytes, memoryBytes, openMs } = await measureLog(length);
  const sizes = [wireBytes, diskBytes, memoryBytes].map((size) => `${((size * length) / 1e6).toFixed(1)} MB`);
  print(String(length), ...sizes, `${openMs.toFixed(0)} ms`);
}
