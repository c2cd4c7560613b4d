import { accessSync, constants } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import * as z from 'zod';

import { stripBrackets, isLoopback } from '@gatehouse/network/hostname';
import { EnvironmentError, readEnvironment } from '@gatehouse/process/environment';
import { OpsToken } from '@gatehouse/process/ops-access';

import { IN_FLIGHT_MB } from './http/in-flight.ts';
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
  /** open connections of one address of clients; null: as fits the address that is listened on */
  connectionsPerAddress: number | null;
  /** megabytes of bodies and answers of the requests under way */
  inFlightMb: number;
  guardrailsFile: string;
  /** guardrails that the agent's own user could change are accepted */
  allowOwnGuardrails: boolean;
  /** holds `<host>/<name>` */
  secretsDir: string;
  siteKeyFile: string | null;
  logLevel: (typeof LOG_LEVELS)[number];
  caFile: string | null;
  /** opens /metrics and /version to others than this machine */
  opsToken: string | null;
  /** the way to public servers; null: directly */
  proxy: OutboundProxy | null;
  /** names of GATEHOUSE_ variables that mean nothing to the agent */
  unknown: string[];
  /** for credentials, stdio entries and Node's proxy support */
  environment: Environment;
}

/** Settings of `gatehouse-agent connect`. */
export interface BridgeEnv {
  clientKey: string;
  caFile: string | null;
  proxyEnvironment: Environment;
}

type Environment = Readonly<Record<string, string | undefined>>;

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
    return { host: stripBrackets(text.slice(0, colon)), port: Number(text.slice(colon + 1)) };
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

/** Asked only when it is needed: a user of a container often has no home, which the system takes for an error. */
function nameDefaultDataDir(): string {
  try {
    return join(homedir(), '.gatehouse-agent');
  } catch {
    throw new EnvironmentError(['GATEHOUSE_DATA_DIR: is needed, because the user of the agent has no home folder']);
  }
}

const ReadableFile = Path.refine(canRead, { error: ({ input }) => `${String(input)} cannot be read` });

/** Asked although other variables are wrong, so that every problem is told at once; not of an address that could not be read. */
const isListenRead = ({ issues }: z.core.ParsePayload) =>
  issues.every(({ path, code }) => path?.[0] !== 'GATEHOUSE_LISTEN' || code === 'custom');

const Variables = z
  .object({
    GATEHOUSE_ENROLL_TOKEN: z.string().optional(),
    GATEHOUSE_DATA_DIR: Path.default(nameDefaultDataDir),
    GATEHOUSE_LISTEN: Listen.prefault(DEFAULT_LISTEN),
    GATEHOUSE_TLS_CERT_FILE: Path.optional(),
    GATEHOUSE_TLS_KEY_FILE: Path.optional(),
    GATEHOUSE_PUBLIC_HOSTS: PublicHosts.optional(),
    GATEHOUSE_DRAIN_SECONDS: z.coerce.number('must be a number of seconds').int().min(0).max(3_600).default(10),
    GATEHOUSE_CONNECTIONS_PER_ADDRESS: z.coerce.number('must be a number').int().min(10).max(10_000).optional(),
    GATEHOUSE_IN_FLIGHT_MB: z.coerce.number('must be a number of megabytes').int().min(8).max(1_024).default(IN_FLIGHT_MB),
    GATEHOUSE_GUARDRAILS_FILE: Path.optional(),
    GATEHOUSE_ALLOW_OWN_GUARDRAILS: z.stringbool({ error: 'must be true or false' }).default(false),
    GATEHOUSE_SECRETS_DIR: Path.optional(),
    GATEHOUSE_SITE_KEY_FILE: Path.optional(),
    GATEHOUSE_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
    GATEHOUSE_CA_FILE: ReadableFile.optional(),
    GATEHOUSE_OPS_TOKEN: OpsToken,
  })
  .refine((env) => !env.GATEHOUSE_TLS_CERT_FILE === !env.GATEHOUSE_TLS_KEY_FILE, {
    path: ['GATEHOUSE_TLS_CERT_FILE'],
    message: 'this and GATEHOUSE_TLS_KEY_FILE are needed together',
    when: isListenRead,
  })
  .refine((env) => isLoopback(env.GATEHOUSE_LISTEN.host) || env.GATEHOUSE_TLS_CERT_FILE || env.GATEHOUSE_TLS_KEY_FILE, {
    path: ['GATEHOUSE_LISTEN'],
    message:
      'is not a loopback address: set GATEHOUSE_TLS_CERT_FILE and GATEHOUSE_TLS_KEY_FILE, or listen on 127.0.0.1 behind a TLS proxy',
    when: isListenRead,
  })
  .refine((env) => !/^[0:.]+$/.test(env.GATEHOUSE_LISTEN.host) || env.GATEHOUSE_PUBLIC_HOSTS, {
    path: ['GATEHOUSE_LISTEN'],
    message: 'means every address: set GATEHOUSE_PUBLIC_HOSTS to the name that clients use',
    when: isListenRead,
  });
