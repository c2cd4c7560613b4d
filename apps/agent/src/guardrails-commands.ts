import { resolve } from 'node:path';

import { type Command, InvalidArgumentError } from 'commander';
import { stringify } from 'yaml';

import { StdioEntryName } from '@gatehouse/policy/documents/snapshot';

import { readFileUser } from './config/guardrails/guarded-path.ts';
import { buildGuardrailsSchema } from './config/guardrails/guardrails-file.ts';
import { inspectGuardrails } from './config/guardrails/guardrails.ts';
import { describeCommand } from './config/guardrails/stdio-command.ts';
import type { AgentEnv } from './env.ts';
import { openSite } from './open-site.ts';
import { makePrintable } from './ops/printable.ts';

export interface GuardrailsCommandsOptions {
  readEnv: () => AgentEnv;
  write: (line: string) => void;
}

/** `gatehouse-agent guardrails …`: for whoever writes the file. Nothing of it asks the control plane or changes anything. */
export function addGuardrailsCommands(program: Command, { readEnv, write }: GuardrailsCommandsOptions): void {
  const guardrails = program.command('guardrails').description('help with the guardrails file').enablePositionalOptions();

  guardrails
    .command('check')
    .description(
      "how each stdio entry would run here, and all that is wrong with the file, the programs and the credentials, as the agent's user sees it; exit code 0 if nothing is, else 1",
    )
    .argument('[file]', 'the file; else the one that the agent would read')
    .action(async (file: string | undefined) => {
      const env = readEnv();
      const path = file ?? env.guardrailsFile;
      const { found, isEmpty, ways, problems } = await checkGuardrails(path, env);
      if (!found && file !== undefined && problems.length === 0) problems.push(describeAbsent(path, env));
      for (const line of [...ways, ...problems]) write(makePrintable(line));
      if (problems.length > 0) process.exitCode = 1;
      else if (!found) write(`${path} does not exist; the strict defaults hold. Another file: guardrails check FILE`);
      else write(`${path} is in order.${isEmpty ? ' It sets nothing; the strict defaults hold.' : ''}`);
    });

  guardrails
    .command('entry')
    .description('prints the stdio entry for a command, with absolute paths and hashes; runs and fetches nothing')
    .option('--name <name>', 'of the entry', readEntryName, 'my-server')
    .option('--cwd <folder>', 'folder that it runs in; else this one')
    .argument('<command...>', 'as it is started in a shell, after --: -- npx -y some-server')
    // what stands after the command is the command's own
    .passThroughOptions()
    .showHelpAfterError('(as it is started in a shell: gatehouse-agent guardrails entry -- npx -y some-server)')
    .action(async (words: string[], { name, cwd = process.cwd() }: { name: string; cwd?: string }) => {
      const { environment } = readEnv();
      const { entry, notes } = await describeCommand(words, { cwd, environment, node: process.execPath });
      for (const note of notes) write(`# ${note}`);
      write('# env: names of the variables that it needs, from the environment of the agent');
      write(
        '# network: true if it needs one; read, write: what it sees and may change beside its command, its arguments and cwd',
      );
      write(stringify({ stdio: { [name]: entry } }, { lineWidth: 0 }).trimEnd());
    });

  guardrails
    .command('schema')
    .description('prints the JSON schema of the file, for editors')
    .action(() => write(JSON.stringify(buildGuardrailsSchema(), null, 2)));
}

interface Checked {
  found: boolean;
  /** the file holds nothing but comments */
  isEmpty: boolean;
  ways: string[];
  problems: string[];
}

async function checkGuardrails(path: string, env: AgentEnv): Promise<Checked> {
  const { guardrails, isEmpty, problems } = await inspectGuardrails(path, env.allowOwnGuardrails ? null : readFileUser());
  const site = await openSite(env, guardrails, () => undefined);
  const ofMachine = [...(await site.checked), ...site.problems];
  const found = guardrails.path !== null;
  return { found, isEmpty, ways: site.stdio.describe(), problems: [...new Set([...problems, ...ofMachine])] };
}

function describeAbsent(path: string, { guardrailsFile }: AgentEnv): string {
  return `${resolve(path)} does not exist. Give the path of the file, or none for the one that the agent reads: ${guardrailsFile}`;
}

function readEntryName(text: string): string {
  const { data, error } = StdioEntryName.safeParse(text);
  if (error) throw new InvalidArgumentError(`It ${error.issues[0]?.message ?? 'cannot be used'}.`);
  return data;
}
