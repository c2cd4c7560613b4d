import { hash as computeHash } from 'node:crypto';

import { encodePart, type IndexPart, type ManifestRoots } from '@gatehouse/policy/documents/manifest';
import type { SnapshotClientKey } from '@gatehouse/policy/documents/snapshot';
import { makeClientKey, makeProfile, makeServer, makeTool } from '@gatehouse/policy/testing/build';
import { type BuiltParts } from '@gatehouse/policy/testing/build-parts';

import type { TestSite } from './site.ts';

/** Two servers, each with a profile and a key. */
export function makeContent() {
  const servers = [makeServer(), makeServer({ slug: 'crm', name: 'CRM' })];
  const profiles = servers.map((server) =>
    makeProfile([makeTool(server, { name: `${server.slug}.get` })], { slug: server.slug }),
  );
  const clientKeys = profiles.map((profile) => makeClientKey(profile).key);
  return { servers, profiles, clientKeys };
}

/** A key whose part is another one than those of these keys. */
export function makeOtherKey(profile: { id: string }, keys: readonly SnapshotClientKey[]): SnapshotClientKey {
  for (;;) {
    const { key } = makeClientKey(profile);
    const isApart = keys.every(({ keyId, personId }) => [keyId, personId].every((id) => !id.endsWith(key.keyId.slice(-2))));
    if (isApart && keys.every(({ personId }) => !key.personId.endsWith(personId.slice(-2)))) return key;
  }
}

export type Agent = ReturnType<TestSite['startAgent']>;
export const listTools = ({ current }: Agent, slug: string) =>
  current
    .get()
    ?.compiled.profilesBySlug.get(slug)
    ?.lists.tools.map(({ name }) => name);
export const listKeys = ({ current }: Agent) => [...(current.get()?.compiled.clientKeysByHash.keys() ?? [])].toSorted();
export const listHashes = (keys: readonly SnapshotClientKey[]) => keys.map(({ hash }) => hash).toSorted();

export const findPart = ({ parts }: BuiltParts, wanted: string): string => {
  const [hash] = [...parts].find(([, bytes]) => bytes.includes(wanted) && !bytes.includes('"kind":"servers"')) ?? [];
  if (hash === undefined) throw new Error(`no part with ${wanted}`);
  return hash;
};

/** The same parts but for one index. */
export function withIndex(
  built: BuiltParts,
  kind: keyof ManifestRoots,
  change: (entries: [string, string][]) => [string, string][],
) {
  const index = JSON.parse(String(built.parts.get(built.roots[kind]))) as IndexPart;
  const { hash, bytes } = encodePart({ ...index, entries: change(index.entries) });
  return { roots: { ...built.roots, [kind]: hash }, parts: new Map([...built.parts, [hash, bytes]]) };
}

export function withLeaf(built: BuiltParts, kind: keyof ManifestRoots, at: number, bytes: Buffer) {
  const hash = computeHash('sha256', bytes);
  const replaced = withIndex(built, kind, (entries) => entries.map(([id, old], n) => [id, n === at ? hash : old]));
  return { ...replaced, parts: new Map([...replaced.parts, [hash, bytes]]) };
}
