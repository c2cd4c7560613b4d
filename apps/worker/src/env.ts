import { z } from 'zod';

import {
  createDatabaseUrlSchema,
  HubPublicUrl,
  LogLevel,
  Port,
  readEnvironment,
  RedisUrl,
  SigningKek,
} from '@gatehouse/process/environment';
import { OpsToken } from '@gatehouse/process/ops-access';
import { runSecretCommand } from '@gatehouse/process/secret-command';

const SECRETS = ['GATEHOUSE_WORKER_DATABASE_URL', 'REDIS_URL', 'GATEHOUSE_SIGNING_KEK', 'GATEHOUSE_OPS_TOKEN'] as const;

const WorkerEnv = z.object({
  GATEHOUSE_WORKER_DATABASE_URL: createDatabaseUrlSchema('gatehouse_worker'),
  REDIS_URL: RedisUrl,
  GATEHOUSE_SIGNING_KEK: SigningKek,
  GATEHOUSE_HUB_PUBLIC_URL: HubPublicUrl.default('ws://127.0.0.1:3001'),
  GATEHOUSE_WORKER_HOST: z.string().min(1).default('127.0.0.1'),
  GATEHOUSE_WORKER_PORT: Port.default(3002),
  /** jobs that run at the same time */
  GATEHOUSE_WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(100).default(4),
  GATEHOUSE_LOG_LEVEL: LogLevel,
  /** opens /metrics and /version to others than this machine */
  GATEHOUSE_OPS_TOKEN: OpsToken,
});
export type WorkerEnv = z.infer<typeof WorkerEnv>;

/** Reads the worker's environment. Throws EnvironmentError. */
export function readEnv(source: NodeJS.ProcessEnv = process.env): WorkerEnv {
  return readEnvironment(WorkerEnv, SECRETS, source, { GATEHOUSE_SIGNING_KEK: runSecretCommand });
}
