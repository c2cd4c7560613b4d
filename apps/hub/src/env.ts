import { readFileSync } from 'node:fs';

import { z } from 'zod';

/** May also be given as NAME_FILE: the path of a file that holds the value. */
const SECRETS = ['GATEHOUSE_APP_DATABASE_URL', 'REDIS_URL'] as const;

const HubEnv = z.object({
  GATEHOUSE_APP_DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }).optional(),
  GATEHOUSE_HUB_HOST: z.string().min(1).default('127.0.0.1'),
  GATEHOUSE_HUB_PORT: z.coerce.number().int().min(0).max(65_535).default(3001),
  /** where agents reach this hub; they sign it, so a connection that was meant for another address is refused */
  GATEHOUSE_HUB_PUBLIC_URL: z.url({ protocol: /^wss?$/ }).default('ws://127.0.0.1:3001'),
  GATEHOUSE_DATABASE_POOL: z.coerce.number().int().min(2).max(200).default(20),
  GATEHOUSE_LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});
export type HubEnv = z.infer<typeof HubEnv>;

/** Reads the hub's environment. Throws one error that lists every problem, without any value. */
export function readEnv(source: NodeJS.ProcessEnv = process.env): HubEnv {
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
  const parsed = HubEnv.safeParse(values);
  if (!parsed.success) problems.push(...parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`));
  if (!parsed.success || problems.length > 0) throw new Error(`The environment is not complete:\n  ${problems.join('\n  ')}`);
  return parsed.data;
}
