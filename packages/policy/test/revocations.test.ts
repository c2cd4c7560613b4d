import { randomUUID } from 'node:crypto';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { compileSnapshot } from '../src/compile/compile-snapshot.ts';
import { removeBarred } from '../src/compile/remove-barred.ts';
import { computeLogRoot, findPruneTime, readIssueTime, type ReadableRevocation } from '../src/documents/revocation.ts';
import { Revocations } from '../src/revocations.ts';
import { makeProfile, makeServer, makeSnapshot, makeTool } from '../src/testing/build.ts';

const NOON = Date.parse('2026-11-28T12:00:00Z');
const tenantId = randomUUID();
const [server, other] = [makeServer(), makeServer({ slug: 'other', name: 'Other' })];
const personId = randomUUID();

function build(
  act: string,
  subject: ReadableRevocation['subject'],
  overrides: Partial<ReadableRevocation> = {},
): ReadableRevocation {
  return { format: 1, id: randomUUID(), tenantId, at: new Date(NOON).toISOString(), act, subject, ...overrides };
}

function fold(...entries: ReadableRevocation[]): Revocations {
  const revocations = new Revocations();
  entries.forEach((entry) => revocations.add(entry));
  return revocations;
}

/** Id of a key that was issued at this time, milliseconds since the epoch. */
function makeKeyId(issuedAt: number): string {
  const hex = issuedAt.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${randomUUID().slice(15)}`;
}

test('what has ended stays ended: a lift of it is void', () => {
  const end = build('end', { kind: 'key', id: 'k' });
  const lift = build('lift', { kind: 'key', id: 'k' }, { of: end.id, at: new Date(NOON + 1).toISOString() });
  expect(fold(end, lift).isBarred({ kind: 'key', id: 'k' }, NOON + 2)).toBe(true);
});

test("a person's `before` ends every key that was issued until then, and none that came later", () => {
  const revocations = fold(build('before', { kind: 'person', id: personId }));
  const isRevoked = (keyId: string, owner = personId) => revocations.isKeyRevoked({ keyId, personId: owner }, NOON + 10);
  expect(isRevoked(makeKeyId(NOON - 1))).toBe(true);
  expect(isRevoked(makeKeyId(NOON))).toBe(true);
  expect(isRevoked(makeKeyId(NOON + 1))).toBe(false);
  expect(isRevoked(makeKeyId(NOON - 1), randomUUID())).toBe(false);
});

test('what ended sessions is forgotten in time and still counts, because what is open remembers the count', () => {
  const [day, keyId] = [24 * 3_600_000, makeKeyId(NOON - 1)];
  const until = new Date(NOON + day).toISOString();
  const byPerson = build('before', { kind: 'session', id: personId }, { until });
  const byKey = build('before', { kind: 'session', id: keyId });
  expect([byPerson, byKey].map(findPruneTime)).toEqual([NOON + day, Infinity]);
  const revocations = fold(byPerson, byKey);
  revocations.prune(NOON + day);
  expect(revocations.countSessionEnds({ keyId, personId })).toBe(2);
  revocations.add(build('before', { kind: 'session', id: personId }, { until }));
  expect(revocations.countSessionEnds({ keyId, personId })).toBe(3);
});

test('the sessions of a key are ended by the key and by its person, once by each entry, and the key goes on', () => {
  const [byKey, byPerson] = [build('before', { kind: 'session', id: 'k' }), build('before', { kind: 'session', id: personId })];
  const count = (keyId: string, ...entries: ReadableRevocation[]) => fold(...entries).countSessionEnds({ keyId, personId });
  expect([count('k'), count('k', byKey), count('k', byKey, byPerson), count('k', byKey, byKey, byPerson)]).toEqual([0, 1, 2, 2]);
  expect([count('other', byKey), count('other', byPerson)]).toEqual([0, 1]);
  const keyId = makeKeyId(NOON - 1);
  expect(fold(build('before', { kind: 'session', id: keyId }), byPerson).isKeyRevoked({ keyId, personId }, NOON + 1)).toBe(false);
});

test('a key whose id does not tell when it was issued is older than every `before`', () => {
  expect(readIssueTime(randomUUID())).toBeNull();
  const revocations = fold(build('before', { kind: 'person', id: personId }, { at: '1971-01-01T00:00:00Z' }));
  expect(revocations.isKeyRevoked({ keyId: randomUUID(), personId }, NOON)).toBe(true);
});

test('a later `before` counts, whichever came first', () => {
  const subject = { kind: 'person', id: personId };
  const [early, late] = [build('before', subject), build('before', subject, { at: new Date(NOON + 100).toISOString() })];
  for (const order of [
    [early, late],
    [late, early],
  ]) {
    expect(fold(...order).isKeyRevoked({ keyId: makeKeyId(NOON + 50), personId }, NOON + 200)).toBe(true);
  }
});

test('a stop is over at its end or with a lift of it, not with the lift of another or an earlier one', () => {
  const subject = { kind: 'server', id: server.id };
  const stop = build('stop', subject, { until: new Date(NOON + 1_000).toISOString() });
  const isBarred = (now: number, ...more: ReadableRevocation[]) => fold(stop, ...more).isBarred(subject, now);
  expect([isBarred(NOON), isBarred(NOON + 999), isBarred(NOON + 1_000)]).toEqual([true, true, false]);
  expect(isBarred(NOON, build('lift', subject, { of: stop.id }))).toBe(false);
  expect(isBarred(NOON, build('lift', subject))).toBe(true);
  expect(isBarred(NOON, build('lift', subject, { of: randomUUID() }))).toBe(true);
  expect(isBarred(NOON, build('lift', { kind: 'server', id: other.id }, { of: stop.id }))).toBe(true);
  expect(isBarred(NOON, build('lift', subject, { of: stop.id, at: new Date(NOON - 1).toISOString() }))).toBe(true);
  expect(isBarred(NOON, build('lift', subject, { of: stop.id }), build('stop', subject))).toBe(true);
  expect(fold(stop).findNextEnd(NOON)).toBe(NOON + 1_000);
  expect(fold(stop).findNextEnd(NOON + 1_000)).toBeNull();
});

test('two entries with one id and different contents both count', () => {
  const id = randomUUID();
  const revocations = fold(build('end', { kind: 'key', id: 'a' }, { id }), build('end', { kind: 'key', id: 'b' }, { id }));
  expect(['a', 'b', 'c'].map((key) => revocations.isBarred({ kind: 'key', id: key }, NOON))).toEqual([true, true, false]);
});

test('the order of arrival and repetitions change nothing', () => {
  const subjects = [
    { kind: 'key', id: 'k' },
    { kind: 'server', id: 's' },
    { kind: 'tool', id: 's', name: 't' },
    { kind: 'person', id: personId },
    { kind: 'planet', id: 'mars' },
  ];
  const ids = [randomUUID(), randomUUID(), randomUUID()];
  const entry = fc
    .record({
      act: fc.constantFrom('end', 'before', 'stop', 'lift', 'paint'),
      subject: fc.constantFrom(...subjects),
      id: fc.constantFrom(...ids),
      of: fc.constantFrom(...ids),
      at: fc.integer({ min: NOON - 3, max: NOON + 3 }),
      until: fc.option(fc.integer({ min: NOON - 3, max: NOON + 3 }), { nil: undefined }),
    })
    .map(({ act, subject, at, until, ...rest }) =>
      build(act, subject, { ...rest, at: new Date(at).toISOString(), ...(until && { until: new Date(until).toISOString() }) }),
    );
  const look = (revocations: Revocations) => [
    ...subjects.map((subject) => revocations.isBarred(subject, NOON)),
    revocations.isKeyRevoked({ keyId: makeKeyId(NOON), personId }, NOON),
    revocations.findNextEnd(NOON),
  ];
  fc.assert(
    fc.property(
      fc
        .array(entry, { maxLength: 8 })
        .chain((list) => fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 }))),
      ([list, shuffled]) => {
        expect(look(fold(...shuffled))).toEqual(look(fold(...list)));
      },
    ),
  );
});

test('acts and subjects of a newer version change nothing', () => {
  const revocations = fold(build('paint', { kind: 'key', id: 'k' }), build('end', { kind: 'planet', id: 'k' }));
  expect(revocations.isBarred({ kind: 'key', id: 'k' }, NOON)).toBe(false);
});

test('barred servers, tools and profiles are as if they were not configured; the rest is the same', () => {
  const tools = [makeTool(server, { name: 'a' }), makeTool(server, { name: 'b' }), makeTool(other, { name: 'c' })];
  const [support, second] = [makeProfile(tools), makeProfile([tools[2]!], { slug: 'second' })];
  const compiled = compileSnapshot(makeSnapshot({ servers: [server, other], profiles: [support, second] }));
  const narrow = (...entries: ReadableRevocation[]) => removeBarred(compiled, fold(...entries), NOON);
  const listTools = (config: typeof compiled) => [...(config.profilesBySlug.get('support')?.tools.keys() ?? [])];

  expect(narrow(build('stop', { kind: 'server', id: randomUUID() }))).toBe(compiled);
  const withoutServer = narrow(build('stop', { kind: 'server', id: server.id }));
  expect(listTools(withoutServer)).toEqual(['c']);
  expect(withoutServer.profilesBySlug.get('support')?.lists.tools.map(({ name }) => name)).toEqual(['c']);
  expect([...withoutServer.serversById.keys()]).toEqual([other.id]);
  expect(withoutServer.profilesBySlug.get('second')).toBe(compiled.profilesBySlug.get('second'));
  expect(listTools(narrow(build('stop', { kind: 'tool', id: server.id, name: 'a' })))).toEqual(['b', 'c']);
  const withoutProfile = narrow(build('stop', { kind: 'profile', id: support.id }));
  expect([...withoutProfile.profilesBySlug.keys()]).toEqual(['second']);
  expect([...withoutProfile.profilesById.keys()]).toEqual([second.id]);
});

test('the root of a log is one of its set', () => {
  const hashes = ['aa', 'bb'].map((byte) => byte.repeat(32));
  expect(computeLogRoot([])).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(computeLogRoot(hashes)).not.toBe(computeLogRoot(hashes.slice(1)));
});
