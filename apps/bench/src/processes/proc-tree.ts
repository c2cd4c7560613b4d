import { readdirSync, readFileSync } from 'node:fs';

/** One line of `/proc/<pid>/stat`, as far as it is needed. */
export interface ProcStat {
  parent: number;
  /** clock ticks in user and kernel mode, of the process and of its children that have ended and were waited for */
  ticks: number;
  /** start of the process, clock ticks after the start of the machine */
  startedAt: number;
}

/** Ticks of a second; Linux shows every process the same constant, whatever its kernel was built with. */
const TICKS_PER_SECOND = 100;

/** Parses the text of `/proc/<pid>/stat`. The name in it may hold spaces and parentheses, so fields count from its last one. */
export function parseStat(text: string): ProcStat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const at = (field: number) => Number(fields[field - 3]);
  // proc(5): 4 ppid, 14 utime, 15 stime, 16 cutime, 17 cstime, 22 starttime
  return { parent: at(4), ticks: at(14) + at(15) + at(16) + at(17), startedAt: at(22) };
}

/** Resident memory in kilobytes from the text of `/proc/<pid>/status`; 0 for a process that has ended and is not yet waited for. */
export function parseResidentKb(text: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0);
}

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
