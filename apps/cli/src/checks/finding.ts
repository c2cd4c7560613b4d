import type { Outcome } from '../command.ts';

/** One thing that was looked at. `of`: a process, or what it is about. */
export interface Finding {
  level: 'ok' | 'warning' | 'problem' | 'skipped';
  of: string;
  text: string;
}

export const pass = (of: string, text: string): Finding => ({ level: 'ok', of, text });
export const note = (of: string, text: string): Finding => ({ level: 'warning', of, text });
export const fail = (of: string, text: string): Finding => ({ level: 'problem', of, text });
export const skip = (of: string, text: string): Finding => ({ level: 'skipped', of, text });

const MARKS = { ok: 'ok      ', warning: 'warning ', problem: 'PROBLEM ', skipped: 'skipped ' } as const;

/** Everything that was looked at, problems last, where a terminal ends; exit code 1 where there is one. */
export function reportFindings(findings: readonly Finding[]): Outcome {
  const order = ['ok', 'skipped', 'warning', 'problem'] as const;
  const sorted = order.flatMap((level) => findings.filter((finding) => finding.level === level));
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length;
  const [problems, warnings] = [count('problem'), count('warning')];
  const width = Math.max(...findings.map(({ of }) => of.length));
  return {
    lines: [
      ...sorted.map(({ level, of, text }) => `${MARKS[level]} ${of.padEnd(width)}  ${text}`),
      `${problems === 1 ? '1 problem' : `${problems} problems`}, ${warnings === 1 ? '1 warning' : `${warnings} warnings`}`,
    ],
    json: { ok: problems === 0, problems, warnings, findings: sorted },
    failed: problems > 0,
  };
}
