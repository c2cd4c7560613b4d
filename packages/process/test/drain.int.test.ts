import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

const drainModule = fileURLToPath(new URL('../src/drain.ts', import.meta.url));

/** A process that drains as `stop` says, once it listens for signals. */
async function startDraining(stop: string) {
  const script = `import { drainOnSignal } from ${JSON.stringify(drainModule)};
    const log = Object.fromEntries(['info', 'fatal'].map((level) => [level, (...said) => console.log(level, said.at(-1))]));
    const alive = setInterval(() => {}, 1_000);
    const drained = drainOnSignal({ name: 'hub', log, stop: async () => { ${stop} } });
    console.log('started');
    await drained;`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout });
  output.on('line', (line) => lines.push(line));
  await once(output, 'line');
  return { child, exited, lines };
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s lets the process finish and end with 0', async (signal) => {
  const { child, exited, lines } = await startDraining('clearInterval(alive);');
  child.kill(signal);
  expect(await exited).toEqual([0, null]);
  expect(lines).toEqual(['started', 'info hub stops', 'info hub stopped']);
});

test('a process that cannot stop cleanly says so and ends with 1', async () => {
  const { child, exited, lines } = await startDraining("throw new Error('Postgres is away');");
  child.kill('SIGTERM');
  expect(await exited).toEqual([1, null]);
  expect(lines.at(-1)).toBe('fatal hub could not stop cleanly');
});

test('a second signal ends the process at once', async () => {
  const { child, exited, lines } = await startDraining('await new Promise(() => {});');
  child.kill('SIGTERM');
  await expect.poll(() => lines).toContain('info hub stops');
  child.kill('SIGINT');
  expect(await exited).toEqual([1, null]);
});
