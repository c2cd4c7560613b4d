import { readFileSync } from 'node:fs';

import * as z from 'zod';

/** Variables that more than one process reads, each checked the same way. */
export const LogLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info');
export const Port = z.coerce.number().int().min(0).max(65_535);
export const PoolSize = z.coerce.number().int().min(2).max(200);
export const PostgresUrl = z.url({ protocol: /^postgres(ql)?$/ });
export const RedisUrl = z.url({ protocol: /^rediss?$/ }).optional();
export const HubPublicUrl = z.url({ protocol: /^wss?$/ });
/** 32 bytes in base64 */
export const SigningKek = z
  .base64('Must be base64')
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((bytes) => bytes.length === 32, 'Must be 32 bytes in base64');

/** The process cannot start; one line per problem, without the value of any secret. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
  }
}

/**
 * Parses the environment of a process. Each secret may be given as NAME or as NAME_FILE, the path of a file that holds it; an empty variable
 * counts as unset. Throws EnvironmentError.
 */
export function readEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  secrets: readonly string[],
  source: Readonly<Record<string, string | undefined>>,
): z.output<Schema> {
  const problems: string[] = [];
  const unread = new Set<PropertyKey | undefined>();
  const values = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  for (const name of secrets) {
    const file = values[`${name}_FILE`];
    if (file === undefined) continue;
    if (values[name] !== undefined) problems.push(`${name} and ${name}_FILE are both set; keep one`);
    try {
      values[name] = readFileSync(file, 'utf8').trim();
    } catch {
      unread.add(name);
      problems.push(`${name}_FILE: ${file} cannot be read`);
    }
  }
  const parsed = schema.safeParse(values);
  for (const { path, message } of parsed.error?.issues ?? []) {
    if (!unread.has(path[0])) problems.push(`${path.join('.')}: ${message}`);
  }
  if (!parsed.success || problems.length > 0) throw new EnvironmentError(problems);
  return parsed.data;
}

/** `read`, or the problems on standard error and exit code 1: a wrong environment is not worth a stack trace. */
export function readOrExit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(1);
  }
}
