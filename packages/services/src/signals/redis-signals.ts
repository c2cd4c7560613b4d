import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { z } from 'zod';

import { Listeners } from './listeners.ts';
import { encodeSignals } from './message.ts';
import type { Signals } from './signals.ts';

/** Stands for all tenants in a pattern subscription. */
export const EVERY_TENANT = '*';

const TenantId = z.uuid();
const Name = z.string().regex(/^[a-z][a-z-]{0,40}$/);

/**
 * Signals over Redis pub/sub: one channel per tenant, and a process that hears all tenants subscribes to the pattern. Takes over
 * `subscriber` (a connection of its own) and publishes on `publisher` (shared).
 */
export function openRedisSignals(options: { publisher: Redis; subscriber: Redis; log: Logger }): Signals {
  const { publisher, subscriber, log } = options;
  const listeners = new Listeners(log);
  const failed = (error: unknown) => log.warn({ err: error }, 'signal subscription failed');
  subscriber.on('message', (_channel, text) => listeners.deliver(text, 'tenant'));
  subscriber.on('pmessage', (_pattern, _channel, text) => listeners.deliver(text, 'all'));

  return {
    subscribe({ tenantId }, listener) {
      if (listeners.add(tenantId, listener)) {
        (tenantId ? subscriber.subscribe(getChannel(tenantId)) : subscriber.psubscribe(getChannel(EVERY_TENANT))).catch(failed);
      }
      return () => {
        if (!listeners.remove(tenantId, listener)) return;
        (tenantId ? subscriber.unsubscribe(getChannel(tenantId)) : subscriber.punsubscribe(getChannel(EVERY_TENANT))).catch(
          failed,
        );
      };
    },
    async publishInTransaction() {},
    async publishAfterCommit(signals) {
      const [first] = signals;
      if (!first) return;
      try {
        await publisher.publish(getChannel(first.tenantId), encodeSignals(first.tenantId, signals));
      } catch (error) {
        log.warn({ err: error }, 'signal lost: readers find the change on their timer');
      }
    },
    async close() {
      listeners.clear();
      subscriber.disconnect();
    },
  };
}

function getChannel(tenantId: string): string {
  return toTenantKey(tenantId, 'signals');
}

/**
 * The one place that names Redis keys and channels: `t:<tenant>:<name>`. Throws on anything but a uuid (or EVERY_TENANT) and a plain
 * name, so that no id can reach into another tenant's space.
 */
export function toTenantKey(tenantId: string, name: string): string {
  const tenant = tenantId === EVERY_TENANT ? EVERY_TENANT : TenantId.parse(tenantId);
  return `t:${tenant}:${Name.parse(name)}`;
}
