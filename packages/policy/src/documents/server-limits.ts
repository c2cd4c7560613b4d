import * as z from 'zod';

/**
 * How long a server may take. `start`: until it can be used, which is its process or the connection. `answer`: until it says anything to a
 * request, which is the answer or a sign of progress. `silence`: from then on, until the next sign of life. `total`: for the whole request.
 */
export const LimitName = z.enum(['start', 'answer', 'silence', 'total']);
export type LimitName = z.infer<typeof LimitName>;

/** One number for each limit, milliseconds. */
export type LimitTimes = Record<LimitName, number>;

/** Where nothing else is said. A program that is downloaded first, as by a cold `npx`, is there in this time. */
export const DEFAULT_LIMITS: Readonly<LimitTimes> = { start: 120_000, answer: 60_000, silence: 60_000, total: 300_000 };

const HOUR_MS = 3_600_000;
export const SHORTEST_LIMIT_MS = 100;
export const LONGEST_LIMITS: Readonly<LimitTimes> = {
  start: HOUR_MS / 2,
  answer: HOUR_MS,
  silence: HOUR_MS,
  total: 24 * HOUR_MS,
};

const defineLimit = (name: LimitName) => z.int().min(SHORTEST_LIMIT_MS).max(LONGEST_LIMITS[name]).optional();

const CallLimits = z.object({
  answerMs: defineLimit('answer'),
  silenceMs: defineLimit('silence'),
  totalMs: defineLimit('total'),
});

/** What a person set for a server: absent is the default. `tools`: what is otherwise for one of its tools, by the server's own name. */
export const ServerLimits = z.object({
  startMs: defineLimit('start'),
  ...CallLimits.shape,
  tools: z
    .array(CallLimits.extend({ name: z.string().min(1).max(1_024) }))
    .max(100)
    .refine((tools) => new Set(tools.map(({ name }) => name)).size === tools.length, 'A tool stands in it once')
    .optional(),
});
export type ServerLimits = z.infer<typeof ServerLimits>;

/** A limit as it holds for one request. */
export interface LimitInForce {
  name: LimitName;
  ms: number;
  /** who set it, and can change it */
  by: 'default' | 'server' | 'tool' | 'site';
}
export type LimitsInForce = Readonly<Record<LimitName, LimitInForce>>;

/** What holds where neither a person nor the site has said anything. */
export const LIMITS_BY_DEFAULT: LimitsInForce = resolveLimits({}, {}, null);

/**
 * What holds for a request: of the tool, else of the server, else the default, and never more than the site allows. Where nobody said how long
 * it may take in all, it is never less than what was said of its parts.
 */
export function resolveLimits(limits: ServerLimits, caps: Partial<LimitTimes>, toolName: string | null): LimitsInForce {
  const tool = limits.tools?.find(({ name }) => name === toolName);
  const choose = (name: LimitName, ofTool: number | undefined, ofServer: number | undefined): LimitInForce => {
    if (ofTool !== undefined) return { name, ms: ofTool, by: 'tool' };
    return ofServer === undefined ? { name, ms: DEFAULT_LIMITS[name], by: 'default' } : { name, ms: ofServer, by: 'server' };
  };
  const start = choose('start', undefined, limits.startMs);
  const answer = choose('answer', tool?.answerMs, limits.answerMs);
  const silence = choose('silence', tool?.silenceMs, limits.silenceMs);
  const said = choose('total', tool?.totalMs, limits.totalMs);
  const total = said.by === 'default' ? { ...said, ms: Math.max(said.ms, answer.ms, silence.ms) } : said;
  const cap = (limit: LimitInForce): LimitInForce => {
    const most = caps[limit.name];
    return most === undefined || limit.ms <= most ? limit : { ...limit, ms: most, by: 'site' };
  };
  return { start: cap(start), answer: cap(answer), silence: cap(silence), total: cap(total) };
}

/** "60 s", "300 ms", "1.5 s" */
export function formatLimit(ms: number): string {
  return ms < 1_000 ? `${ms} ms` : `${ms / 1_000} s`;
}
