import { hash as computeHash, randomUUID } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { encodePart, type IndexPart, type ManifestRoots } from '@gatehouse/policy/documents/manifest';
import type { SnapshotClientKey } from '@gatehouse/policy/documents/snapshot';
import { makeClientKey, makeProfile, makeServer, makeTool } from '@gatehouse/policy/testing/build';
import { makeParts, type BuiltParts } from '@gatehouse/policy/testing/build-parts';
import { TestKey } from '@gatehouse/protocol/testing/test-key';

import { cutPart, listPieces, type PartHub } from './support/control-plane/part-hub.ts';
import { TestSite } from './support/control-plane/site.ts';
import { FailingDisk, makeDiskError } from './support/disk/failing-disk.ts';
import { makeTempDir } from './support/disk/temp-dir.ts';

/** Two servers, each with a profile and a key. */
function makeContent() {
  const servers = [makeServer(), makeServer({ slug: 'crm', name: 'CRM' })];
  const profiles = servers.map((server) =>
    makeProfile([makeTool(server, { name: `${server.slug}.get` })], { slug: server.slug }),
  );
  const clientKeys = profiles.map((profile) => makeClientKey(profile).key);
  return { servers, profiles, clientKeys };
}

/** A key whose part is another one than those of these keys. */
function makeOtherKey(profile: { id: string }, keys: readonly SnapshotClientKey[]): SnapshotClientKey {
  for (;;) {
    const { key } = makeClientKey(profile);
    const isApart = keys.every(({ keyId, personId }) => [keyId, personId].every((id) => !id.endsWith(key.keyId.slice(-2))));
    if (isApart && keys.every(({ personId }) => !key.personId.endsWith(personId.slice(-2)))) return key;
  }
}

type Agent = ReturnType<TestSite['startAgent']>;
const listTools = ({ current }: Agent, slug: string) =>
  current
    .get()
    ?.compiled.profilesBySlug.get(slug)
    ?.lists.tools.map(({ name }) => name);
const listKeys = ({ current }: Agent) => [...(current.get()?.compiled.clientKeysByHash.keys() ?? [])].toSorted();
const listHashes = (keys: readonly SnapshotClientKey[]) => keys.map(({ hash }) => hash).toSorted();
const findPart = ({ parts }: BuiltParts, wanted: string): string => {
  const [hash] = [...parts].find(([, bytes]) => bytes.includes(wanted) && !bytes.includes('"kind":"servers"')) ?? [];
  if (hash === undefined) throw new Error(`no part with ${wanted}`);
  return hash;
};

/** The same parts but for one index. */
function withIndex(built: BuiltParts, kind: keyof ManifestRoots, change: (entries: [string, string][]) => [string, string][]) {
  const index = JSON.parse(String(built.parts.get(built.roots[kind]))) as IndexPart;
  const { hash, bytes } = encodePart({ ...index, entries: change(index.entries) });
  return { roots: { ...built.roots, [kind]: hash }, parts: new Map([...built.parts, [hash, bytes]]) };
}

function withLeaf(built: BuiltParts, kind: keyof ManifestRoots, at: number, bytes: Buffer) {
  const hash = computeHash('sha256', bytes);
  const replaced = withIndex(built, kind, (entries) => entries.map(([id, old], n) => [id, n === at ? hash : old]));
  return { ...replaced, parts: new Map([...replaced.parts, [hash, bytes]]) };
}

test('parts are fetched, checked, kept and served, and serve again after a restart without the hub', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const content = makeContent();
  const agent = site.startAgent(path);
  const pushed = site.pushParts(7, content);
  const status = await agent.hub.push(pushed);
  expect(status).toMatchObject({ status: 'applied', appliedVersion: 7, error: null });
  const restarted = site.startAgent(path);
  for (const each of [agent, restarted]) {
    expect(each.current.get()).toMatchObject({ version: 7, contentHash: status?.appliedHash, withheld: new Map() });
    expect(content.servers.map(({ slug }) => listTools(each, slug))).toEqual([['orders.get'], ['crm.get']]);
    expect(listKeys(each)).toEqual(listHashes(content.clientKeys));
    expect(each.applier.getStatus()).toMatchObject({ appliedVersion: 7, appliedHash: status?.appliedHash });
  }
  expect(readdirSync(agent.dir.parts).toSorted()).toEqual([...pushed.parts.keys()].toSorted());
  expect(await restarted.hub.push(site.pushParts(8, content))).toMatchObject({
    appliedVersion: 8,
    appliedHash: status?.appliedHash,
  });
  expect(restarted.hub.requests).toEqual([]);
});

