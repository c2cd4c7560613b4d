import { z } from 'zod';

import { TrustedProxies } from '@gatehouse/process/client-address';
import {
  createDatabaseUrlSchema,
  HubPublicUrl,
  LogLevel,
  PoolSize,
  Port,
  readEnvironment,
  RedisUrl,
} from '@gatehouse/process/environment';
import { OpsToken } from '@gatehouse/process/ops-access';

const SECRETS = ['GATEHOUSE_HUB_DATABASE_URL', 'REDIS_URL', 'GATEHOUSE_OPS_TOKEN'] as const;

const HubEnv = z.object({
  GATEHOUSE_HUB_DATABASE_URL: createDatabaseUrlSchema('gatehouse_hub'),
  REDIS_URL: RedisUrl,
  GATEHOUSE_HUB_HOST: z.string().min(1).default('127.0.0.1'),
  GATEHOUSE_HUB_PORT: Port.default(3001),
  /** where agents reach this hub; they sign it, so a connection that was meant for another address is refused */
  GATEHOUSE_HUB_PUBLIC_URL: HubPublicUrl.default('ws://127.0.0.1:3001'),
  GATEHOUSE_TRUSTED_PROXIES: TrustedProxies,
  GATEHOUSE_DATABASE_POOL: PoolSize.default(20),
  GATEHOUSE_LOG_LEVEL: LogLevel,
  /** opens /metrics and /version to others than this machine */
  GATEHOUSE_OPS_TOKEN: OpsToken,
});
export type HubEnv = z.infer<typeof HubEnv>;

/** Reads the hub's environment. Throws EnvironmentError. */
export function readEnv(source: NodeJS.ProcessEnv = process.env): HubEnv {
  return readEnvironment(HubEnv, SECRETS, source);
}
