import { readdir, readFile } from 'node:fs/promises';

import { parseResidentKb, parseStat, type ProcStat } from '@gatehouse/process/proc';

/** The running processes by id, through /proc; none elsewhere than on Linux. */
export type Processes = ReadonlyMap<number, ProcStat>;

export async function listProcesses(): Promise<Processes> {
  const names = await readdir('/proc').catch(() => []);
  const found = new Map<number, ProcStat>();
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readProc(name, 'stat');
    if (stat !== '') found.set(Number(name), parseStat(stat));
  }
  return found;
}

/** Which of these processes another one comes from: by descent, which nothing in a sandbox can leave, or as a member of its group. */
export function findOrigin(pid: number, processes: Processes, origins: ReadonlySet<number>): number | null {
  for (let at = pid, stat = processes.get(at); stat; at = stat.parent, stat = processes.get(at)) {
    if (origins.has(at)) return at;
    if (origins.has(stat.group)) return stat.group;
  }
  return null;
}

/** Megabytes of resident memory of these processes, each with all that it started. Memory that processes share is counted for each of them. */
export async function measureMemory(origins: ReadonlySet<number>): Promise<Map<number, number>> {
  const usedMb = new Map<number, number>();
  const processes = await listProcesses();
  for (const pid of processes.keys()) {
    const origin = findOrigin(pid, processes, origins);
    if (origin === null) continue;
    const usedKb = parseResidentKb(await readProc(String(pid), 'status'));
    usedMb.set(origin, (usedMb.get(origin) ?? 0) + usedKb / 1_024);
  }
  return usedMb;
}

/** Empty for a process that has ended meanwhile. */
function readProc(pid: string, file: string): Promise<string> {
  return readFile(`/proc/${pid}/${file}`, 'utf8').catch(() => '');
}
