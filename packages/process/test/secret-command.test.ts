import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';
import * as z from 'zod';

import { EnvironmentError, readEnvironment, SigningKek } from '../src/environment.ts';
import { runSecretCommand } from '../src/secret-command.ts';

const KEK = Buffer.alloc(32, 5).toString('base64');
const Env = z.object({ KEK: SigningKek, TOKEN: z.string().optional() });
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatehouse-secret-command-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The variable for a script of Node. */
function writeCommand(script: string, ...args: string[]): string {
  const file = join(folder, `${Math.random()}.mjs`);
  writeFileSync(file, script);
  return JSON.stringify([process.execPath, file, ...args]);
}

function read(source: Record<string, string>) {
  return readEnvironment(Env, ['KEK', 'TOKEN'], source, { KEK: runSecretCommand });
}

function listProblems(source: Record<string, string>): readonly string[] {
  try {
    read(source);
    return [];
  } catch (error) {
    if (error instanceof EnvironmentError) return error.problems;
    throw error;
  }
}

test('a key is what the command writes; it gets its arguments as they are, and the environment without secrets', () => {
  const script = `const { TOKEN, TOKEN_FILE, KEK_COMMAND, REGION } = process.env;
    if (TOKEN || TOKEN_FILE || KEK_COMMAND || REGION !== 'eu' || process.argv[2] !== '$(id); "x"') process.exit(3);
    console.log(${JSON.stringify(KEK)});`;
  const command = writeCommand(script, '$(id); "x"');
  expect(read({ KEK_COMMAND: command, TOKEN: 'private', REGION: 'eu' }).KEK.toString('base64')).toBe(KEK);
});

test('what a command does wrong is told with its variable, and nothing of what it wrote', () => {
  const secret = 'c2hvcnQ=';
  const cases: [command: string, problem: string][] = [
    ['unwrap --key x', 'KEK_COMMAND: must be a list in JSON'],
    ['[]', 'KEK_COMMAND: must be a list in JSON'],
    ['["unwrap"]', 'KEK_COMMAND: must name its program by an absolute path'],
    ['["/nowhere/unwrap"]', 'KEK_COMMAND: /nowhere/unwrap cannot be started (ENOENT)'],
    [writeCommand(`console.log('${secret}'); process.exit(7)`), 'ended with code 7'],
    [writeCommand(`process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1e3)`), 'was ended by SIGTERM'],
    [writeCommand(''), 'wrote nothing'],
    [writeCommand(`console.log('${secret}'.repeat(9e3))`), 'wrote more than 4096 bytes'],
    [writeCommand(`console.log('${secret}')`), 'KEK: must be 32 bytes in base64'],
  ];
  for (const [command, problem] of cases) {
    const problems = listProblems({ KEK_COMMAND: command });
    expect(problems, command).toEqual([expect.stringContaining(problem)]);
    expect(problems.join('\n')).not.toContain(secret);
  }
});

test('one that does not end is ended', { timeout: 30_000 }, () => {
  const command = writeCommand(`process.on('SIGTERM', () => {}); setInterval(() => {}, 1e3)`);
  expect(listProblems({ KEK_COMMAND: command })).toEqual([expect.stringContaining('did not end within 10 seconds')]);
});

test('a command beside another form is refused, and a secret that takes none has none', () => {
  const command = writeCommand(`console.log(${JSON.stringify(KEK)})`);
  expect(listProblems({ KEK, KEK_COMMAND: command })).toEqual(['KEK and KEK_COMMAND are both set; keep one']);
  expect(listProblems({ KEK, KEK_FILE: '/x', KEK_COMMAND: command })).toEqual([
    'KEK, KEK_FILE, and KEK_COMMAND are all set; keep one',
    'KEK_FILE: /x cannot be read',
  ]);
  expect(read({ KEK, TOKEN_COMMAND: command }).TOKEN).toBeUndefined();
});
