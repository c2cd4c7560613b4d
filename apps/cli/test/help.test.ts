import { expect, test } from 'vitest';

import { COMMANDS } from '../src/commands.ts';
import { runCli } from './run-cli.ts';

test('the list names every command, and each has a help of its own', async () => {
  const { code, stdout } = await runCli(['--help']);
  expect(code).toBe(0);
  for (const { words, summary } of COMMANDS) expect(stdout).toMatch(new RegExp(`^  ${words.join(' ')} +${summary}$`, 'm'));
  const [first] = COMMANDS;
  const help = await runCli([...(first?.words ?? []), '--help']);
  expect([help.code, help.stdout]).toEqual([0, expect.stringContaining('--env FILE')]);
});

test('no option takes a secret: those come from the environment or from files', () => {
  const names = COMMANDS.flatMap(({ options }) => Object.keys(options));
  expect(names.filter((name) => /pass|secret|token|key|kek|url/.test(name))).toEqual([]);
});
