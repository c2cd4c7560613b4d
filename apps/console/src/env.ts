import { z } from 'zod';

import { TrustedProxies } from '@gatehouse/process/client-address';
import {
  createDatabaseUrlSchema,
  HubPublicUrl,
  LogLevel,
  MailFrom,
  PoolSize,
  Port,
  readEnvironment,
  RedisUrl,
  SigningKek,
  createUrlSchema,
} from '@gatehouse/process/environment';
import { OpsToken } from '@gatehouse/process/ops-access';
import { runSecretCommand } from '@gatehouse/process/secret-command';

const SECRETS = [
  'GATEHOUSE_CONSOLE_DATABASE_URL',
  'REDIS_URL',
  'GATEHOUSE_SIGNING_KEK',
  'NEXTAUTH_SECRET',
  'GATEHOUSE_OPS_TOKEN',
] as const;

const ConsoleEnv = z.object({
  GATEHOUSE_CONSOLE_DATABASE_URL: createDatabaseUrlSchema('gatehouse_console'),
  REDIS_URL: RedisUrl,
  GATEHOUSE_SIGNING_KEK: SigningKek,
  NEXTAUTH_SECRET: z.string().min(32, 'must have at least 32 characters'),
  /** where browsers reach this console; mutations from any other origin are refused */
  NEXTAUTH_URL: createUrlSchema('http', 'https'),
  GATEHOUSE_HUB_PUBLIC_URL: HubPublicUrl,
  GATEHOUSE_AGENT_BUNDLE: z.string().min(1).optional(),
  /** who mails are from; set, links go to people by mail, which the worker sends */
  GATEHOUSE_MAIL_FROM: MailFrom,
  GATEHOUSE_CONSOLE_HOST: z.string().min(1).default('127.0.0.1'),
  GATEHOUSE_CONSOLE_PORT: Port.default(3000),
  GATEHOUSE_TRUSTED_PROXIES: TrustedProxies,
  GATEHOUSE_LOG_LEVEL: LogLevel,
  /** opens /metrics and /version to others than this machine */
  GATEHOUSE_OPS_TOKEN: OpsToken,
  GATEHOUSE_DATABASE_POOL: PoolSize.default(10),
});
export type ConsoleEnv = z.infer<typeof ConsoleEnv>;

/** Reads and checks the given variables. Throws EnvironmentError. */
export function parseEnv(source: Record<string, string | undefined>): ConsoleEnv {
  return readEnvironment(ConsoleEnv, SECRETS, source, { GATEHOUSE_SIGNING_KEK: runSecretCommand });
}

// Next loads a module once per bundle, and a command that unwraps a key is run once per process
const holder = globalThis as typeof globalThis & { gatehouseEnv?: ConsoleEnv };

/** The environment of this process. Parsed at first use, because `next build` loads modules without any. */
export function getEnv(): ConsoleEnv {
  return (holder.gatehouseEnv ??= parseEnv(process.env));
}

/** True under `next dev`: React's development build and hot reload need a wider content security policy. */
export function isDevelopment(): boolean {
  return process.env.NODE_ENV === 'development';
}
