import { copyFileSync, existsSync } from 'node:fs';
import { basename, join } from 'node:path';

import { makeFolders } from '@gatehouse/process/folders';

import { isErrno } from './disk.ts';
import type { Identity } from './identity.ts';
import type { StateDir } from './state-dir.ts';

/**
 * Moves what belongs to an agent that is shut out into a folder of its own, receipts that were not sent among it, and gives that. The site key stays
 * when `next` is of the same site. The identity stays until it is replaced, and that it is shut out goes last, so that a crash lets it serve nothing.
 */
export async function setAside(dir: StateDir, before: Identity, next: Pick<Identity, 'siteId'>): Promise<string> {
  const folder = findFreeFolder(join(dir.path, 'former', before.agentId));
  makeFolders(folder);
  copyFileSync(dir.identity, join(folder, basename(dir.identity)));
  const siteKey = before.siteId === next.siteId ? [] : [dir.siteKey];
  for (const path of [...listOwn(dir), ...siteKey]) moveIfThere(dir, path, folder);
  await syncBoth(dir, folder);
  moveIfThere(dir, dir.standing, folder);
  await syncBoth(dir, folder);
  makeFolders(dir.spool);
  return folder;
}

/** An attempt that broke off has left a folder with what it had moved. */
function findFreeFolder(wanted: string): string {
  let folder = wanted;
  for (let attempt = 2; existsSync(folder); attempt += 1) folder = `${wanted}-${attempt}`;
  return folder;
}

/** Everything that is of one agent, without its identity and its standing. */
function listOwn(dir: StateDir): string[] {
  const kept = [dir.keyset, dir.snapshot, dir.manifest].flatMap(({ path, previous }) => [path, previous]);
  return [dir.spool, dir.refused, dir.epoch, ...kept, dir.parts, dir.revocations, dir.revocationHead];
}

function moveIfThere({ disk }: StateDir, path: string, folder: string): void {
  try {
    disk.rename(path, join(folder, basename(path)));
  } catch (error) {
    if (!isErrno(error, 'ENOENT')) throw error;
  }
}

async function syncBoth({ path, disk }: StateDir, folder: string): Promise<void> {
  await disk.syncDirectory(folder);
  await disk.syncDirectory(path);
}
