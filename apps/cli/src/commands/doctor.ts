import { z } from 'zod';

import manifest from '../../package.json' with { type: 'json' };
import { reportFindings } from '../checks/finding.ts';
import { PROCESS_OPTION, ProcessInput } from '../checks/given.ts';
import { checkProcesses, checkPublicAddresses } from '../checks/processes.ts';
import { checkStanding } from '../checks/standing.ts';
import { defineCommand } from '../command.ts';
import { readGivenFacts } from '../env.ts';
import { checkConfiguration } from './config-check.ts';

export const doctor = defineCommand({
  words: ['doctor'],
  summary: 'config check, and whether what runs is well',
  details: [
    'Asks every process where it listens, console and hub also at their public addresses with their certificates, and looks at migrations, waiting',
    'jobs, partitions of receipts and agents that are behind. Run it where the processes run, with their environment.',
  ],
  options: PROCESS_OPTION,
  input: z.strictObject({ process: ProcessInput }),
  async run({ process: names }, { environment }) {
    const { findings, environments } = await checkConfiguration(names, environment);
    const found = await Promise.all([
      checkProcesses(environments, manifest.version),
      checkPublicAddresses(environments),
      checkStanding(readGivenFacts(environment, names)),
    ]);
    return reportFindings([...findings, ...found.flat()]);
  },
});
