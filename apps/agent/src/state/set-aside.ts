import { copyFileSync } from 'node:fs';
import { basename, join } from 'node:path';

import { makeFolders } from '@gatehouse/process/folders';

import { isErrno } from './disk.ts';
import type { Identity } from './identity.ts';
import type { StateDir } from './state-dir.ts';

/**
 * Moves what belongs to an agent that is shut out into a folder of its own, receipts that were not sent among it, and gives that. The site key stays: it is
 * the site's. The identity stays too, until it is replaced, so that a crash leaves the agent of before.
 */
export async function setAside(dir: StateDir, { agentId }: Identity): Promise<string> {
  const folder = join(dir.path, 'former', agentId);
  makeFolders(folder);
  copyFileSync(dir.identity, join(folder, basename(dir.identity)));
  for (const path of listOwn(dir)) moveIfThere(dir, path, folder);
  await dir.disk.syncDirectory(folder);
  await dir.disk.syncDirectory(dir.path);
  makeFolders(dir.spool);
  return folder;
}

/** Everything that is of one agent, without its identity. */
function listOwn(dir: StateDir): string[] {
  const kept = [dir.keyset, dir.snapshot, dir.manifest].flatMap(({ path, previous }) => [path, previous]);
  return [dir.spool, dir.refused, dir.epoch, dir.standing, ...kept, dir.parts, dir.revocations, dir.revocationHead];
}

function moveIfThere({ disk }: StateDir, path: string, folder: string): void {
  try {
    disk.rename(path, join(folder, basename(path)));
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}
