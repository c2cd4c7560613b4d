import type { Guardrails } from './config/guardrails/guardrails.ts';
import { findBarrier } from './config/guardrails/host-pattern.ts';
import type { AgentEnv } from './env.ts';
import { SiteSecrets } from './secrets/site-secrets.ts';
import { findVariableSecrets } from './secrets/variable-secrets.ts';

/**
 * The credentials of this machine. Every value of them, and of those in variables that children get, is told to `onSecret` before this resolves, so that
 * nothing that leaves afterwards holds one. `problems`: what is wrong with them.
 */
export async function openSecrets(
  env: AgentEnv,
  { stdio, credentials, http }: Guardrails,
  onSecret: (value: string) => void,
): Promise<{ secrets: SiteSecrets; problems: string[] }> {
  const { environment, secretsDir, guardrailsFile, dataDir } = env;
  const variables = findVariableSecrets(stdio, environment);
  variables.values.forEach(onSecret);
  const barrier = findBarrier.bind(null, http);
  const secrets = new SiteSecrets({
    environment,
    secretsDir,
    guardrailsFile,
    dataDir,
    named: credentials,
    findBarrier: barrier,
    onSecret,
  });
  return { secrets, problems: [...variables.problems, ...(await secrets.refresh())] };
}
