import { readFileSync } from 'node:fs';

import { z } from 'zod';

const port = 'must be a whole number up to 65535';
const token = 'is needed, or ORDERS_TOKEN_FILE: the bearer token that callers present, at least 8 characters';

const Env = z.object({
  ORDERS_PORT: z.coerce.number(port).int(port).min(0, port).max(65_535, port).default(3030),
  ORDERS_TOKEN: z.string(token).min(8, token),
});

/**
 * Settings of the orders server; ORDERS_TOKEN_FILE may name a file with the token, and an empty variable counts as unset. Throws one error with a
 * line per problem.
 */
export function readEnv(source: NodeJS.ProcessEnv = process.env): z.infer<typeof Env> {
  const values = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const file = values.ORDERS_TOKEN_FILE;
  if (file !== undefined) values.ORDERS_TOKEN = readToken(file);
  const parsed = Env.safeParse(values);
  if (!parsed.success)
    throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'));
  return parsed.data;
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new Error(`ORDERS_TOKEN_FILE: ${file} cannot be read`, { cause });
  }
}
