import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { callEcho } from './large-calls.ts';
import { startLargeSite } from './large-site.ts';

// `node apps/e2e/soak/burst.ts`: what the agent holds when 64 calls of 1 MB are in flight, and what stays.
const site = await startLargeSite();
const read = (field: string) => {
  const status = readFileSync(`/proc/${site.agent.pid}/status`, 'utf8');
  return `${Math.round(Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1]) / 1_024)} MiB`;
};
const print = (line: string) => void process.stdout.write(`${line}\n`);
try {
  for (let call = 0; call < 200; call += 1) await callEcho(site.steady, 'x');
  print(`warm: ${read('VmRSS')}`);
  const text = 'lorem ipsum '.repeat(87_000);
  for (let round = 1; round <= 4; round += 1) {
    const endings = await Promise.all(Array.from({ length: 64 }, () => callEcho(site.steady, text, 500)));
    const counted = [...Map.groupBy(endings, (ending) => JSON.stringify(ending))].map(
      ([kind, { length }]) => `${length} ${kind}`,
    );
    print(`round ${round}: ${counted.join(', ')}; ${read('VmRSS')}, at most ${read('VmHWM')}`);
    await delay(3_000);
  }
  await delay(20_000);
  print(`20 s later: ${read('VmRSS')}`);
} finally {
  await site.stop();
}
