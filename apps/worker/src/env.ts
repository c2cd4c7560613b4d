import { readFileSync } from 'node:fs';

import { z } from 'zod';

/** May also be given as NAME_FILE: the path of a file that holds the value. */
const SECRETS = ['GATEHOUSE_APP_DATABASE_URL', 'DATABASE_URL', 'REDIS_URL', 'GATEHOUSE_SIGNING_KEK'] as const;

const PostgresUrl = z.url({ protocol: /^postgres(ql)?$/ });

const WorkerEnv = z.object({
  GATEHOUSE_APP_DATABASE_URL: PostgresUrl,
  /** the owner's: receipt partitions are made with it */
  DATABASE_URL: PostgresUrl,
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  GATEHOUSE_SIGNING_KEK: z
    .base64('Must be base64')
    .transform((text) => Buffer.from(text, 'base64'))
    .refine((bytes) => bytes.length === 32, 'Must be 32 bytes in base64'),
  GATEHOUSE_HUB_PUBLIC_URL: z.url({ protocol: /^wss?$/ }).default('ws://127.0.0.1:3001'),
  GATEHOUSE_WORKER_HOST: z.string().min(1).default('127.0.0.1'),
  GATEHOUSE_WORKER_PORT: z.coerce.number().int().min(0).max(65_535).default(3002),
  /** jobs that run at the same time */
  GATEHOUSE_WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(100).default(4),
  GATEHOUSE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});
export type WorkerEnv = z.infer<typeof WorkerEnv>;

/** Reads the worker's environment. Throws one error that lists every problem, without any value. */
export function readEnv(source: NodeJS.ProcessEnv = process.env): WorkerEnv {
  const problems: string[] = [];
  const values = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  for (const name of SECRETS) {
    const file = values[`${name}_FILE`];
    if (file === undefined) continue;
    if (values[name] !== undefined) problems.push(`${name} and ${name}_FILE are both set; keep one`);
    try {
      values[name] = readFileSync(file, 'utf8').trim();
    } catch {
      problems.push(`${name}_FILE cannot be read`);
    }
  }
  const parsed = WorkerEnv.safeParse(values);
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  if (!parsed.success || problems.length > 0) throw new Error(`The environment is not complete:\n  ${problems.join('\n  ')}`);
  return parsed.data;
}