test('one key more costs its small parts; what is the same is the same object', async () => {
  const site = new TestSite();
  const agent = site.startAgent(makeTempDir());
  const content = makeContent();
  await agent.hub.push(site.pushParts(1, content));
  const before = agent.current.get()?.compiled;
  const [profile] = content.profiles;
  if (!profile || !before) throw new Error('nothing is served');
  agent.hub.requests.length = 0;
  const clientKeys = [...content.clientKeys, makeOtherKey(profile, content.clientKeys)];
  await agent.hub.push(site.pushParts(2, { ...content, clientKeys }));
  // two indexes, then a bucket of each
  expect(agent.hub.requests.map(({ length }) => length)).toEqual([2, 2]);
  const after = agent.current.get()?.compiled;
  expect(listKeys(agent)).toEqual(listHashes(clientKeys));
  for (const { slug } of content.profiles) expect(after?.profilesBySlug.get(slug)).toBe(before.profilesBySlug.get(slug));

  // a server that changes is compiled anew with the profiles that use it, and no others
  const [server, other] = content.servers;
  if (!server || !other) throw new Error('no servers');
  agent.hub.requests.length = 0;
  await agent.hub.push(site.pushParts(3, { ...content, clientKeys, servers: [{ ...server, name: 'Renamed' }, other] }));
  expect(agent.hub.requests.map(({ length }) => length)).toEqual([1, 1]);
  const last = agent.current.get()?.compiled;
  expect(last?.serversById.get(server.id)?.name).toBe('Renamed');
  expect(last?.profilesBySlug.get('orders')).not.toBe(after?.profilesBySlug.get('orders'));
  expect(last?.profilesBySlug.get('crm')).toBe(after?.profilesBySlug.get('crm'));
});

test('a key works while its person may use its profile', async () => {
  const site = new TestSite();
  const agent = site.startAgent(makeTempDir());
  const content = makeContent();
  const [first, second] = content.clientKeys;
  if (!first || !second) throw new Error('no keys');
  const grants: [string, string[]][] = [
    [first.personId, [first.profileId]],
    [second.personId, [first.profileId]],
  ];
  const built = makeParts(content, grants);
  await agent.hub.push(site.pushParts(1, content, { built }));
  expect(listKeys(agent)).toEqual([first.hash]);
  expect(agent.current.get()?.compiled.revokedKeyIds).toEqual(new Set([second.keyId]));
});

test('an entry is served while its server has the very pin, and one that is gone takes its entries along', async () => {
  const site = new TestSite();
  const agent = site.startAgent(makeTempDir());
  const content = makeContent();
  const [server, other] = content.servers;
  if (!server || !other) throw new Error('no servers');
  const newer = makeProfile([
    makeTool(server, { name: 'orders.get', description: 'changed' }),
    makeTool(server, { name: 'more' }),
  ]);
  const built = withIndex(makeParts(content), 'profiles', (entries) => entries);
  const withNewer = makeParts({ ...content, profiles: [newer] });
  // the profiles of one configuration over the servers of another
  const mixed = {
    roots: { ...built.roots, profiles: withNewer.roots.profiles },
    parts: new Map([...built.parts, ...withNewer.parts]),
  };
  expect(await agent.hub.push(site.pushParts(1, content, { built: mixed }))).toMatchObject({ status: 'applied' });
  expect(listTools(agent, newer.slug)).toEqual([]);
  const gone = withIndex(makeParts(content), 'servers', (entries) => entries.filter(([id]) => id !== other.id));
  await agent.hub.push(site.pushParts(2, content, { built: gone }));
  expect([listTools(agent, 'orders'), listTools(agent, 'crm')]).toEqual([['orders.get'], []]);
});

