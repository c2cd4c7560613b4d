import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

import { z } from 'zod';

import { EnvironmentError } from '@gatehouse/process/environment';
import { listInputProblems } from '@gatehouse/process/input-problems';
import { toServiceError } from '@gatehouse/services/errors';

import { type CommandContext, formatCommand, formatCommands, parseCommand, UsageError } from './command.ts';
import { COMMANDS } from './commands.ts';
import { getEnvironment } from './env.ts';
import { describeFault } from './fault.ts';

const EXIT = { done: 0, wrong: 1, unreadable: 2 } as const;
const isJson = process.argv.includes('--json');

/** What is typed is done; the exit code is returned. */
async function runCli(args: readonly string[]): Promise<number> {
  const typed = parseCommand(COMMANDS, args);
  if (!typed) {
    writeLines(formatCommands(COMMANDS));
    return args.includes('--help') ? EXIT.done : EXIT.unreadable;
  }
  const { command, options, envFiles, json, help } = typed;
  if (help) {
    writeLines(formatCommand(command));
    return EXIT.done;
  }
  const {
    lines,
    notes = [],
    json: facts,
    failed = false,
  } = await command.run(options, { environment: readEnvironments(envFiles), json });
  writeLines(json ? [JSON.stringify(facts)] : lines);
  if (!json) writeLines(notes, process.stderr);
  return failed ? EXIT.wrong : EXIT.done;
}

/** What is set counts before what a file says, and a later file before an earlier one. */
function readEnvironments(envFiles: readonly string[]): CommandContext['environment'] {
  const fromFiles = envFiles.map((file) => {
    try {
      return parseEnv(readFileSync(file, 'utf8'));
    } catch (error) {
      throw new UsageError(`--env: ${file} cannot be read (${describeFault(error)}).`);
    }
  });
  return Object.assign({}, ...fromFiles, getEnvironment()) as CommandContext['environment'];
}

/** What is wrong, in sentences: those of options with their name. */
function listProblems(error: unknown): string[] {
  if (error instanceof z.ZodError) {
    return listInputProblems(error).map(({ path, text }) => (path.length === 0 ? text : `--${String(path[0])}: ${text}`));
  }
  if (error instanceof EnvironmentError) return [...error.problems];
  const known = toServiceError(error);
  return [known ? known.message : describeFault(error)];
}

function writeLines(lines: readonly string[], stream: NodeJS.WriteStream = process.stdout): void {
  if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
}

try {
  process.exitCode = await runCli(process.argv.slice(2));
} catch (error) {
  const problems = listProblems(error);
  if (isJson) writeLines([JSON.stringify({ problems })]);
  else writeLines(problems, process.stderr);
  process.exitCode = error instanceof UsageError || error instanceof z.ZodError ? EXIT.unreadable : EXIT.wrong;
}
