/** One line of `/proc/<pid>/stat`, as far as it is needed. */
export interface ProcStat {
  parent: number;
  /** process group */
  group: number;
  /** clock ticks in user and kernel mode, of the process and of its children that have ended and were waited for */
  ticks: number;
  /** start of the process, clock ticks after the start of the machine */
  startedAt: number;
}

/** Parses the text of `/proc/<pid>/stat`. The name in it may hold spaces and parentheses, so fields count from its last one. */
export function parseStat(text: string): ProcStat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const at = (field: number) => Number(fields[field - 3]);
  // proc(5): 4 ppid, 5 pgrp, 14 utime, 15 stime, 16 cutime, 17 cstime, 22 starttime
  return { parent: at(4), group: at(5), ticks: at(14) + at(15) + at(16) + at(17), startedAt: at(22) };
}

/** Resident memory in kilobytes from the text of `/proc/<pid>/status`; 0 for a process that has ended and is not yet waited for. */
export function parseResidentKb(text: string): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(text)?.[1] ?? 0);
}
