import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';

import { getEnv } from '../env.ts';

/** Name under which the bundle is downloaded. */
export const BUNDLE_NAME = 'gatehouse-agent.mjs';

export interface AgentBundle {
  bytes: Uint8Array<ArrayBuffer>;
  /** SHA-256, hex */
  sha256: string;
}

let known: { path: string; changedAt: number; bundle: AgentBundle } | undefined;

/** The agent as this console hands it out; null when none is configured or the file is not there. Read again when the file changed. */
export async function readAgentBundle(): Promise<AgentBundle | null> {
  const path = getEnv().GATEHOUSE_AGENT_BUNDLE;
  const changedAt = path === undefined ? undefined : await readChangeTime(path);
  if (path === undefined || changedAt === undefined) return null;
  if (known?.path === path && known.changedAt === changedAt) return known.bundle;
  const bytes = new Uint8Array(await readFile(/* turbopackIgnore: true */ path));
  const bundle = { bytes, sha256: createHash('sha256').update(bytes).digest('hex') };
  known = { path, changedAt, bundle };
  return bundle;
}

async function readChangeTime(path: string): Promise<number | undefined> {
  try {
    return (await stat(/* turbopackIgnore: true */ path)).mtimeMs;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
