import { accessSync, constants, lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname, join, parse, resolve, sep } from 'node:path';

import { formatPosixWord } from '@gatehouse/process/shell-command';

import { isErrno } from '../../state/disk.ts';

/** On whose behalf a file is read: who must not be able to change it. */
export interface FileUser {
  uid: number;
  gids: readonly number[];
}

const MOST_LINKS = 40;
const STICKY = 0o1000;

/** The user of this process; null where the system has none. */
export function readFileUser(): FileUser | null {
  const uid = process.geteuid?.();
  return uid === undefined ? null : { uid, gids: [process.getegid?.() ?? -1, ...(process.getgroups?.() ?? [])] };
}

/**
 * How this user could change what a path leads to, with what mends it; null when it could not. Looked at are the file, every folder above it
 * and every symbolic link on the way: who owns one of them, or may write to it, can put another file there. Throws when the path leads nowhere.
 */
export function findWayToChange(path: string, user: FileUser): string | null {
  const file = resolve(path);
  if (user.uid === 0) {
    lstatSync(file);
    if (isReadOnlyMount(file)) return null;
    return 'this agent runs as root, which can change every file. Run it as a user of its own, or mount the file read-only.';
  }
  const isOwn = user.uid === process.geteuid?.();
  const steps = listSteps(file);
  for (const [index, { at, stat }] of steps.entries()) {
    if (isReadOnlyMount(at)) continue;
    if (stat.uid === user.uid)
      return `${at} belongs to the agent's own user. Give it to another owner: chown root ${formatPosixWord(at)}`;
    if (stat.isSymbolicLink() || !(mayWrite(stat, user) || (isOwn && isWritable(at)))) continue;
    // in a folder like /tmp only the owner of an entry can replace it, and that is asked of the next step
    const next = steps[index + 1];
    if (stat.isDirectory() && (stat.mode & STICKY) !== 0 && next) continue;
    return `${at} is writable by this agent. Take that away: ${mayWrite(stat, user) ? 'chmod go-w' : 'setfacl --remove-all'} ${formatPosixWord(at)}`;
  }
  return null;
}

interface Step {
  at: string;
  stat: Stats;
}

/** Every folder, link and file that is passed on the way to the end of the path. */
function listSteps(path: string): Step[] {
  const steps: Step[] = [];
  let links = 0;
  let at = parse(path).root;
  let rest = path.split(sep).filter(Boolean);
  steps.push({ at, stat: lstatSync(at) });
  for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
    const next = join(at, name);
    const stat = lstatSync(next);
    steps.push({ at: next, stat });
    if (!stat.isSymbolicLink()) {
      at = next;
      continue;
    }
    if ((links += 1) > MOST_LINKS) throw Object.assign(new Error(`${path} is a loop of links`), { code: 'ELOOP' });
    // from the root again: the folders of the target matter as much as those of the link
    rest = [...resolve(dirname(next), readlinkSync(next)).split(sep).filter(Boolean), ...rest];
    at = parse(path).root;
  }
  return steps;
}

function mayWrite({ mode, gid }: Stats, { gids }: FileUser): boolean {
  return (mode & (gids.includes(gid) ? 0o022 : 0o002)) !== 0;
}

/** What the system says for this process: an access control list lets users write whom the mode does not name. */
function isWritable(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return true;
  } catch (error) {
    if (isErrno(error, 'EACCES', 'EPERM', 'EROFS', 'ETXTBSY')) return false;
    throw error;
  }
}

/** Not even root writes to a file system that is mounted read-only. */
function isReadOnlyMount(path: string): boolean {
  try {
    accessSync(path, constants.W_OK);
    return false;
  } catch (error) {
    return isErrno(error, 'EROFS');
  }
}
