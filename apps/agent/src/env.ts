import { accessSync, constants, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import * as z from 'zod';

import { bareHost, isLoopback } from '@gatehouse/network/hostname';

import type { TlsFiles } from './http/tls-files.ts';
import { ProxySettingsError, readProxy, type OutboundProxy } from './outbound/proxy.ts';

/** Settings of the agent process; every path absolute. */
export interface AgentEnv {
  enrollToken: string | null;
  dataDir: string;
  listen: { host: string; port: number };
  /** null: plain HTTP, on loopback only */
  tls: TlsFiles | null;
  /** further `host` or `host:port` under which clients reach the agent, lower case; the first one is the one to tell people */
  publicHosts: string[];
  /** seconds that calls under way get when the agent is stopped */
  drainSeconds: number;
  guardrailsFile: string;
  siteKeyFile: string | null;
  logLevel: (typeof LOG_LEVELS)[number];
  caFile: string | null;
  /** the way to public servers; null: directly */
  proxy: OutboundProxy | null;
  /** names of GATEHOUSE_ variables that mean nothing to the agent */
  unknown: string[];
  /** for secret references, stdio entries and Node's proxy support */
  environment: Environment;
}

/** Settings of `gatehouse-agent connect`. */
export interface BridgeEnv {
  clientKey: string;
  caFile: string | null;
  proxyEnvironment: Environment;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** The environment is not usable; one line per problem. */
export class EnvError extends Error {
  override readonly name = 'EnvError';
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
const DEFAULT_LISTEN = '127.0.0.1:7300';
const HOST_PORT = /^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(?::\d{1,5})?$/;

const Path = z
  .string()
  .min(1)
  .transform((path) => resolve(path));
const Listen = z
  .string()
  .regex(/^(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+):\d{1,5}$/, 'must be host:port')
  .transform((text) => {
    const colon = text.lastIndexOf(':');
    return { host: bareHost(text.slice(0, colon)), port: Number(text.slice(colon + 1)) };
  })
  .refine(({ port }) => port <= 65_535, 'must be a port up to 65535');
const PublicHosts = z
  .string()
  .transform((text) =>
    text
      .toLowerCase()
      .split(',')
      .map((name) => name.trim())
      .filter(Boolean),
  )
  .refine((names) => names.every((name) => HOST_PORT.test(name) && URL.canParse(`https://${name}`)), {
    message: 'must be host or host:port, separated by commas',
  });

const Variables = z.object({
  GATEHOUSE_ENROLL_TOKEN: z.string().optional(),
  GATEHOUSE_ENROLL_TOKEN_FILE: z.string().optional(),
  GATEHOUSE_DATA_DIR: Path.default(join(homedir(), '.gatehouse-agent')),
  GATEHOUSE_LISTEN: Listen.prefault(DEFAULT_LISTEN),
  GATEHOUSE_TLS_CERT_FILE: Path.optional(),
  GATEHOUSE_TLS_KEY_FILE: Path.optional(),
  GATEHOUSE_PUBLIC_HOSTS: PublicHosts.prefault(''),
  GATEHOUSE_DRAIN_SECONDS: z.coerce.number('must be a number of seconds').int().min(0).max(3_600).default(10),
  GATEHOUSE_GUARDRAILS_FILE: Path.optional(),
  GATEHOUSE_SITE_KEY_FILE: Path.optional(),
  GATEHOUSE_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
  GATEHOUSE_CA_FILE: Path.optional(),
});
const BridgeVariables = z.object({
  GATEHOUSE_CLIENT_KEY: z.string().optional(),
  GATEHOUSE_CLIENT_KEY_FILE: z.string().optional(),
  GATEHOUSE_CA_FILE: Path.optional(),
});

/** Parses the environment; throws EnvError with every problem at once. Empty variables count as unset. */
export function readEnv(source: Environment = process.env): AgentEnv {
  const set = withoutEmpty(source);
  const parsed = Variables.safeParse(set);
  const problems = parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`);
  const token = readSecret(set, 'GATEHOUSE_ENROLL_TOKEN', problems);
  const proxy = proxyOf(source, problems);
  problems.push(...unreadable(set['GATEHOUSE_CA_FILE']), ...listenProblems(set));
  if (!parsed.success || problems.length > 0) throw new EnvError(problems.join('\n'));
  const env = parsed.data;
  const { GATEHOUSE_TLS_CERT_FILE: certFile, GATEHOUSE_TLS_KEY_FILE: keyFile } = env;
  const known = { ...Variables.shape, ...BridgeVariables.shape };
  return {
    enrollToken: token,
    dataDir: env.GATEHOUSE_DATA_DIR,
    listen: env.GATEHOUSE_LISTEN,
    tls: certFile && keyFile ? { certFile, keyFile } : null,
    publicHosts: env.GATEHOUSE_PUBLIC_HOSTS,
    drainSeconds: env.GATEHOUSE_DRAIN_SECONDS,
    guardrailsFile: env.GATEHOUSE_GUARDRAILS_FILE ?? join(dirname(env.GATEHOUSE_DATA_DIR), 'guardrails.yaml'),
    siteKeyFile: env.GATEHOUSE_SITE_KEY_FILE ?? null,
    logLevel: env.GATEHOUSE_LOG_LEVEL,
    caFile: env.GATEHOUSE_CA_FILE ?? null,
    proxy,
    unknown: Object.keys(set).filter((name) => name.startsWith('GATEHOUSE_') && !(name in known)),
    environment: source,
  };
}

/** Parses what `gatehouse-agent connect` needs; throws EnvError with every problem at once. */
export function readBridgeEnv(source: Environment = process.env): BridgeEnv {
  const set = withoutEmpty(source);
  const problems: string[] = [];
  const clientKey = readSecret(set, 'GATEHOUSE_CLIENT_KEY', problems);
  const caFile = BridgeVariables.parse(set).GATEHOUSE_CA_FILE;
  problems.push(...unreadable(caFile));
  if (clientKey === null && problems.length === 0) {
    problems.push(
      'GATEHOUSE_CLIENT_KEY or GATEHOUSE_CLIENT_KEY_FILE is needed: the client key of the profile, from its Connect page',
    );
  }
  if (clientKey !== null && !/^[\x21-\x7e]+$/.test(clientKey)) problems.push('The client key holds a blank or a line break');
  if (clientKey === null || problems.length > 0) throw new EnvError(problems.join('\n'));
  return { clientKey, caFile: caFile ?? null, proxyEnvironment: source };
}

function withoutEmpty(source: Environment): Record<string, string> {
  return Object.fromEntries(
    Object.entries(source).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== ''),
  );
}

/** The value of a secret, or of its `_FILE` twin; null when neither is set. */
function readSecret(set: Record<string, string>, name: string, problems: string[]): string | null {
  const [value, file] = [set[name], set[`${name}_FILE`]];
  if (value && file) problems.push(`${name} and ${name}_FILE are both set; keep one`);
  if (!file) return value ?? null;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    problems.push(`${name}_FILE: ${file} cannot be read`);
    return null;
  }
}

function proxyOf(source: Environment, problems: string[]): OutboundProxy | null {
  try {
    return readProxy(source);
  } catch (error) {
    if (!(error instanceof ProxySettingsError)) throw error;
    problems.push(error.message);
    return null;
  }
}

/** What the variables about listening have to say together; each alone is judged by its own schema. */
function listenProblems(set: Record<string, string>): string[] {
  const listen = Listen.safeParse(set['GATEHOUSE_LISTEN'] ?? DEFAULT_LISTEN);
  if (!listen.success) return [];
  const { host } = listen.data;
  const problems: string[] = [];
  const [cert, key] = [set['GATEHOUSE_TLS_CERT_FILE'], set['GATEHOUSE_TLS_KEY_FILE']];
  if ((cert === undefined) !== (key === undefined)) {
    problems.push('GATEHOUSE_TLS_CERT_FILE and GATEHOUSE_TLS_KEY_FILE are needed together');
  }
  if (!isLoopback(host) && cert === undefined && key === undefined) {
    problems.push(
      `GATEHOUSE_LISTEN ${host} is not a loopback address: set GATEHOUSE_TLS_CERT_FILE and GATEHOUSE_TLS_KEY_FILE, or listen on 127.0.0.1 behind a TLS proxy`,
    );
  }
  if (/^[0:.]+$/.test(host) && set['GATEHOUSE_PUBLIC_HOSTS'] === undefined) {
    problems.push(`GATEHOUSE_LISTEN ${host} means every address: set GATEHOUSE_PUBLIC_HOSTS to the name that clients use`);
  }
  return problems;
}

function unreadable(caFile: string | undefined): string[] {
  return caFile === undefined || canRead(caFile) ? [] : [`GATEHOUSE_CA_FILE: ${caFile} cannot be read`];
}

function canRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
