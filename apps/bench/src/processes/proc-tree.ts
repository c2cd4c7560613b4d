import { readdirSync, readFileSync } from 'node:fs';

import { parseResidentKb, parseStat } from '@gatehouse/process/proc';

/** Ticks of a second; Linux shows every process the same constant, whatever its kernel was built with. */
const TICKS_PER_SECOND = 100;

/** The process and all of its descendants among `parents` (pid to pid of the parent). */
export function collectTree(root: number, parents: ReadonlyMap<number, number>): number[] {
  const tree = [root];
  for (const pid of tree) for (const [child, parent] of parents) if (parent === pid) tree.push(child);
  return tree;
}

/** Processes of a tree at this moment, its root first. */
export function readTree(root: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const text = readOrEmpty(`/proc/${name}/stat`);
    if (text !== '') parents.set(Number(name), parseStat(text).parent);
  }
  return parents.has(root) ? collectTree(root, parents) : [];
}

/** Whether a process is Node running this script, and not one that only names it among its arguments. */
export function runsScript(pid: number, script: string): boolean {
  return readOrEmpty(`/proc/${pid}/cmdline`).split('\0')[1] === script;
}

/** CPU time of these processes so far, milliseconds, in steps of ten. A child that ended counts with its parent. */
export function readCpuMs(pids: readonly number[]): number {
  const ticks = pids.map((pid) => readOrEmpty(`/proc/${pid}/stat`)).map((text) => (text === '' ? 0 : parseStat(text).ticks));
  return (ticks.reduce((sum, each) => sum + each, 0) * 1_000) / TICKS_PER_SECOND;
}

/** Time since the start of a process, milliseconds, in steps of ten. */
export function readAgeMs(pid: number): number {
  const upSeconds = Number(readOrEmpty('/proc/uptime').split(' ')[0]);
  return upSeconds * 1_000 - (parseStat(readOrEmpty(`/proc/${pid}/stat`)).startedAt * 1_000) / TICKS_PER_SECOND;
}

/** Resident memory of these processes, megabytes (2^20). */
export function readResidentMb(pids: readonly number[]): number {
  const kilobytes = pids.map((pid) => parseResidentKb(readOrEmpty(`/proc/${pid}/status`)));
  return kilobytes.reduce((sum, each) => sum + each, 0) / 1024;
}

/** A process may end between being seen and being read. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}
