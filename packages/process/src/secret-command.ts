import { spawnSync } from 'node:child_process';
import { isAbsolute } from 'node:path';

import * as z from 'zod';

import type { SecretCommand } from './environment.ts';

/** How long the program may take, and what it may write. */
export const SECRET_COMMAND_LIMITS = { ms: 10_000, bytes: 4_096 } as const;

const Command = z.tuple([z.string().min(1)], z.string());
const FORM = 'must be a list in JSON of a program and its arguments, as ["/usr/local/bin/unwrap-key","--name","gatehouse"]';

/**
 * Starts a program, without a shell, and returns what it writes to standard output. It gets the environment of the process but for its secrets;
 * what it says on standard error goes to that of the process. The process waits: it is called before anything else runs. What was written
 * never stands in a message.
 */
export const runSecretCommand: SecretCommand = (text, source, secrets) => {
  const [program, ...args] = parseCommand(text);
  const hidden = new Set(secrets.flatMap((name) => [name, `${name}_FILE`, `${name}_COMMAND`]));
  const env = Object.fromEntries(Object.entries(source).filter(([name]) => !hidden.has(name)));
  const { status, signal, stdout, error } = spawnSync(program, args, {
    env: { NODE_ENV: 'production', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    timeout: SECRET_COMMAND_LIMITS.ms,
    killSignal: 'SIGKILL',
    maxBuffer: SECRET_COMMAND_LIMITS.bytes,
  });
  if (error) throw new Error(describeFailure(program, 'code' in error ? String(error.code) : error.name));
  if (signal) throw new Error(`${program} was ended by ${signal}`);
  if (status !== 0) throw new Error(`${program} ended with code ${status}`);
  if (stdout.trim() === '') throw new Error(`${program} wrote nothing`);
  return stdout;
};

function parseCommand(text: string): readonly [string, ...string[]] {
  const parsed = Command.safeParse(parseJson(text));
  if (!parsed.success) throw new Error(FORM);
  if (!isAbsolute(parsed.data[0])) throw new Error('must name its program by an absolute path');
  return parsed.data;
}

/** Undefined for what is no JSON; a list is wanted. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function describeFailure(program: string, code: string): string {
  switch (code) {
    case 'ETIMEDOUT':
      return `${program} did not end within ${SECRET_COMMAND_LIMITS.ms / 1_000} seconds`;
    case 'ENOBUFS':
      return `${program} wrote more than ${SECRET_COMMAND_LIMITS.bytes} bytes`;
    default:
      return `${program} cannot be started (${code})`;
  }
}
