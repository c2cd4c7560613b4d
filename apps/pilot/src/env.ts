import { readFileSync } from 'node:fs';

import { z } from 'zod';

const Env = z.object({
  ORDERS_PORT: z.coerce.number().int().min(0).max(65_535).default(3030),
  ORDERS_TOKEN: z.string().min(8, 'the bearer token that callers of the orders server must present'),
});

/** Settings of the orders server; ORDERS_TOKEN_FILE may name a file with the token. Throws one error that lists every problem. */
export function readEnv(source: NodeJS.ProcessEnv = process.env): z.infer<typeof Env> {
  const tokenFile = source.ORDERS_TOKEN_FILE;
  const parsed = Env.safeParse({ ...source, ...(tokenFile ? { ORDERS_TOKEN: readFileSync(tokenFile, 'utf8').trim() } : {}) });
  if (!parsed.success)
    throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
  return parsed.data;
}
