import { hash, randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { computePin } from '../../src/documents/content-hash.ts';
import { Bucket, encodePart, IndexPart, Manifest, ProfilePart, ServerPart, toBucket } from '../../src/documents/manifest.ts';
import { makeProfile, makeServer, makeTool } from '../../src/testing/build.ts';

const HASH = 'a'.repeat(64);

test('a part is named by the hash of its bytes, and the keys of a definition stay in the order of its server', () => {
  const server = makeServer();
  const { kind, name, pin, risk, logArguments, logResults, definition } = makeTool(server, { zebra: 1, apple: 2 });
  const part = ServerPart.parse({ server, entries: [{ kind, name, pin, definition, risk, logArguments, logResults }] });
  const { hash: named, bytes } = encodePart(part);
  expect(named).toBe(hash('sha256', bytes));
  expect(encodePart(ServerPart.parse(JSON.parse(bytes.toString())))).toEqual({ hash: named, bytes });
  expect(bytes.toString()).toMatch(/zebra.*apple/);
});

test('there are 64 buckets, by the last byte of an id', () => {
  const ids = Array.from({ length: 256 }, (_, byte) => `00000000-0000-4000-8000-0000000000${byte.toString(16).padStart(2, '0')}`);
  const buckets = new Set(ids.map(toBucket));
  expect(buckets.size).toBe(64);
  expect([...buckets].toSorted().at(-1)).toBe('3f');
  expect([...buckets].every((bucket) => Bucket.safeParse(bucket).success)).toBe(true);
  expect(Bucket.safeParse('40').success).toBe(false);
});

test.each([
  [
    'out of order',
    [
      ['01', HASH],
      ['00', HASH],
    ],
  ],
  [
    'twice the same',
    [
      ['01', HASH],
      ['01', HASH],
    ],
  ],
  ['no bucket', [['40', HASH]]],
  ['no hash', [['00', 'A'.repeat(64)]]],
])('an index is refused when its entries are %s', (_what, entries) => {
  expect(
    IndexPart.safeParse({
      kind: 'keys',
      entries: [
        ['00', HASH],
        ['3f', HASH],
      ],
    }).success,
  ).toBe(true);
  expect(IndexPart.safeParse({ kind: 'keys', entries }).success).toBe(false);
});

test('definitions stand with their server, and the profile has only the pin', () => {
  const server = makeServer();
  const { definition, risk, logArguments, logResults, ...published } = makeTool(server);
  const entry = { kind: 'tool', name: published.name, pin: published.pin, definition, risk, logArguments, logResults };
  expect(ServerPart.parse({ server, entries: [entry] })).toEqual({ server, entries: [entry] });
  expect(ServerPart.safeParse({ server, entries: [{ ...entry, risk: undefined }] }).success).toBe(false);

  const profile = makeProfile([]);
  const part = ProfilePart.parse({ ...profile, entries: [{ ...published, definition }] });
  expect(part.entries).toEqual([published]);
  expect(published.pin).toBe(computePin(definition));
});

test('a manifest is read only with all of its roots', () => {
  const roots = { servers: HASH, profiles: HASH, access: HASH, keys: HASH };
  const site = { tenantId: randomUUID(), tenantSlug: 'acme', siteId: randomUUID(), siteSlug: 'helsinki' };
  const manifest = { format: 1, ...site, version: 1, issuedAt: '2026-01-01T00:00:00Z', notAfter: '2026-01-15T00:00:00Z', roots };
  expect(Manifest.parse(manifest)).toEqual(manifest);
  expect(Manifest.safeParse({ ...manifest, roots: { ...roots, keys: undefined } }).success).toBe(false);
  expect(Manifest.safeParse({ ...manifest, version: 0 }).success).toBe(false);
});