test('T-15: a server that is out of bounds or whose part cannot be read is withheld, a profile too; the rest is served', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const agent = site.startAgent(path);
  const { servers, profiles, clientKeys } = makeContent();
  const barred = makeServer({ slug: 'files', transport: { kind: 'stdio', entry: 'files', processes: 'shared' } });
  const content = { servers: [...servers, barred], profiles, clientKeys };
  const ids = JSON.parse(String(makeParts(content).parts.get(makeParts(content).roots.servers))) as IndexPart;
  const [crm] = servers.slice(1);
  const at = ids.entries.findIndex(([id]) => id === crm?.id);
  const built = withLeaf(makeParts(content), 'servers', at, Buffer.from('{"server":'));
  expect(await agent.hub.push(site.pushParts(1, content, { built }))).toMatchObject({ status: 'applied', appliedVersion: 1 });
  for (const each of [agent, site.startAgent(path)]) {
    expect(each.current.get()?.withheld).toEqual(
      new Map([
        [crm?.id, { kind: 'server', code: 'invalid', reason: expect.stringContaining('cannot be read') as string }],
        [barred.id, { kind: 'server', code: 'guardrail', reason: expect.stringContaining('no stdio entry') as string }],
      ]),
    );
    expect([listTools(each, 'orders'), listTools(each, 'crm')]).toEqual([['orders.get'], []]);
  }
  const [orders] = servers;
  const [profile] = profiles;
  if (!orders || !profile) throw new Error('nothing to serve');
  const twice = {
    ...profile,
    entries: [...profile.entries, makeTool(orders, { name: 'other' }, { advertisedName: 'orders.get' })],
  };
  await agent.hub.push(site.pushParts(2, { servers, profiles: [twice, ...profiles.slice(1)], clientKeys }));
  expect(agent.current.get()?.withheld.get(profile.id)).toMatchObject({ kind: 'profile', code: 'invalid' });
  expect([listTools(agent, 'orders'), listTools(agent, 'crm')]).toEqual([undefined, ['crm.get']]);
});

/** What a hostile hub or a signer in error makes of good parts, and what the agent says. */
const SIGNED: [name: string, make: (built: BuiltParts, keys: readonly SnapshotClientKey[]) => BuiltParts, message: RegExp][] = [
  [
    'an id twice in an index',
    (built) => withIndex(built, 'servers', (all) => all.flatMap((one) => [one, one])),
    /index of servers/,
  ],
  ['ids out of order', (built) => withIndex(built, 'servers', (all) => all.toReversed()), /index of servers/],
  [
    'an index of another kind',
    ({ roots, parts }) => ({ roots: { ...roots, keys: roots.access, access: roots.keys }, parts }),
    /one of/,
  ],
  [
    'an index that is two',
    ({ roots, parts }) => ({ roots: { ...roots, keys: roots.access }, parts }),
    /Two indexes are one part/,
  ],
  [
    'an index among the leaves',
    (built) => withIndex(built, 'keys', ([[id] = ['00']]) => [[id, built.roots.servers]]),
    /Bucket .* cannot be read/,
  ],
  [
    'a leaf of another kind',
    (built) => withLeaf(built, 'keys', 0, Buffer.from('{"grants":[]}')),
    /Bucket .* of keys cannot be read/,
  ],
  [
    'a bucket in two places',
    (built) => withIndex(built, 'keys', (all) => [...all, ...all].map(([, hash], n) => [`0${n}`, hash])),
    /belongs to/,
  ],
  [
    'a key in the wrong bucket',
    (built, keys) => withLeaf(built, 'keys', 0, Buffer.from(JSON.stringify({ keys }))),
    /belongs to another bucket/,
  ],
  [
    'a key twice',
    (built, [key]) => withLeaf(built, 'keys', 0, Buffer.from(JSON.stringify({ keys: [key, key] }))),
    /names an id twice|belongs to/,
  ],
  ['a leaf nested without end', (built) => withLeaf(built, 'access', 0, Buffer.from('['.repeat(500_000))), /nested too deep/],
  ['no JSON', (built) => withLeaf(built, 'access', 0, Buffer.from('no JSON')), /Bucket .* of access cannot be read/],
];

test.each(SIGNED)('T-15: %s is refused, and the configuration before it serves on', async (_name, make, message) => {
  const site = new TestSite();
  const path = makeTempDir();
  const agent = site.startAgent(path);
  const content = makeContent();
  await agent.hub.push(site.pushParts(1, content));
  const broken = site.pushParts(2, content, { built: make(makeParts(content), content.clientKeys) });
  expect(await agent.hub.push(broken)).toMatchObject({
    status: 'rejected',
    appliedVersion: 1,
    rejectedVersion: 2,
    error: { code: 'malformed', message: expect.stringMatching(message) as string },
  });
  for (const each of [agent, site.startAgent(path)]) expect(each.current.get()?.version).toBe(1);
  expect(await agent.hub.push(site.pushParts(3, content))).toMatchObject({ status: 'applied', appliedVersion: 3 });
});

