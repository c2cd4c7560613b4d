import { accessSync, constants, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { z } from 'zod';

/** Settings of the agent process; every path absolute. */
export interface AgentEnv {
  enrollToken: string | null;
  dataDir: string;
  listen: { host: string; port: number };
  guardrailsFile: string;
  siteKeyFile: string | null;
  logLevel: (typeof LOG_LEVELS)[number];
  caFile: string | null;
  /** names of GATEHOUSE_ variables that mean nothing to the agent */
  unknown: string[];
  /** for secret references, stdio entries and Node's proxy support */
  environment: Readonly<Record<string, string | undefined>>;
}

/** The environment is not usable; one line per problem. */
export class EnvError extends Error {
  override readonly name = 'EnvError';
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
const Path = z
  .string()
  .min(1)
  .transform((path) => resolve(path));
const Listen = z
  .string()
  .regex(/^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'must be host:port')
  .transform((text) => {
    const colon = text.lastIndexOf(':');
    return { host: text.slice(0, colon).replace(/^\[|\]$/g, ''), port: Number(text.slice(colon + 1)) };
  })
  .refine(({ port }) => port <= 65_535, 'must be a port up to 65535')
  .refine(({ host }) => LOOPBACK.has(host), 'must be a loopback address; put a TLS proxy in front to serve others');
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

const Variables = z.object({
  GATEHOUSE_ENROLL_TOKEN: z.string().optional(),
  GATEHOUSE_ENROLL_TOKEN_FILE: z.string().optional(),
  GATEHOUSE_DATA_DIR: Path.default(join(homedir(), '.gatehouse-agent')),
  GATEHOUSE_LISTEN: Listen.prefault('127.0.0.1:7300'),
  GATEHOUSE_GUARDRAILS_FILE: Path.optional(),
  GATEHOUSE_SITE_KEY_FILE: Path.optional(),
  GATEHOUSE_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  GATEHOUSE_CA_FILE: Path.optional(),
});

/** Parses the environment; throws EnvError with every problem at once. Empty variables count as unset. */
export function readEnv(source: Readonly<Record<string, string | undefined>> = process.env): AgentEnv {
  const set = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = Variables.safeParse(set);
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  if (set.GATEHOUSE_ENROLL_TOKEN && set.GATEHOUSE_ENROLL_TOKEN_FILE) {
    problems.push('GATEHOUSE_ENROLL_TOKEN and GATEHOUSE_ENROLL_TOKEN_FILE are both set; keep one');
  }
  let token = set.GATEHOUSE_ENROLL_TOKEN ?? null;
  if (set.GATEHOUSE_ENROLL_TOKEN_FILE) {
    try {
      token = readFileSync(set.GATEHOUSE_ENROLL_TOKEN_FILE, 'utf8').trim();
    } catch {
      problems.push(`GATEHOUSE_ENROLL_TOKEN_FILE: ${set.GATEHOUSE_ENROLL_TOKEN_FILE} cannot be read`);
    }
  }
  if (parsed.data?.GATEHOUSE_CA_FILE && !canRead(parsed.data.GATEHOUSE_CA_FILE)) {
    problems.push(`GATEHOUSE_CA_FILE: ${parsed.data.GATEHOUSE_CA_FILE} cannot be read`);
  }
  if (!parsed.success || problems.length > 0) throw new EnvError(problems.join('\n'));
  const env = parsed.data;
  return {
    enrollToken: token,
    dataDir: env.GATEHOUSE_DATA_DIR,
    listen: env.GATEHOUSE_LISTEN,
    guardrailsFile: env.GATEHOUSE_GUARDRAILS_FILE ?? join(dirname(env.GATEHOUSE_DATA_DIR), 'guardrails.yaml'),
    siteKeyFile: env.GATEHOUSE_SITE_KEY_FILE ?? null,
    logLevel: env.GATEHOUSE_LOG_LEVEL,
    caFile: env.GATEHOUSE_CA_FILE ?? null,
    unknown: Object.keys(set).filter((name) => name.startsWith('GATEHOUSE_') && !(name in Variables.shape)),
    environment: source,
  };
}

function canRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
