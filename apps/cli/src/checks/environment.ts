import { parseEnv, type ConsoleEnv } from '@gatehouse/console/env';
import type { ProcessName } from '@gatehouse/db/process-roles';
import { readEnv as readHubEnv, type HubEnv } from '@gatehouse/hub/env';
import { EnvironmentError } from '@gatehouse/process/environment';
import { readEnv as readWorkerEnv, type WorkerEnv } from '@gatehouse/worker/env';

import { fail, type Finding, pass } from './finding.ts';

/** The environment of each process as the process itself reads it; left out where it would not start. */
export interface ProcessEnvironments {
  console?: ConsoleEnv;
  hub?: HubEnv;
  worker?: WorkerEnv;
}

/** Reads the environments with the processes' own schemas: every problem of each. */
export function checkEnvironments(
  names: readonly ProcessName[],
  source: Readonly<Record<string, string | undefined>>,
): { findings: Finding[]; environments: ProcessEnvironments } {
  const environments: ProcessEnvironments = {};
  const read = {
    console: () => (environments.console = parseEnv(source)),
    hub: () => (environments.hub = readHubEnv({ ...source })),
    worker: () => (environments.worker = readWorkerEnv({ ...source })),
  } satisfies Record<ProcessName, () => unknown>;
  const findings = names.flatMap((name) => {
    try {
      read[name]();
      return [pass(name, 'its environment can be read')];
    } catch (error) {
      if (!(error instanceof EnvironmentError)) throw error;
      return error.problems.map((problem) => fail(name, problem));
    }
  });
  return { findings, environments };
}
