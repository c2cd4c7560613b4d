import { parseArgs } from 'node:util';

import type { z } from 'zod';

/** What a command is given besides its options. */
export interface CommandContext {
  /** the environment, with what --env adds */
  environment: Readonly<Record<string, string | undefined>>;
  /** --json was said: what is printed is JSON and nothing else */
  json: boolean;
}

/** What a command has done. */
export interface Outcome {
  /** for people, on standard output: what a script may take */
  lines: readonly string[];
  /** for people, on standard error: what goes with it */
  notes?: readonly string[];
  /** the same for --json */
  json: object;
  /** something that was looked at is wrong: exit code 1 */
  failed?: boolean;
}

export interface Option {
  /** what its value is called in the help; left out: it takes none */
  value?: string;
  help: string;
  /** may be given several times */
  many?: boolean;
}

export interface Command {
  /** what is typed: ['tenant', 'create'] */
  words: readonly string[];
  summary: string;
  /** more of it, for its own help */
  details?: readonly string[];
  options: Readonly<Record<string, Option>>;
  /** Parses the options and does it. Throws what is wrong. */
  run(options: Readonly<Record<string, unknown>>, context: CommandContext): Promise<Outcome>;
}

/** A command whose options are parsed by a schema; its keys are the names of the options. */
export function defineCommand<Input extends z.ZodType>(
  parts: Omit<Command, 'run'> & { input: Input; run(input: z.output<Input>, context: CommandContext): Promise<Outcome> },
): Command {
  const { input, ...command } = parts;
  return { ...command, run: async (options, context) => parts.run(input.parse(options), context) };
}

/** What was typed cannot be read: exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Options that every command has. Not --env-file: Node takes that for its own, wherever it stands. */
export const COMMON_OPTIONS: Readonly<Record<string, Option>> = {
  env: {
    value: 'FILE',
    help: 'read variables from a file, NAME=value per line; those that are set already stay',
    many: true,
  },
  json: { help: 'print JSON, also of what went wrong' },
  help: { help: 'say this' },
};

export interface Typed {
  command: Command;
  options: Readonly<Record<string, unknown>>;
  envFiles: readonly string[];
  json: boolean;
  help: boolean;
}

/** Finds the command that was typed, and its options. Null: none was, or the list of commands is wanted. Throws UsageError. */
export function parseCommand(commands: readonly Command[], args: readonly string[]): Typed | null {
  const firstOption = args.findIndex((word) => word.startsWith('-'));
  const words = firstOption < 0 ? args : args.slice(0, firstOption);
  const command = commands.find((known) => known.words.every((word, index) => words[index] === word));
  if (!command) {
    if (words.length === 0 && args.every((word) => word === '--help' || word === '--json')) return null;
    throw new UsageError(`There is no command ${words.join(' ') || args.join(' ')}. gatehouse --help lists them.`);
  }
  const known = { ...command.options, ...COMMON_OPTIONS };
  try {
    const { values } = parseArgs({
      args: args.slice(command.words.length),
      options: Object.fromEntries(
        Object.entries(known).map(([name, { value, many = false }]) => [
          name,
          { type: value === undefined ? 'boolean' : 'string', multiple: many } as const,
        ]),
      ),
    });
    const { json, help, env: files, ...options } = values;
    const envFiles = Array.isArray(files) ? files.filter((file) => typeof file === 'string') : [];
    return { command, options, envFiles, json: json === true, help: help === true };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${why.split('. To specify', 1)[0]}. gatehouse ${command.words.join(' ')} --help lists the options.`);
  }
}

/** The list of commands. */
export function formatCommands(commands: readonly Command[]): string[] {
  const width = Math.max(...commands.map(({ words }) => words.join(' ').length));
  return [
    'gatehouse: what an operator does from outside of a running control plane',
    '',
    ...commands.map(({ words, summary }) => `  ${words.join(' ').padEnd(width)}  ${summary}`),
    '',
    'gatehouse COMMAND --help says more. Secrets come from the environment or from files (NAME_FILE), never from options.',
    'Exit codes: 0 done, 1 something is wrong, 2 the command cannot be read.',
  ];
}

/** The help of one command. */
export function formatCommand({ words, summary, details = [], options }: Command): string[] {
  const rows = Object.entries({ ...options, ...COMMON_OPTIONS }).map(([name, { value, help, many }]) => ({
    left: `--${name}${value === undefined ? '' : ` ${value}`}`,
    right: many === true ? `${help} (several times)` : help,
  }));
  const width = Math.max(...rows.map(({ left }) => left.length));
  return [
    `gatehouse ${words.join(' ')}: ${summary}`,
    ...(details.length > 0 ? ['', ...details.map((line) => `  ${line}`)] : []),
    '',
    ...rows.map(({ left, right }) => `  ${left.padEnd(width)}  ${right}`),
  ];
}
