import { readFileSync } from 'node:fs';

import { z } from 'zod';

/** Secrets that may also be given as a file: NAME or NAME_FILE. */
const SECRETS = ['GATEHOUSE_APP_DATABASE_URL', 'REDIS_URL', 'GATEHOUSE_SIGNING_KEK', 'NEXTAUTH_SECRET'] as const;

const Kek = z
  .base64('Must be base64')
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((bytes) => bytes.length === 32, 'Must be 32 bytes in base64');

const ConsoleEnv = z.object({
  GATEHOUSE_APP_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  GATEHOUSE_SIGNING_KEK: Kek,
  NEXTAUTH_SECRET: z.string().min(32, 'Must have at least 32 characters'),
  /** where browsers reach this console; mutations from any other origin are refused */
  NEXTAUTH_URL: z.url({ protocol: /^https?$/ }),
  GATEHOUSE_HUB_PUBLIC_URL: z.url({ protocol: /^wss?$/ }),
  GATEHOUSE_AGENT_BUNDLE: z.string().min(1).optional(),
  GATEHOUSE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  GATEHOUSE_DATABASE_POOL: z.coerce.number().int().min(2).max(200).default(10),
});
export type ConsoleEnv = z.infer<typeof ConsoleEnv>;

/** Reads and checks the given variables; throws one error that lists every problem. */
export function parseEnv(source: Record<string, string | undefined>): ConsoleEnv {
  const problems: string[] = [];
  const values = { ...source };
  for (const name of SECRETS) {
    const file = source[`${name}_FILE`];
    if (!file) continue;
    try {
      values[name] = readFileSync(file, 'utf8').trim();
    } catch (error) {
      problems.push(`${name}_FILE: cannot be read (${error instanceof Error ? error.message : String(error)})`);
    }
  }
  const parsed = ConsoleEnv.safeParse(values);
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  if (problems.length > 0 || !parsed.success) throw new Error(`The console cannot start:\n  ${problems.join('\n  ')}`);
  return parsed.data;
}

let current: ConsoleEnv | undefined;

/** The environment of this process. Parsed at first use, because `next build` loads modules without any. */
export function env(): ConsoleEnv {
  current ??= parseEnv(process.env);
  return current;
}

/** True under `next dev`: React's development build and hot reload need a wider content security policy. */
export function isDevelopment(): boolean {
  return process.env.NODE_ENV === 'development';
}
