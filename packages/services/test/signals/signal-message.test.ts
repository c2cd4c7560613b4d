import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { decodeSignals, encodeSignals } from '../../src/signals/message.ts';
import { EVERY_TENANT, toTenantKey } from '../../src/signals/redis-signals.ts';
import { MANY, type Signal } from '../../src/signals/signals.ts';

const tenantId = randomUUID();

test('signals come back as sent, each once', () => {
  const site: Signal = { tenantId, kind: 'site', id: randomUUID() };
  const agent: Signal = { tenantId, kind: 'agent', id: site.id };
  expect(decodeSignals(encodeSignals(tenantId, [site, agent, site]))).toEqual([site, agent]);
});

test('what does not fit into one NOTIFY names each kind once', () => {
  const many = Array.from({ length: 900 }, (): Signal => ({ tenantId, kind: 'client_key', id: randomUUID() }));
  const text = encodeSignals(tenantId, [...many, { tenantId, kind: 'site', id: randomUUID() }]);
  expect(Buffer.byteLength(text)).toBeLessThan(8_000);
  expect(decodeSignals(text)).toEqual([
    { tenantId, kind: 'client_key', id: MANY },
    { tenantId, kind: 'site', id: MANY },
  ]);
});

test.each(['', '{', '[]', '{"tenantId":"x","changes":[]}', `{"tenantId":"${tenantId}","changes":[["other","1"]]}`])(
  'text that is no signal is dropped: %s',
  (text) => {
    expect(decodeSignals(text)).toBeNull();
  },
);

test.each(['', '*:x', 't:*', `${tenantId}:other`, `${tenantId}\n`, `${tenantId.slice(0, -1)}*`, '../..'])(
  'T-34: %j names no tenant in Redis',
  (id) => {
    expect(() => toTenantKey(id, 'signals')).toThrow();
  },
);

test('T-34: a name cannot reach into another space either', () => {
  for (const name of ['', 'a:b', '*', 'a\nb', 'A']) expect(() => toTenantKey(tenantId, name)).toThrow();
  expect(toTenantKey(tenantId, 'signals')).toBe(`t:${tenantId}:signals`);
  expect(toTenantKey(EVERY_TENANT, 'signals')).toBe('t:*:signals');
});
