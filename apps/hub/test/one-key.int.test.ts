import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { recordActs } from '@gatehouse/db/testing';
import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { IndexPart, KeysPart, toBucket } from '@gatehouse/policy/documents/manifest';
import { PublishedProfile } from '@gatehouse/policy/documents/profile';
import { encode } from '@gatehouse/protocol/codec';
import type { HubMessage } from '@gatehouse/protocol/messages';
import { mutate } from '@gatehouse/services/audit/mutate';
import { createClientKey } from '@gatehouse/services/client-key/create-client-key';
import { revokeClientKey } from '@gatehouse/services/client-key/revoke-client-key';
import { getActorId } from '@gatehouse/services/context';
import { EVERYTHING } from '@gatehouse/services/snapshot/parts/build-trees';
import { PASS_MS, writeConfiguration } from '@gatehouse/services/snapshot/write-configuration';

import { expectSoon, openHub, type Workspace } from './support/world.ts';

const KEYS = 2_000;

const { world, hub } = await openHub();

/** A published profile at the workspace's site with thousands of keys; `person` has access to it and no key yet. */
async function fillWorkspace(workspace: Workspace) {
  const { tenantId, siteId } = workspace;
  const [person, other] = [await workspace.as('member'), await workspace.as('member')];
  const document = PublishedProfile.parse({ name: 'Support', description: '', audit: 'durable', entries: [] });
  const profileId = randomUUID();
  const createdBy = randomUUID();
  await runInTenant(world.runtime.db, tenantId, async (tx) => {
    const row = { slug: 'support', name: 'Support', draft: {}, publishedVersion: 1, createdBy };
    await tx.profile.create({ data: { tenantId, id: profileId, ...row } });
    const version = { number: 1, document, contentHash: hashContent(document), publishedBy: createdBy };
    await tx.profileVersion.create({ data: { tenantId, profileId, ...version } });
    await tx.profileSite.create({ data: { tenantId, profileId, siteId } });
    const access = [person, other].map(({ actor }) => ({
      tenantId,
      profileId,
      membershipId: getActorId(actor),
      grantedBy: createdBy,
    }));
    await tx.profileAccess.createMany({ data: access });
    await tx.$executeRaw`
      insert into client_key (tenant_id, id, membership_id, profile_id, name, key_hash, expires_at)
      select ${tenantId}::uuid, gen_random_uuid(), ${getActorId(other.actor)}::uuid, ${profileId}::uuid, 'Laptop',
        encode(sha256(n::text::bytea), 'hex'), now() + interval '90 days'
      from generate_series(1, ${KEYS}::int) n`;
    await recordActs(tx, tenantId);
    await tx.$executeRaw`analyze client_key, profile_access, admin_audit`;
  });
  const system = workspace.makeContext({ kind: 'system', job: 'renew-leases' });
  await mutate(system, (m) => writeConfiguration(m, system, siteId, 'lease', EVERYTHING), { audited: false, timeoutMs: PASS_MS });
  return { person, profileId };
}

const countBytes = (messages: readonly HubMessage[]): number =>
  messages.reduce((sum, message) => sum + Buffer.byteLength(encode(message)), 0);

test('one key among thousands is a manifest, the index of keys and its bucket on the wire, and its end is a manifest', async () => {
  const workspace = await world.makeWorkspace();
  const { person, profileId } = await fillWorkspace(workspace);
  const enrolled = await workspace.enrol(hub);
  const agent = await enrolled.connect(hub, {}, { features: ['parts'] });
  const acknowledged = async () => (await workspace.readAgent(enrolled.agentId)).ackedVersion;
  await agent.waitForFirst('manifest-push');
  const { version } = agent.parts.readManifest();
  await expectSoon(acknowledged).toBe(BigInt(version));
  const received = agent.messages.all;
  const whole = countBytes(received);
  expect(whole).toBeGreaterThan(KEYS * 200);

  /** What a change puts on the wire. */
  const watch = async (change: () => Promise<unknown>, next: number): Promise<HubMessage[]> => {
    const before = agent.messages.all.length;
    await change();
    await expectSoon(acknowledged).toBe(BigInt(next));
    return agent.messages.all.slice(before);
  };
  /** Exactly the push, the new index of keys and the new bucket of this key, less than a twentieth of the whole. */
  const expectSmall = (messages: readonly HubMessage[], keyId: string): KeysPart['keys'] => {
    const { roots } = agent.parts.readManifest();
    const read = (hash: string): unknown => JSON.parse(String(agent.parts.held.get(hash)));
    const buckets = new Map<string, string>(IndexPart.parse(read(roots.keys)).entries);
    const bucket = buckets.get(toBucket(keyId)) ?? expect.fail('no such bucket');
    expect(messages.map((message) => [message.type, 'hash' in message ? message.hash : null])).toEqual([
      ['manifest-push', null],
      ['part', roots.keys],
      ['part', bucket],
    ]);
    expect(countBytes(messages)).toBeLessThan(whole / 20);
    return KeysPart.parse(read(bucket)).keys;
  };

  let keyId = '';
  const made = await watch(async () => {
    ({ id: keyId } = await createClientKey({ ctx: person, input: { profileId, name: 'Laptop' } }));
  }, version + 1);
  expect(expectSmall(made, keyId).map((key) => key.keyId)).toContain(keyId);
  // its end makes the parts of before, which the agent still has
  const ended = await watch(() => revokeClientKey({ ctx: person, input: { keyId } }), version + 2);
  expect(ended.map(({ type }) => type)).toEqual(['manifest-push']);
});