/** What a hub may send instead of what was asked for. */
const SENT: [name: string, answer: PartHub['answer'], code: string, message: RegExp][] = [
  [
    'other bytes than those of the hash',
    ({ nonce, hashes }) => hashes.flatMap((hash) => cutPart(nonce, hash, Buffer.from('{"kind":"keys","entries":[]}'))),
    'hash_mismatch',
    /other bytes/,
  ],
  [
    'a part that nobody asked for',
    ({ nonce }) => cutPart(nonce, 'a'.repeat(64), Buffer.from('{}')),
    'malformed',
    /not asked for/,
  ],
  [
    'the same part again',
    function* (request, parts) {
      for (const piece of listPieces(request, parts)) yield* [piece, piece];
    },
    'malformed',
    /not asked for/,
  ],
  [
    'pieces of several parts in between',
    ({ nonce, hashes }) => hashes.map((hash) => ({ type: 'part', nonce, hash, index: 0, of: 2, data: 'AAAA' })),
    'malformed',
    /not in order/,
  ],
  [
    'a part that never ends',
    function* ({ nonce, hashes: [hash = ''] }) {
      for (;;) yield { type: 'part', nonce, hash, index: 0, of: 32, data: 'AAAA' };
    },
    'malformed',
    /not in order/,
  ],
  [
    'a part that is too large',
    function* ({ nonce, hashes: [hash = ''] }) {
      const data = Buffer.alloc((1 << 20) + 1).toString('base64');
      for (let index = 0; index < 32; index += 1) yield { type: 'part', nonce, hash, index, of: 32, data };
    },
    'malformed',
    /too large/,
  ],
];

test.each(SENT)('T-15: a hub that sends %s is refused once, and nothing of it is kept', async (_name, answer, code, message) => {
  const site = new TestSite();
  const agent = site.startAgent(makeTempDir());
  const content = makeContent();
  await agent.hub.push(site.pushParts(1, content));
  const kept = readdirSync(agent.dir.parts);
  const good = agent.hub.answer;
  agent.hub.answer = answer;
  const next = site.pushParts(2, { ...content, clientKeys: [...content.clientKeys, makeClientKey(content.profiles[0]!).key] });
  agent.hub.requests.length = 0;
  expect(await agent.hub.push(next)).toMatchObject({
    status: 'rejected',
    appliedVersion: 1,
    error: { code, message: expect.stringMatching(message) as string },
  });
  expect(agent.hub.requests).toHaveLength(1);
  const added = readdirSync(agent.dir.parts).filter((name) => !kept.includes(name));
  expect(added.filter((name) => !next.parts.has(name))).toEqual([]);
  expect(agent.current.get()?.version).toBe(1);
  agent.hub.answer = good;
  expect(await agent.hub.push(next)).toMatchObject({ status: 'applied', appliedVersion: 2 });
});

