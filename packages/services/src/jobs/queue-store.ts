export { queueConnection } from '@gatehouse/db/queue-schema';

/** Where BullMQ keeps its jobs. */
export interface QueueStore {
  /** Postgres, as the application role: the tables are made beforehand by `migrateQueues` */
  appDatabaseUrl: string;
  /** when set, Redis instead */
  redisUrl?: string | undefined;
  /** before every BullMQ key in Redis; DEFAULT_QUEUE_PREFIX unless two copies share one Redis */
  queuePrefix?: string | undefined;
}

export const DEFAULT_QUEUE_PREFIX = 'gatehouse';
