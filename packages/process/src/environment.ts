import { readFileSync } from 'node:fs';

import * as z from 'zod';

import { listInputProblems } from './input-problems.ts';

/** A URL with one of these schemes. */
export function createUrlSchema(...schemes: string[]) {
  const beginnings = schemes.map((scheme) => `${scheme}://`).join(' or ');
  return z.url({
    protocol: new RegExp(`^(?:${schemes.join('|')})$`),
    abort: true,
    error: ({ input }) => (input === undefined ? undefined : `must be a URL that begins with ${beginnings}`),
  });
}

/** A PostgreSQL URL of this role: a process that is given another one's, or the owner's, does not start. */
export function createDatabaseUrlSchema(role: string) {
  return createUrlSchema('postgres', 'postgresql').refine((url) => new URL(url).username === role, `must name the role ${role}`);
}

/** Variables that more than one process reads, each checked the same way. */
export const LogLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info');
export const Port = z.coerce.number().int().min(0).max(65_535);
export const PoolSize = z.coerce.number().int().min(2).max(200);
export const RedisUrl = createUrlSchema('redis', 'rediss').optional();
export const HubPublicUrl = createUrlSchema('ws', 'wss');
/** 32 bytes in base64 */
export const SigningKek = z
  .base64({ error: ({ input }) => (input === undefined ? undefined : 'must be base64') })
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((bytes) => bytes.length === 32, 'must be 32 bytes in base64');

/** The process cannot start; one line per problem, without the value of any secret. */
export class EnvironmentError extends Error {
  override readonly name = 'EnvironmentError';

  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/**
 * Parses the environment of a process. Each secret may be given as NAME or as NAME_FILE, the path of a file that holds it; an empty variable
 * or file counts as unset. Throws EnvironmentError.
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
    const content = readSecret(file);
    if (content === null) {
      unread.add(name);
      problems.push(`${name}_FILE: ${file} cannot be read`);
    } else if (content !== '') values[name] = content;
  }
  const parsed = schema.safeParse(values);
  for (const { path, text } of parsed.error ? listInputProblems(parsed.error) : []) {
    if (unread.has(path[0])) continue;
    const name = path.join('.');
    const file = values[name] === undefined ? source[`${name}_FILE`] : undefined;
    const hint = file === undefined ? '' : `; ${name}_FILE is set, but ${file === '' ? '' : `${file} is `}empty`;
    problems.push(`${name}: ${text}${hint}`);
  }
  if (!parsed.success || problems.length > 0) throw new EnvironmentError(problems);
  return parsed.data;
}

/** The content of a file without blanks around it; null when it cannot be read. */
function readSecret(file: string): string | null {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return null;
  }
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
