import { Redis } from 'ioredis';
import type { Logger } from 'pino';

/**
 * One Redis connection that reconnects by itself. `command`: a request fails after three reconnects instead of waiting for ever;
 * `blocking`: what a BullMQ worker needs.
 */
export function openRedis(options: { url: string; log: Logger; use: 'command' | 'blocking' }): Redis {
  const redis = new Redis(options.url, { maxRetriesPerRequest: options.use === 'command' ? 3 : null });
  redis.on('error', (error) => options.log.warn({ err: error }, 'redis connection failed'));
  return redis;
}
