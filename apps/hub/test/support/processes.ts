import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

/** A process of the product from its source, named by its entry in `apps`, or from a bundle by its path. Killed when the test is over. */
export function startProcess(
  entry: string,
  args: readonly string[],
  env: Record<string, string>,
  nodeArgs: readonly string[] = [],
) {
  const main = resolve(fileURLToPath(new URL('../../../', import.meta.url)), entry);
  const child = spawn(process.execPath, [...nodeArgs, main, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const ended = once(child, 'close');
  return {
    readOutput: () => output,
    /** exit code and signal */
    ended,
    async stop(): Promise<void> {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
