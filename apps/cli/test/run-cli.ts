import { execFile } from 'node:child_process';
import { join } from 'node:path';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** What `gatehouse ...` prints and how it ends, with this environment and no other. `encoding` is latin1 where bytes are printed. */
export function runCli(
  args: readonly string[],
  env: Record<string, string | undefined> = {},
  encoding: BufferEncoding = 'utf8',
): Promise<Ran> {
  const main = join(import.meta.dirname, '../src/main.ts');
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env.PATH, ...env }, encoding, maxBuffer: 1 << 26 };
    execFile(process.execPath, [main, ...args], options, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr });
    });
  });
}