const BridgeVariables = z.object({
  GATEHOUSE_CLIENT_KEY: z
    .string('is needed, here or as GATEHOUSE_CLIENT_KEY_FILE: the client key of the profile, from its Connect page')
    .regex(/^[\x21-\x7e]+$/, 'holds a blank or a line break'),
  GATEHOUSE_CA_FILE: ReadableFile.optional(),
});
const ENROLL_TOKEN = 'GATEHOUSE_ENROLL_TOKEN';
const CLIENT_KEY = 'GATEHOUSE_CLIENT_KEY';
const OPS_TOKEN = 'GATEHOUSE_OPS_TOKEN';
const KNOWN = new Set([
  ...Object.keys({ ...Variables.shape, ...BridgeVariables.shape }),
  `${ENROLL_TOKEN}_FILE`,
  `${CLIENT_KEY}_FILE`,
  `${OPS_TOKEN}_FILE`,
]);

/** Reads the settings of the agent. Throws EnvironmentError. */
export function readEnv(source: Environment): AgentEnv {
  const env = readEnvironment(Variables, [ENROLL_TOKEN, OPS_TOKEN], source);
  const { GATEHOUSE_TLS_CERT_FILE: certFile, GATEHOUSE_TLS_KEY_FILE: keyFile } = env;
  const guardrailsFile = env.GATEHOUSE_GUARDRAILS_FILE ?? join(dirname(env.GATEHOUSE_DATA_DIR), 'guardrails.yaml');
  return {
    enrollToken: env.GATEHOUSE_ENROLL_TOKEN ?? null,
    dataDir: env.GATEHOUSE_DATA_DIR,
    listen: env.GATEHOUSE_LISTEN,
    tls: certFile && keyFile ? { certFile, keyFile } : null,
    publicHosts: env.GATEHOUSE_PUBLIC_HOSTS ?? [],
    drainSeconds: env.GATEHOUSE_DRAIN_SECONDS,
    connectionsPerAddress: env.GATEHOUSE_CONNECTIONS_PER_ADDRESS ?? null,
    inFlightMb: env.GATEHOUSE_IN_FLIGHT_MB,
    guardrailsFile,
    allowOwnGuardrails: env.GATEHOUSE_ALLOW_OWN_GUARDRAILS,
    secretsDir: env.GATEHOUSE_SECRETS_DIR ?? join(dirname(guardrailsFile), 'secrets'),
    siteKeyFile: env.GATEHOUSE_SITE_KEY_FILE ?? null,
    logLevel: env.GATEHOUSE_LOG_LEVEL,
    caFile: env.GATEHOUSE_CA_FILE ?? null,
    opsToken: env.GATEHOUSE_OPS_TOKEN ?? null,
    proxy: readProxySettings(source),
    unknown: Object.keys(source).filter((name) => source[name] && name.startsWith('GATEHOUSE_') && !KNOWN.has(name)),
    environment: source,
  };
}

/**
 * Reads the settings out of an environment and takes the join token from it, so that no reference finds it there. It has left the process's own
 * before (relaunch.ts).
 * Throws EnvironmentError.
 */
export function takeEnv(source: Record<string, string | undefined>): AgentEnv {
  const env = readEnv(source);
  delete source[ENROLL_TOKEN];
  return env;
}

/** Reads what `gatehouse-agent connect` needs. Throws EnvironmentError. */
export function readBridgeEnv(source: Environment): BridgeEnv {
  const { GATEHOUSE_CLIENT_KEY: clientKey, GATEHOUSE_CA_FILE: caFile } = readEnvironment(BridgeVariables, [CLIENT_KEY], source);
  return { clientKey, caFile: caFile ?? null, proxyEnvironment: source };
}

function readProxySettings(source: Environment): OutboundProxy | null {
  try {
    return readProxy(source);
  } catch (error) {
    throw error instanceof ProxySettingsError ? new EnvironmentError([error.message]) : error;
  }
}

function canRead(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