test('T-15: a configuration of more bytes than an agent takes is given up where it passes the limit', async () => {
  const site = new TestSite();
  const agent = site.startAgent(makeTempDir());
  const { servers, profiles, clientKeys } = makeContent();
  const [server] = servers;
  if (!server) throw new Error('no server');
  // each is a little under the most that a part may have
  const filler = 'x'.repeat(30 << 20);
  const large = Array.from({ length: 3 }, (_, n) => Buffer.from(JSON.stringify({ server, entries: [], filler, n })));
  const leaves = large.map((bytes): [string, string] => [randomUUID(), computeHash('sha256', bytes)]);
  const base = withIndex(makeParts({ servers, profiles, clientKeys }), 'servers', () =>
    leaves.toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
  const built = {
    ...base,
    parts: new Map([...base.parts, ...large.map((bytes): [string, Buffer] => [computeHash('sha256', bytes), bytes])]),
  };
  expect(await agent.hub.push(site.pushParts(1, {}, { built }))).toMatchObject({
    error: { code: 'malformed', message: expect.stringContaining('larger than') as string },
  });
});

test('parts without a push, or of one that is over, are not taken', async () => {
  const site = new TestSite();
  const agent = site.startAgent(makeTempDir());
  const [piece] = cutPart('n'.repeat(24), 'a'.repeat(64), Buffer.from('{}'));
  if (!piece) throw new Error('no piece');
  expect(await agent.applier.takePart(piece)).toBe(false);
  await agent.hub.push(site.pushParts(1, makeContent()));
  expect(await agent.applier.takePart(piece)).toBe(false);
});

test('a newer push, or the end of the link, gives the fetching up: nothing is answered, and the next push goes on from what is here', async () => {
  const site = new TestSite();
  const agent = site.startAgent(makeTempDir());
  const content = makeContent();
  const good = agent.hub.answer;
  // the indexes come, the leaves do not
  agent.hub.answer = (request, parts) => (agent.hub.requests.length === 1 ? good(request, parts) : []);
  const first = agent.hub.push(site.pushParts(1, content));
  await expect.poll(() => agent.hub.requests.length).toBe(2);
  await agent.applier.abandonFetch('a newer push came');
  expect(await first).toBeNull();
  expect(agent.applier.getStatus()).toMatchObject({ status: 'applied', appliedVersion: 0, rejectedVersion: null });
  agent.hub.answer = good;
  agent.hub.requests.length = 0;
  expect(await agent.hub.push(site.pushParts(2, content))).toMatchObject({ appliedVersion: 2 });
  expect(agent.hub.requests).toHaveLength(1);
});

test('T-11, T-12: an older manifest, and one of another site, tenant or key, is refused before anything is asked for', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const agent = site.startAgent(path);
  const content = makeContent();
  for (const version of [41, 42]) await agent.hub.push(site.pushParts(version, content));
  const other = { ...content, clientKeys: [] };
  const manifest = 'application/vnd.gatehouse.manifest+json';
  const good = site.pushParts(43, other);
  const cases: [ReturnType<TestSite['pushParts']>, string][] = [
    [site.pushParts(41, content), 'rollback'],
    [site.pushParts(42, other), 'rollback'],
    [{ ...site.pushParts(41, content), version: 43 }, 'hash_mismatch'],
    [site.pushParts(43, other, { siteId: randomUUID() }), 'wrong_site'],
    [site.pushParts(43, other, { tenantId: randomUUID() }), 'wrong_site'],
    [site.pushParts(43, other, { signedBy: new TestKey() }), 'unknown_key'],
    [site.pushParts(43, other, { notAfter: '2026-01-01T00:00:00.000Z' }), 'lease_expired'],
    [{ ...good, manifest: site.root.sign('application/vnd.gatehouse.snapshot+json', site.makeSnapshot(43)) }, 'bad_signature'],
    [{ ...good, manifest: site.root.sign(manifest, 'no manifest') }, 'malformed'],
    [{ ...good, manifest: { ...good.manifest, payload: Buffer.from('{}').toString('base64') } }, 'bad_signature'],
  ];
  for (const each of [agent, site.startAgent(path)]) {
    each.hub.requests.length = 0;
    for (const [push, code] of cases) expect(await each.hub.push(push)).toMatchObject({ appliedVersion: 42, error: { code } });
    expect(each.hub.requests).toEqual([]);
  }
});

test('T-16: a crash at any step of storing leaves exactly the old or the new configuration, whole', async () => {
  const site = new TestSite();
  const content = makeContent();
  const next = { ...content, clientKeys: content.clientKeys.slice(1) };
  const seen = new Set<number>();
  for (let crashAt = 0; ; crashAt++) {
    const path = makeTempDir();
    await site.startAgent(path).hub.push(site.pushParts(1, content));
    const disk = new FailingDisk();
    disk.fail = (_step, index) => (index >= crashAt ? makeDiskError('EIO') : null);
    const agent = site.startAgent(path, { disk });
    const status = await agent.hub.push(site.pushParts(2, next));
    const restarted = site.startAgent(path);
    const version = restarted.current.get()?.version ?? 0;
    seen.add(version);
    expect(listKeys(restarted)).toEqual(listHashes(version === 2 ? next.clientKeys : content.clientKeys));
    expect(restarted.applier.getStatus().appliedVersion).toBe(version);
    if (disk.steps.length < crashAt) break;
    if (status?.status === 'rejected') {
      expect(status).toMatchObject({ appliedVersion: 1, error: { code: 'storage' } });
      expect(listKeys(agent)).toEqual(listHashes(content.clientKeys));
      expect([1, 2]).toContain(version);
    } else expect(version).toBe(2);
  }
  expect(seen).toEqual(new Set([1, 2]));
});

