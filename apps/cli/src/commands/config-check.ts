import { z } from 'zod';

import { checkAddresses } from '../checks/addresses.ts';
import { checkDatabase } from '../checks/database.ts';
import { checkEnvironments, type ProcessEnvironments } from '../checks/environment.ts';
import { checkFiles } from '../checks/files.ts';
import { type Finding, reportFindings } from '../checks/finding.ts';
import { PROCESS_OPTION, ProcessInput } from '../checks/given.ts';
import { checkMail } from '../checks/mail.ts';
import { checkMigrations, checkStored } from '../checks/stored.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { readGivenFacts } from '../env.ts';

export const configCheck = defineCommand({
  words: ['config', 'check'],
  summary: 'look whether the environment of console, hub and worker fits together and with what it names',
  details: [
    'Tells every problem at once: variables, connections, what each role may, whether the key-encryption key opens the stored keys, addresses,',
    'the mail server, clocks, files. Give it what the processes are given, with --env where that is files. With DATABASE_URL (the owner’s) also the migrations.',
  ],
  options: {
    ...PROCESS_OPTION,
    mail: { value: 'E-MAIL', help: 'also send a test mail there, through the worker’s mail server' },
  },
  input: z.strictObject({ process: ProcessInput, mail: z.email().max(254).optional() }),
  async run({ process: names, mail }, { environment }) {
    return reportFindings((await checkConfiguration(names, environment, mail)).findings);
  },
});

/** Everything that `config check` looks at. */
export async function checkConfiguration(
  names: z.output<typeof ProcessInput>,
  environment: CommandContext['environment'],
  testMailTo?: string,
): Promise<{ findings: Finding[]; environments: ProcessEnvironments }> {
  const { findings, environments } = checkEnvironments(names, environment);
  const facts = readGivenFacts(environment, names);
  const connected = await Promise.all([checkDatabase(facts.urls), checkStored(facts), checkMigrations(facts)]);
  return {
    environments,
    findings: [
      ...findings,
      ...connected.flat(),
      ...checkAddresses(environments),
      ...(await checkMail(environments, testMailTo)),
      ...checkFiles(environment),
    ],
  };
}
