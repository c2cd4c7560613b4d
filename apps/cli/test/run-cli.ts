import { execFile } from 'node:child_process';
import { join } from 'node:path';

export interface Ran {
  code: number;
  stdout: string;
  stderr: string;
}

/** What `gatehouse ...` prints and how it ends, with this environment and no other. */
export function runCli(args: readonly string[], env: Record<string, string | undefined> = {}): Promise<Ran> {
  const main = join(import.meta.dirname, '../src/main.ts');
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env: { PATH: process.env.PATH, ...env } }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr });
    });
  });
}
