import { spawn, type ChildProcess } from 'node:child_process';
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';

import type { SystemUser } from '../../config/guardrails/system-user.ts';
import { buildCallFilter } from './call-filter.ts';

/** Where packages put it; never looked up in PATH. */
const PLACES = ['/usr/bin/bwrap', '/usr/local/bin/bwrap'];
const PROBE_MS = 10_000;
const MEBIBYTE = 1024 * 1024;
/** Programs and libraries of the system, and what they cannot do without. Never the whole of /etc, which holds keys. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/nix/store'];
const SETTINGS = (
  'ld.so.cache ld.so.conf ld.so.conf.d alternatives localtime mime.types ssl/certs ssl/openssl.cnf ca-certificates ' +
  'pki/tls/certs pki/tls/openssl.cnf pki/ca-trust/extracted crypto-policies'
).split(' ');
const NETWORK_SETTINGS = 'resolv.conf hosts nsswitch.conf gai.conf services protocols'.split(' ');
/** Tasks in one sandbox. The kernel counts none for an agent that runs as root. */
const MOST_TASKS = 1_024;
const LIMITER = '/usr/bin/prlimit';

/** What a program sees and may do beside what every program does. */
export interface View {
  read: readonly string[];
  write: readonly string[];
  cwd: string;
  network: boolean;
}

/** A bubblewrap that works here. */
export interface Bubblewrap {
  program: string;
  /** what it is given at `FILTER_FD`; null where the kernel or the machine has no filter of calls */
  filter: Buffer | null;
}

/** Where bubblewrap reads its filter of calls from. */
const FILTER_FD = 3;

/** The bubblewrap of this machine, or in one sentence why it cannot be used. `user`: who will start it; null: this process's own. */
export async function findBubblewrap(user: SystemUser | null): Promise<Bubblewrap | { problem: string }> {
  const program = PLACES.find((place) => readStat(place));
  if (program === undefined) return { problem: 'bubblewrap is not installed (Debian: apt install bubblewrap).' };
  const changeable = findChangeable(program);
  if (changeable !== null) return { problem: `${changeable} could be changed by others than root, so ${program} is not used.` };
  const filter = buildCallFilter();
  if (filter !== null && (await probe({ program, filter }, user)) === null) return { program, filter };
  const reason = await probe({ program, filter: null }, user);
  return reason === null ? { program, filter: null } : { problem: `bubblewrap does not work here (${reason.slice(0, 150)}).` };
}

/** What bubblewrap says when it cannot start a program; null when it can. */
async function probe(bubblewrap: Bubblewrap, user: SystemUser | null): Promise<string | null> {
  const { program, filter } = bubblewrap;
  const view: View = { read: [], write: [], cwd: '/', network: false };
  const child = spawn(program, [...buildArguments(view, filter), program, '--version'], {
    ...user,
    env: {},
    timeout: PROBE_MS,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<string | null>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('close', (code, signal) => resolve(code === 0 ? null : `it ended with ${signal ?? code}`));
  });
  child.once('spawn', () => sendFilter(child, filter));
  const said = child.stderr ? await text(child.stderr).catch(() => '') : '';
  const problem = await ended;
  return problem === null ? null : said.trim().split('\n', 1)[0] || problem;
}

/** Writes the filter where bubblewrap reads it, and nothing where it is given none. */
export function sendFilter({ stdio }: Pick<ChildProcess, 'stdio'>, filter: Buffer | null): void {
  const pipe = stdio[FILTER_FD];
  if (!(pipe instanceof Writable)) return;
  // bubblewrap may end before it has read all
  pipe.on('error', () => undefined).end(filter ?? '');
}

/** The arguments of bubblewrap in front of the command and its own. */
export function buildCommand(view: View, { filter }: Bubblewrap, command: string, args: readonly string[]): string[] {
  const limited = readStat(LIMITER) ? [LIMITER, `--nproc=${MOST_TASKS}`, '--core=0', '--'] : [];
  return [...buildArguments(view, filter), ...limited, command, ...args];
}

/** Every path of the machine that a program in this view sees. */
export function listVisible({ read, write, cwd }: View): string[] {
  return [...SYSTEM, ...listSettings(true), ...read, ...write, cwd].filter((path) => path !== '/');
}

function buildArguments(view: View, filter: Buffer | null): string[] {
  const shown = new Map<string, string>();
  for (const path of [...view.read, view.cwd]) shown.set(path, '--ro-bind');
  for (const path of view.write) shown.set(path, '--bind');
  shown.delete('/');
  // a folder comes before what is in it
  const binds = [...shown].toSorted(([a], [b]) => (a < b ? -1 : 1)).flatMap(([path, bind]) => [bind, path, path]);
  return [
    ['--unshare-user', '--unshare-all', '--disable-userns', '--cap-drop', 'ALL', '--die-with-parent', '--new-session'],
    view.network ? ['--share-net'] : [],
    filter ? ['--seccomp', String(FILTER_FD)] : [],
    // read-only: root of this machine is also the owner of what stands in /proc/sys
    ['--proc', '/proc', '--remount-ro', '/proc', '--dev', '/dev'],
    buildTmpfs('/dev/shm', 64),
    ['--remount-ro', '/dev'],
    buildTmpfs('/tmp', 256),
    SYSTEM.flatMap(buildSystemFolder),
    listSettings(view.network).flatMap((path) => ['--ro-bind-try', path, path]),
    binds,
    ['--remount-ro', '/', '--chdir', view.cwd, '--'],
  ].flat();
}

function listSettings(network: boolean): string[] {
  return [...SETTINGS, ...(network ? NETWORK_SETTINGS : [])].map((name) => `/etc/${name}`);
}

function buildTmpfs(path: string, mebibytes: number): string[] {
  return ['--size', String(mebibytes * MEBIBYTE), '--perms', '1777', '--tmpfs', path];
}

/** /bin and /lib are folders on some systems and links into /usr on others. */
function buildSystemFolder(path: string): string[] {
  const stat = readStat(path);
  if (!stat) return [];
  return stat.isSymbolicLink() ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
}

/** The file, or the folder above it, that somebody else than root could put something else in the place of. */
export function findChangeable(path: string): string | null {
  const stat = lstatSync(path);
  if (stat.uid !== 0 || stat.isSymbolicLink() || (stat.mode & 0o022) !== 0) return path;
  return path === '/' ? null : findChangeable(dirname(path));
}

function readStat(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
