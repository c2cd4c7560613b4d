import { hash as computeHash, randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';

import { expect, test } from 'vitest';

import type { SnapshotClientKey } from '@gatehouse/policy/documents/snapshot';
import { makeClientKey } from '@gatehouse/policy/testing/build';
import { makeParts, type BuiltParts } from '@gatehouse/policy/testing/build-parts';
import { TestKey } from '@gatehouse/protocol/testing/test-key';

import { makeContent, withIndex, withLeaf } from '../support/control-plane/part-content.ts';
import { cutPart, listPieces, type PartHub } from '../support/control-plane/part-hub.ts';
import { TestSite } from '../support/control-plane/site.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';

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
