import { expect, test } from 'vitest';

import { makeServer } from '@gatehouse/policy/testing/build';
import { TestKey } from '@gatehouse/protocol/testing/test-key';

import { DiscoveryOrders } from '../../src/config/discovery-order.ts';
import { TestSite } from '../support/control-plane/site.ts';

const SNAPSHOT = 'application/vnd.gatehouse.snapshot+json';
const DISCOVERY = 'application/vnd.gatehouse.discovery+json';

test('a discovery order is known again, and opened only when signed, by the agent it names, while it lives', () => {
  const site = new TestSite();
  const now = Date.parse('2026-11-21T12:00:00Z');
  const order = {
    format: 1,
    tenantId: site.tenantId,
    siteId: site.siteId,
    agentId: site.agentId,
    discoveryId: site.agentId,
    nonce: 'a'.repeat(24),
    issuedAt: new Date(now).toISOString(),
    notAfter: new Date(now + 60_000).toISOString(),
    server: makeServer(),
  };
  const orders = new DiscoveryOrders(site.trust);
  const open = (change: object, at = now, root = site.root, type: typeof DISCOVERY | typeof SNAPSHOT = DISCOVERY) =>
    orders.open(root.sign(type, { ...order, ...change }), order.discoveryId, at);
  expect(open({}, now, new TestKey())).toMatchObject({ ok: false, code: 'bad_signature' });
  expect(open({}, now, site.root, SNAPSHOT)).toMatchObject({ ok: false, code: 'bad_signature' });
  expect(open({ agentId: site.tenantId })).toMatchObject({ ok: false, code: 'bad_signature' });
  expect(open({ siteId: site.tenantId })).toMatchObject({ ok: false, code: 'bad_signature' });
  expect(open({ discoveryId: site.tenantId })).toMatchObject({ ok: false, code: 'bad_signature' });
  expect(open({}, now + 121_000)).toMatchObject({ ok: false, code: 'expired' });
  expect(open({}, now - 61_000)).toMatchObject({ ok: false, code: 'expired' });
  expect(open({})).toMatchObject({ ok: true, repeated: false });
  expect(open({}, now + 1_000)).toMatchObject({ ok: true, repeated: true });
});
