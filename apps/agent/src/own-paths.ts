import { resolve } from 'node:path';

import type { Guardrails } from './config/guardrails/guardrails.ts';
import type { AgentEnv } from './env.ts';

/** Variables that name files which hold no secret. */
const OPEN_FILES = new Set(['GATEHOUSE_CA_FILE', 'GATEHOUSE_TLS_CERT_FILE']);

/** Files and folders of the agent that no program which it starts may see: its state, its credentials, its keys and its guardrails. */
export function listOwnPaths(
  { dataDir, secretsDir, guardrailsFile, environment }: AgentEnv,
  { credentials }: Pick<Guardrails, 'credentials'>,
): string[] {
  const files = Object.entries(environment)
    .filter(([name]) => /^GATEHOUSE_\w+_FILE$/.test(name) && !OPEN_FILES.has(name))
    .flatMap(([, path]) => (path ? [resolve(path)] : []));
  const named = [...credentials.keys()].filter((reference) => reference.startsWith('file:'));
  return [dataDir, secretsDir, guardrailsFile, ...files, ...named.map((reference) => resolve(reference.slice('file:'.length)))];
}
