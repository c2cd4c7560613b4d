import { ServerLimits } from '@gatehouse/policy/documents/server-limits';

/** Limits as a person sets them: a part that could never be reached is refused, because the time in all ends first. */
export const NewServerLimits = ServerLimits.superRefine(({ answerMs, silenceMs, totalMs, tools = [] }, check) => {
  const compare = (path: (string | number)[], total: number | undefined, parts: Record<string, number | undefined>) => {
    for (const [key, ms] of Object.entries(parts)) {
      if (total === undefined || ms === undefined || ms <= total) continue;
      check.addIssue({ code: 'custom', path: [...path, key], message: 'This is longer than the time in all' });
    }
  };
  compare([], totalMs, { answerMs, silenceMs });
  for (const [index, tool] of tools.entries()) {
    compare(['tools', index], tool.totalMs ?? totalMs, { answerMs: tool.answerMs, silenceMs: tool.silenceMs });
  }
});