test('T-15: what the disk did not take is tried again', async () => {
  const site = new TestSite();
  const disk = new FailingDisk();
  const agent = site.startAgent(makeTempDir(), { disk });
  disk.fail = (step) => (step === 'write' ? makeDiskError('ENOSPC') : null);
  expect(await agent.hub.push(site.pushParts(1, makeContent()))).toMatchObject({ error: { code: 'storage' } });
  expect(await agent.applier.retry()).toBeNull();
  disk.fail = () => null;
  expect(await agent.applier.retry()).toMatchObject({ nonce: null, status: 'applied', appliedVersion: 1, error: null });
});

test('a damaged or missing part leaves the configuration before it; without one, what is left is served until the hub is there', async () => {
  const site = new TestSite();
  const content = makeContent();
  const [first, second] = content.clientKeys;
  if (!first || !second) throw new Error('no keys');
  for (const how of ['damaged', 'missing'] as const) {
    const path = makeTempDir();
    const agent = site.startAgent(path);
    await agent.hub.push(site.pushParts(1, { ...content, clientKeys: [first] }));
    const newer = site.pushParts(2, content);
    await agent.hub.push(newer);
    const spoil = (wanted: string) => {
      const file = join(agent.dir.parts, findPart(newer, wanted));
      if (how === 'missing') rmSync(file);
      else writeFileSync(file, readFileSync(file).fill(0x20, 0, 8));
    };
    spoil(second.keyId);
    const before = site.startAgent(path);
    expect(before.applier.getStatus()).toMatchObject({ appliedVersion: 1 });
    // how far versions had come, whatever is served
    expect(before.applier.getNewestManifest()).toEqual(newer.manifest);
    expect(listKeys(before)).toEqual([first.hash]);

    // both have this server
    spoil('"CRM"');
    const partial = site.startAgent(path);
    expect([listTools(partial, 'orders'), listTools(partial, 'crm')]).toEqual([['orders.get'], []]);
    expect([...(partial.current.get()?.withheld.values() ?? [])]).toMatchObject([{ kind: 'server', code: 'invalid' }]);
    expect(partial.applier.getStatus()).toMatchObject({ appliedVersion: 0, appliedHash: null });
    expect(await partial.hub.push(newer)).toMatchObject({ status: 'applied', appliedVersion: 2 });
    expect(listTools(partial, 'crm')).toEqual(['crm.get']);
    expect(site.startAgent(path).applier.getStatus()).toMatchObject({ appliedVersion: 2 });
  }
});

test('an agent with a stored snapshot starts with it, moves to parts, and back when its hub does not know them', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const content = makeContent();
  const first = site.startAgent(path);
  await first.applier.apply(site.push(site.makeSnapshot(5, content)));
  const moved = site.startAgent(path);
  expect(moved.current.get()?.version).toBe(5);
  expect(await moved.hub.push(site.pushParts(4, content))).toMatchObject({ error: { code: 'rollback' } });
  expect(await moved.hub.push(site.pushParts(6, content))).toMatchObject({ appliedVersion: 6 });
  expect(readdirSync(path)).not.toContain('snapshot.json');

  const back = site.startAgent(path);
  expect(await back.applier.apply(site.push(site.makeSnapshot(5, content)))).toMatchObject({ error: { code: 'rollback' } });
  expect(await back.applier.apply(site.push(site.makeSnapshot(7, content)))).toMatchObject({ appliedVersion: 7 });
  expect(readdirSync(path)).not.toContain('manifest.json');
  expect(readdirSync(back.dir.parts)).toEqual([]);
  expect([moved, back].map(({ applier }) => applier.getNewestManifest() !== null)).toEqual([true, false]);
  expect(site.startAgent(path).current.get()?.version).toBe(7);
});

test('parts that neither the newest configuration nor the one before it has are removed', async () => {
  const site = new TestSite();
  const agent = site.startAgent(makeTempDir());
  const contents = [1, 2, 3].map(() => makeContent());
  const pushed = contents.map((content, n) => site.pushParts(n + 1, content));
  for (const each of pushed) await agent.hub.push(each);
  writeFileSync(join(agent.dir.parts, 'left.new'), '');
  await agent.hub.push(site.pushParts(4, contents[2]));
  const [, , last] = pushed;
  expect(new Set(readdirSync(agent.dir.parts))).toEqual(new Set(last?.parts.keys()));
});
