import { expect, test } from 'vitest';

import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { makeClientKey, makeProfile, makeServer, makeTool } from '@gatehouse/policy/testing/build';

import { TestSite } from '../support/control-plane/site.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';

test('a newer snapshot is stored, swapped and acknowledged; it serves again after a restart without the hub', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const server = makeServer();
  const agent = site.startAgent(path);
  expect(agent.applier.getStatus()).toMatchObject({ appliedVersion: 0, appliedHash: null });

  const snapshot = site.makeSnapshot(7, { servers: [server] });
  const status = await agent.applier.apply(site.push(snapshot));
  expect(status).toMatchObject({ status: 'applied', appliedVersion: 7, appliedHash: snapshot.contentHash, error: null });
  for (const { current } of [agent, site.startAgent(path)]) {
    expect(current.get()).toMatchObject({ version: 7, contentHash: snapshot.contentHash, notAfter: snapshot.notAfter });
    expect([...(current.get()?.compiled.serversById.values() ?? [])]).toEqual([server]);
  }
  expect((await agent.applier.apply(site.push(snapshot))).status).toBe('applied');
});

test('a snapshot of the earlier format is taken, kept and still serves after a restart, under the hash that was signed', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const server = makeServer();
  const { entries: _, ...profile } = makeProfile([]);
  const { kind: _kind, name: toolName, ...tool } = makeTool(server, { name: 'get_order' });
  const content = {
    servers: [server],
    profiles: [{ ...profile, tools: [{ toolName, ...tool }] }],
    clientKeys: [],
    revokedKeyIds: [],
  };
  const earlier = { ...site.makeSnapshot(3), format: 1, content, contentHash: hashContent(content) };
  const envelope = site.root.sign('application/vnd.gatehouse.snapshot+json', earlier);
  const push = { ...site.push(site.makeSnapshot(3)), contentHash: earlier.contentHash, envelope };
  expect(await site.startAgent(path).applier.apply(push)).toMatchObject({ status: 'applied', appliedHash: earlier.contentHash });
  const lists = site.startAgent(path).current.get()?.compiled.profilesBySlug.get('support')?.lists;
  expect(lists?.tools).toMatchObject([tool.definition]);
});

test('the compiled form is what calls are decided with', async () => {
  const site = new TestSite();
  const { applier, current } = site.startAgent(makeTempDir());
  const server = makeServer();
  const snapshot = site.makeSnapshot(1, { servers: [server] });
  const [profile] = snapshot.content.profiles;
  if (!profile) throw new Error('no profile');
  const filled = site.makeSnapshot(1, {
    servers: [server],
    profiles: [{ ...profile, entries: [makeTool(server, { name: 'get_order' })] }],
  });
  expect((await applier.apply(site.push(filled))).status).toBe('applied');
  expect(
    current
      .get()
      ?.compiled.profilesBySlug.get('support')
      ?.lists.tools.map((tool) => tool.name),
  ).toEqual(['get_order']);

  const broken = site.makeSnapshot(2, {
    servers: [],
    profiles: [{ ...profile, entries: [makeTool(server, { name: 'get_order' })] }],
  });
  expect(await applier.apply(site.push(broken))).toMatchObject({
    status: 'rejected',
    appliedVersion: 1,
    error: { code: 'malformed' },
  });
});

test('T-13: an ended snapshot is not taken, a running one stops serving at its end', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const end = '2026-11-21T13:00:00.000Z';
  let now = Date.parse(end);
  const { applier, current } = site.startAgent(path, { now: () => now });
  const push = site.push(site.makeSnapshot(1, {}, { notAfter: end }));
  expect(await applier.apply(push)).toMatchObject({ error: { code: 'lease_expired' } });
  now -= 1;
  expect(await applier.apply(push)).toMatchObject({ status: 'applied' });
  expect(current.checkServing(now).ok).toBe(true);
  expect(current.checkServing(now + 1)).toMatchObject({ ok: false, code: 'lease_expired' });
  expect(site.startAgent(path).current.checkServing(now + 1)).toMatchObject({ ok: false, code: 'lease_expired' });
});

test('a revoked or quarantined agent serves nothing and says why', async () => {
  const site = new TestSite();
  const { applier, current } = site.startAgent(makeTempDir());
  await applier.apply(site.push(site.makeSnapshot(1)));
  const now = Date.parse('2026-11-21T12:00:00Z');
  for (const standing of ['revoked', 'quarantined'] as const) {
    current.setStanding(standing);
    expect(current.checkServing(now)).toMatchObject({
      ok: false,
      code: `agent_${standing}`,
      message: expect.stringContaining(standing),
    });
  }
  current.setStanding('good');
  expect(current.checkServing(now).ok).toBe(true);
});

test('T-15: a server that breaks a guardrail takes itself out, by name; the rest is applied, revocations with it', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const [good, stdio] = [
    makeServer(),
    makeServer({ slug: 'files', transport: { kind: 'stdio', processes: 'shared', entry: 'files' } }),
  ];
  const profile = makeProfile([makeTool(good, { name: 'get' }), makeTool(stdio, { name: 'read' })]);
  const kept = makeClientKey(profile).key;
  const content = { servers: [good, stdio], profiles: [profile], clientKeys: [kept, makeClientKey(profile).key] };
  const agent = site.startAgent(path);
  expect(await agent.applier.apply(site.push(site.makeSnapshot(1, content)))).toMatchObject({ status: 'applied', error: null });
  const revoked = { ...content, clientKeys: [kept] };
  expect(await agent.applier.apply(site.push(site.makeSnapshot(2, revoked)))).toMatchObject({ appliedVersion: 2 });
  for (const { current } of [agent, site.startAgent(path)]) {
    const config = current.get();
    expect(config?.withheld).toEqual(
      new Map([
        [stdio.id, { kind: 'server', code: 'guardrail', reason: expect.stringContaining('no stdio entry "files"') as string }],
      ]),
    );
    expect([...(config?.compiled.clientKeysByHash.keys() ?? [])]).toEqual([kept.hash]);
  }
});

test('pushes that come at once are applied one after the other', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const { applier } = site.startAgent(path);
  const versions = [3, 1, 5, 2, 4];
  const statuses = await Promise.all(versions.map((version) => applier.apply(site.push(site.makeSnapshot(version)))));
  expect(statuses.map((status) => status.appliedVersion)).toEqual([3, 3, 5, 5, 5]);
  expect(site.startAgent(path).current.get()?.version).toBe(5);
});
