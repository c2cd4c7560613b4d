import { z } from 'zod';

import {
  DEFAULT_LIMITS,
  formatLimit,
  LimitName,
  LONGEST_LIMITS,
  ServerLimits,
  SHORTEST_LIMIT_MS,
} from '@gatehouse/policy/documents/server-limits';

import type { Seen, VersionGroup } from '../../ui/form/merge-versions.ts';

/** What each limit is about. */
export const LIMIT_WORDS: Record<LimitName, { label: string; hint: string }> = {
  start: { label: 'To start', hint: 'Until its process runs or the connection stands. A first npx downloads.' },
  answer: { label: 'To the first answer', hint: 'Until it answers a call, or reports progress.' },
  silence: { label: 'To the next sign of life', hint: 'Between two reports of progress, and until the answer.' },
  total: { label: 'In all', hint: 'From the call to its answer, however often it reports progress.' },
};

/** Seconds as somebody types them; empty is the default. */
const defineSeconds = (name: LimitName) =>
  z
    .string()
    .trim()
    .refine(
      (text) => text === '' || isWithin(name, toMs(text)),
      `Seconds, from ${formatLimit(SHORTEST_LIMIT_MS)} to ${formatLimit(LONGEST_LIMITS[name])}. Empty: the default.`,
    );

/** What a form asks of a server as a whole. */
export const LIMIT_FIELDS = {
  start: defineSeconds('start'),
  answer: defineSeconds('answer'),
  silence: defineSeconds('silence'),
  total: defineSeconds('total'),
};
const LimitFields = z.object(LIMIT_FIELDS);
export type LimitFields = z.infer<typeof LimitFields>;

export const EMPTY_LIMITS: LimitFields = { start: '', answer: '', silence: '', total: '' };

export const LimitsForm = LimitFields.extend({
  tools: z
    .array(
      z.object({
        name: z.string().trim().min(1, "Enter the server's own name of the tool."),
        answer: defineSeconds('answer'),
        silence: defineSeconds('silence'),
        total: defineSeconds('total'),
      }),
    )
    .max(100),
});
export type LimitsForm = z.infer<typeof LimitsForm>;

export const EMPTY_TOOL: LimitsForm['tools'][number] = { name: '', answer: '', silence: '', total: '' };

function toMs(text: string): number | undefined {
  return text === '' ? undefined : Math.round(Number(text.replace(',', '.')) * 1_000);
}

function isWithin(name: LimitName, ms: number | undefined): boolean {
  return ms !== undefined && ms >= SHORTEST_LIMIT_MS && ms <= LONGEST_LIMITS[name];
}

const toText = (ms: number | undefined): string => (ms === undefined ? '' : String(ms / 1_000));

/** The form as the limits are now. */
export function toLimitsForm({ startMs, answerMs, silenceMs, totalMs, tools = [] }: ServerLimits): LimitsForm {
  return {
    start: toText(startMs),
    answer: toText(answerMs),
    silence: toText(silenceMs),
    total: toText(totalMs),
    tools: tools.map((tool) => ({
      name: tool.name,
      answer: toText(tool.answerMs),
      silence: toText(tool.silenceMs),
      total: toText(tool.totalMs),
    })),
  };
}

/** The limits to set; call it only for a form that was checked. */
export function toServerLimits({ start, answer, silence, total, tools = [] }: LimitFields & Partial<LimitsForm>): ServerLimits {
  const startMs = toMs(start);
  return {
    ...(startMs !== undefined && { startMs }),
    ...toCallLimits({ answer, silence, total }),
    ...(tools.length > 0 && { tools: tools.map(({ name, ...own }) => ({ name, ...toCallLimits(own) })) }),
  };
}

function toCallLimits({ answer, silence, total }: Pick<LimitsForm, 'answer' | 'silence' | 'total'>) {
  const [answerMs, silenceMs, totalMs] = [toMs(answer), toMs(silence), toMs(total)];
  return {
    ...(answerMs !== undefined && { answerMs }),
    ...(silenceMs !== undefined && { silenceMs }),
    ...(totalMs !== undefined && { totalMs }),
  };
}

/** What an editor of the limits sees of a server at this revision. */
export const toSeen = (revision: number, limits: ServerLimits): Seen<LimitsForm> => ({ revision, values: toLimitsForm(limits) });

const PresentLimits = z.object({ limits: ServerLimits });

/** The form as the limits are that somebody else has set meanwhile. */
export const readPresentLimits = (present: unknown): LimitsForm => toLimitsForm(PresentLimits.parse(present).limits);

const showSeconds = (text: string): string => (text === '' ? 'The default' : `${text} s`);

/** What two editors compare: each limit, and the tools with limits of their own. */
export const LIMIT_GROUPS: readonly VersionGroup<LimitsForm>[] = [
  ...LimitName.options.map((name) => ({
    label: LIMIT_WORDS[name].label,
    names: [name],
    show: (values: LimitsForm) => showSeconds(values[name]),
  })),
  {
    label: 'Tools with limits of their own',
    names: ['tools'],
    show: ({ tools }) =>
      tools.map(({ name, ...own }) => `${name}: ${[own.answer, own.silence, own.total].map(showSeconds).join(', ')}`).join('\n'),
  },
];

export const describeDefault = (name: LimitName): string => `${DEFAULT_LIMITS[name] / 1_000}`;
