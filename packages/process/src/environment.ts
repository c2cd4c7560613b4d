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
/** Who mails are from: `gatehouse@acme.example` or `Gatehouse <gatehouse@acme.example>`. Unset: none are sent. */
export const MailFrom = z
  .string()
  .max(300)
  .regex(/^(?:[^<>",;:\r\n]{1,100} <[^\s<>",;:]+@[^\s<>",;:]+>|[^\s<>",;:]+@[^\s<>",;:]+)$/, {
    error: 'must be an address, or a name with an address in <>',
  })
  .optional();
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
 * What a program writes that is named in a variable: the way to whoever keeps the secret. Throws an Error whose message goes on after the name of
 * the variable. `secrets` are the names of what the program is not given.
 */
export type SecretCommand = (text: string, source: Environment, secrets: readonly string[]) => string;

type Environment = Readonly<Record<string, string | undefined>>;

const LIST = new Intl.ListFormat('en', { type: 'conjunction' });

/**
 * Parses the environment of a process. Each secret may be given as NAME or as NAME_FILE, the path of a file that holds it, and what `commands`
 * names also as NAME_COMMAND; an empty variable or file counts as unset. Throws EnvironmentError.
 */
export function readEnvironment<Schema extends z.ZodType>(
  schema: Schema,
  secrets: readonly string[],
  source: Environment,
  commands: Readonly<Record<string, SecretCommand>> = {},
): z.output<Schema> {
  const problems: string[] = [];
  const unread = new Set<PropertyKey | undefined>();
  const values = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  for (const name of secrets) {
    const forms = [name, `${name}_FILE`, ...(commands[name] ? [`${name}_COMMAND`] : [])].filter((form) => form in values);
    if (forms.length > 1) problems.push(`${LIST.format(forms)} are ${forms.length === 2 ? 'both' : 'all'} set; keep one`);
    // nothing is started for a variable that is wrong anyway
    const { value = '', problem } = readSecret(name, values, forms.length === 1 ? commands[name] : undefined, secrets);
    if (problem !== undefined) {
      unread.add(name);
      problems.push(problem);
    } else if (value !== '') values[name] = value;
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

/** A secret that is given as a file or as a command, without blanks around it, or what is wrong with that. */
function readSecret(
  name: string,
  values: Environment,
  run: SecretCommand | undefined,
  secrets: readonly string[],
): { value?: string; problem?: string } {
  const [file, command] = [values[`${name}_FILE`], values[`${name}_COMMAND`]];
  try {
    if (file !== undefined) return { value: readFileSync(file, 'utf8').trim() };
    return run && command !== undefined ? { value: run(command, values, secrets).trim() } : {};
  } catch (error) {
    if (file !== undefined) return { problem: `${name}_FILE: ${file} cannot be read` };
    return { problem: `${name}_COMMAND: ${error instanceof Error ? error.message : String(error)}` };
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
