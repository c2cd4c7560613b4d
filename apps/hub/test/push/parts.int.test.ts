import { randomBytes, randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { runInTenant } from '@gatehouse/db/tenant';
import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { encodePart, type EncodedPart } from '@gatehouse/policy/documents/manifest';
import type { HubMessage } from '@gatehouse/protocol/messages';
import { PART_CHUNK_BYTES } from '@gatehouse/protocol/parts';
import type { FakeAgent } from '@gatehouse/protocol/testing/fake-agent';
import { FakeParts } from '@gatehouse/protocol/testing/fake-parts';
import { verifyEnvelope } from '@gatehouse/protocol/verify';

import type { Peer } from '../../src/push/agent-push.ts';
import { PartSender } from '../../src/push/part-sender.ts';
import { expectSoon, openHub, type Workspace } from '../support/world.ts';

const { world, hub } = await openHub();

const PARTS = { features: ['parts'] } as const;

/** A server part of some size as the newest configuration of the site. The hub does not look into what it sends. */
async function publishLarge(workspace: Workspace, count: number, bytes: number): Promise<EncodedPart[]> {
  const large = Array.from({ length: count }, () =>
    encodePart({ keys: [], filler: randomBytes(bytes).toString('hex') } as { keys: [] }),
  );
  const entries = large.map(({ hash }): [string, string] => [randomUUID(), hash]).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const index = encodePart({ kind: 'servers', entries });
  const empty = (['profiles', 'access', 'keys'] as const).map((kind) => encodePart({ kind, entries: [] }));
  const [profiles = index, access = index, keys = index] = empty;
  const roots = { servers: index.hash, profiles: profiles.hash, access: access.hash, keys: keys.hash };
  const { tenantId, siteId } = workspace;
  await runInTenant(world.runtime.db, tenantId, async (tx) => {
    const { payload, ...row } = await tx.manifest.findFirstOrThrow({ where: { tenantId, siteId }, orderBy: { version: 'desc' } });
    const version = Number(row.version) + 1;
    const manifest = { ...JSON.parse(Buffer.from(payload).toString()), roots, version };
    const changed = { payload: Buffer.from(JSON.stringify(manifest)), contentHash: hashContent(roots), version };
    await tx.configPart.createMany({
      data: [...large, index, ...empty].map(({ hash, bytes: content }) => ({ tenantId, hash, bytes: content })),
      skipDuplicates: true,
    });
    await tx.manifest.create({ data: { ...row, ...changed } });
    await tx.site.update({ where: { tenantId_id: { tenantId, id: siteId } }, data: { snapshotVersion: version } });
  });
  return large;
}

const hasPush = (agent: FakeAgent, type: HubMessage['type']) => agent.messages.all.some((message) => message.type === type);

test('an agent that can fetches the parts of a signed manifest, and one of protocol 1 at the same site gets the whole', async () => {
  const workspace = await world.makeWorkspace();
  const [newer, older] = [await workspace.enrol(hub), await workspace.enrol(hub)];
  const fetching = await newer.connect(hub, {}, PARTS);
  const whole = await older.connect(hub);
  const acked = async () => [
    (await workspace.readAgent(newer.agentId)).ackedVersion,
    (await workspace.readAgent(older.agentId)).ackedVersion,
  ];
  await expectSoon(acked).toEqual([1n, 1n]);
  const version = BigInt(await workspace.publish());
  await expectSoon(acked).toEqual([version, version]);

  const { manifest } = await fetching.waitForFirst('manifest-push', (push) => BigInt(push.version) === version);
  const payload = verifyEnvelope(manifest, workspace.rootKeys, 'application/vnd.gatehouse.manifest+json');
  expect(JSON.parse(payload.toString())).toMatchObject({ tenantId: workspace.tenantId, siteId: workspace.siteId, roots: {} });
  expect([hasPush(fetching, 'config-push'), hasPush(whole, 'manifest-push')]).toEqual([false, false]);
  expect((await workspace.readAgent(newer.agentId)).features).toEqual(['parts']);
  expect((await workspace.readAgent(older.agentId)).features).toEqual([]);
  // a lease moves no part
  expect(fetching.messages.all.filter(({ type }) => type === 'part')).toHaveLength(4);
});

test('T-12: a part that the pushed manifest does not reach is refused, and so are another nonce and another kind of agent', async () => {
  const workspace = await world.makeWorkspace();
  const foreign = await world.makeWorkspace();
  const [secret] = await publishLarge(foreign, 1, 10);
  const enrolled = await workspace.enrol(hub);
  const agent = await enrolled.connect(hub, { onManifest: () => {} }, PARTS);
  const { nonce } = await agent.waitForFirst('manifest-push');
  const ask = (asked: string, hash = secret?.hash ?? '') => {
    const answer = agent.waitForNext('rejected');
    agent.send({ type: 'part-request', nonce: asked, hashes: [hash] });
    return answer;
  };
  expect(await ask(nonce)).toMatchObject({ of: 'part-request', code: 'foreign_id' });
  expect(await ask('x'.repeat(24))).toMatchObject({ of: 'part-request', code: 'foreign_id' });
  expect(hasPush(agent, 'part')).toBe(false);

  const older = await (await workspace.enrol(hub)).connect(hub);
  older.send({ type: 'part-request', nonce, hashes: [secret?.hash ?? ''] });
  expect(await older.waitForFirst('rejected')).toMatchObject({ of: 'part-request', code: 'unexpected' });
});

test('a large part comes in pieces, and what an agent holds already it is not sent again', async () => {
  const workspace = await world.makeWorkspace();
  const large = await publishLarge(workspace, 2, PART_CHUNK_BYTES);
  const enrolled = await workspace.enrol(hub);
  const agent = await enrolled.connect(hub, {}, PARTS);
  await expectSoon(async () => (await workspace.readAgent(enrolled.agentId)).ackedVersion).toBe(2n);
  for (const { hash, bytes } of large) expect(agent.parts.held.get(hash)?.equals(bytes)).toBe(true);
  await agent.close();

  const parts = Object.assign(new FakeParts(), { held: agent.parts.held });
  const again = await enrolled.connect(hub, { parts }, PARTS);
  await again.waitForFirst('manifest-push');
  await expectSoon(async () => (await workspace.readAgent(enrolled.agentId)).lastSeenAt).toBeInstanceOf(Date);
  expect(hasPush(again, 'part')).toBe(false);
});

test('of what an agent asked for one piece is on its way at a time, however slowly it reads', async () => {
  const workspace = await world.makeWorkspace();
  const large = await publishLarge(workspace, 2, PART_CHUNK_BYTES);
  const { agentId } = await workspace.enrol(hub);
  const sent: HubMessage[] = [];
  const failures: unknown[] = [];
  let release = () => {};
  const peer: Peer = {
    ctx: workspace.makeContext({ kind: 'agent', agentId, siteId: workspace.siteId }),
    agentId,
    siteId: workspace.siteId,
    epoch: 1,
    features: new Set(['parts']),
    log: world.runtime.log,
    isServed: true,
    isBackedUp: true,
    send: () => {},
    sendAndWait: (message) => {
      sent.push(message);
      return new Promise((resolve) => (release = resolve));
    },
    sendFailure: (of, error) => void failures.push([of, error]),
    shutOut: () => {},
    retire: () => {},
  };
  const sender = new PartSender(peer, () => true);
  const nonce = 'n'.repeat(24);
  const hashes = large.map(({ hash }) => hash);
  expect(sender.request({ type: 'part-request', nonce, hashes }, 2)).toBe(true);
  const makeSurplus = () => Array.from({ length: 256 }, () => randomBytes(32).toString('hex'));
  const taken = Array.from({ length: 4 }, () => sender.request({ type: 'part-request', nonce, hashes: makeSurplus() }, 2));
  expect(taken).toEqual([true, true, true, false]);
  const pieces = Math.ceil((large[0]?.bytes.length ?? 0) / PART_CHUNK_BYTES);
  expect(pieces).toBeGreaterThan(1);
  for (let count = 1; count <= pieces * 2; count += 1) {
    await expectSoon(() => sent.length).toBe(count);
    expect(sent.at(-1)).toMatchObject({ hash: hashes[count > pieces ? 1 : 0], index: (count - 1) % pieces, of: pieces });
    release();
  }
  await sender.waitUntilIdle();
  expect(sent).toHaveLength(pieces * 2);
  expect(failures).toMatchObject(Array.from({ length: 3 }, () => ['part-request', { reason: 'foreign_id' }]));
});
