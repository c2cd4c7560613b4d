import type { Command } from 'commander';
import { stringify } from 'yaml';

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
  const guardrails = program.command('guardrails').description('help with the guardrails file');

  guardrails
    .command('check')
    .description(
      "how each stdio entry would run here, and all that is wrong with the file, the programs and the credentials, as the agent's user sees it; exit code 0 if nothing is, else 1",
    )
    .argument('[file]', 'the file; else the one that the agent would read')
    .action(async (file: string | undefined) => {
      const env = readEnv();
      const path = file ?? env.guardrailsFile;
      const { found, ways, problems } = await checkGuardrails(path, env);
      if (!found && file !== undefined && problems.length === 0) problems.push(`${path} does not exist.`);
      for (const line of [...ways, ...problems]) write(makePrintable(line));
      if (problems.length > 0) process.exitCode = 1;
      else write(found ? `${path} is in order.` : `${path} does not exist; the strict defaults hold.`);
    });

  guardrails
    .command('entry')
    .description('prints the stdio entry for a command, with absolute paths and hashes; runs and fetches nothing')
    .option('--name <name>', 'of the entry', 'my-server')
    .option('--cwd <folder>', 'folder that it runs in; else this one')
    .argument('<command...>', 'after --, as it is started in a shell: -- npx -y some-server')
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

async function checkGuardrails(path: string, env: AgentEnv): Promise<{ found: boolean; ways: string[]; problems: string[] }> {
  const { guardrails, problems } = await inspectGuardrails(path, env.allowOwnGuardrails ? null : readFileUser());
  const site = await openSite(env, guardrails, () => undefined);
  const ofMachine = [...(await site.checked), ...site.problems];
  return { found: guardrails.path !== null, ways: site.stdio.describe(), problems: [...new Set([...problems, ...ofMachine])] };
}
