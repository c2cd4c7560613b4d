import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

/** A process of the product from its source, named by its entry in `apps`. Killed when the test is over. */
export function startProcess(entry: string, args: readonly string[], env: Record<string, string>) {
  const main = fileURLToPath(new URL(`../../../${entry}`, import.meta.url));
  const child = spawn(process.execPath, [main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'close');
  return {
    readOutput: () => output,
    async stop(): Promise<void> {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
