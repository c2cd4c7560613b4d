import { runInTenant } from '@gatehouse/db/tenant';

import type { Runtime } from '../runtime.ts';
import { canOpenKeys } from '../signing/keys.ts';
import { listWorkspaces } from './list-workspaces.ts';

/** Workspaces by slug. */
export interface SealedKeys {
  opened: string[];
  /** whose signing keys are sealed under another key-encryption key */
  closed: string[];
}

/** Tries the key-encryption key of this process on the signing keys of every workspace; signs nothing. As the console or the worker. */
export async function checkSealedKeys(runtime: Runtime): Promise<SealedKeys> {
  const found: SealedKeys = { opened: [], closed: [] };
  for (const { id, slug } of await listWorkspaces(runtime)) {
    const opens = await runInTenant(runtime.db, id, (tx) => canOpenKeys(tx, runtime.signer, id));
    found[opens ? 'opened' : 'closed'].push(slug);
  }
  return found;
}
