import { hash } from 'node:crypto';

import * as z from 'zod';

import { CatalogueEntry } from './catalogue-entry.ts';
import { Risk, Slug } from './definition.ts';
import { Approving, Ending, FieldPointer, PublishedProfile, SnapshotProfile } from './profile.ts';
import { Sha256 } from './sha256.ts';
import { SnapshotClientKey, SnapshotServer } from './snapshot.ts';

/** Largest part, bytes. */
export const MAX_PART_BYTES = 32 * 1024 * 1024;
/** People and keys are spread over so many buckets, so that one of them moves only what stands in its bucket. */
const BUCKETS = 64;

/** Names a part: SHA-256 over its raw bytes. */
export const PartHash = Sha256;

/** Where a person or a key stands. */
export const Bucket = z.string().regex(/^[0-3][0-9a-f]$/, 'must be two hex digits below 40');

/** All of them, in order. */
export const BUCKET_IDS: readonly string[] = Array.from({ length: BUCKETS }, (_, bucket) => toHex(bucket));

/** The bucket of a uuid, by its last byte. */
export function toBucket(id: string): string {
  return toHex(Number.parseInt(id.slice(-2), 16) % BUCKETS);
}

/** The four halves of a configuration, each an index of parts. */
export const PartKind = z.enum(['servers', 'profiles', 'access', 'keys']);
export type PartKind = z.infer<typeof PartKind>;

/** The hash of each index. What is served is the same exactly when these are. */
export const ManifestRoots = z.object({ servers: PartHash, profiles: PartHash, access: PartHash, keys: PartHash });
export type ManifestRoots = z.infer<typeof ManifestRoots>;

/** The configuration of a site, as signed: it names the parts, which are fetched apart, by their hashes. */
export const Manifest = z.object({
  format: z.literal(1),
  tenantId: z.uuid(),
  tenantSlug: Slug,
  siteId: z.uuid(),
  siteSlug: Slug,
  /** only ever grows, per site */
  version: z.int().positive(),
  issuedAt: z.iso.datetime(),
  /** end of the lease */
  notAfter: z.iso.datetime(),
  roots: ManifestRoots,
});
export type Manifest = z.infer<typeof Manifest>;

const defineIndex = <Kind extends PartKind, Id extends z.ZodString | z.ZodUUID>(kind: Kind, id: Id, max: number) =>
  z.object({
    kind: z.literal(kind),
    /** by id, ascending */
    entries: z
      .array(z.tuple([id, PartHash]))
      .max(max)
      .refine(isAscending, 'The entries of an index are in the order of their ids, each once'),
  });

/** The leaves of one kind. */
export const IndexPart = z.discriminatedUnion('kind', [
  defineIndex('servers', z.uuid(), 1_000),
  defineIndex('profiles', z.uuid(), 1_000),
  defineIndex('access', Bucket, BUCKETS),
  defineIndex('keys', Bucket, BUCKETS),
]);
export type IndexPart = z.infer<typeof IndexPart>;

const [CatalogueTool, CataloguePrompt, CatalogueResource, CatalogueTemplate, CatalogueInstructions] = CatalogueEntry.options;

/** An entry of a server that some profile of the site uses, its pin approved: the one place where its definition stands. */
export const ServerEntry = z.discriminatedUnion('kind', [
  CatalogueTool.extend({
    risk: Risk,
    logArguments: z.array(FieldPointer).max(64),
    logResults: z.array(FieldPointer).max(64),
    ...Approving,
  }),
  CataloguePrompt.extend(Approving),
  CatalogueResource.extend(Approving),
  CatalogueTemplate.extend(Approving),
  CatalogueInstructions.extend(Ending),
]);
export type ServerEntry = z.infer<typeof ServerEntry>;

/** A server and what is used of it, by kind and name. */
export const ServerPart = z.object({ server: SnapshotServer, entries: z.array(ServerEntry).max(8_000) });
export type ServerPart = z.infer<typeof ServerPart>;

/** A published profile. An entry is served when the part of its server holds the same kind, name and pin. */
export const ProfilePart = SnapshotProfile.extend({ entries: PublishedProfile.shape.entries });
export type ProfilePart = z.infer<typeof ProfilePart>;

/** Who may use what, for the people of a bucket: each with the ids of profiles, in ascending order. */
export const AccessPart = z.object({
  grants: z.array(z.tuple([z.uuid(), z.array(z.uuid()).max(1_000)])).max(100_000),
});
export type AccessPart = z.infer<typeof AccessPart>;

/** The keys of a bucket, by id. A key works while its person may use its profile. */
export const KeysPart = z.object({ keys: z.array(SnapshotClientKey).max(100_000) });
export type KeysPart = z.infer<typeof KeysPart>;

/** A part as it is stored and sent. */
export interface EncodedPart {
  hash: string;
  bytes: Buffer<ArrayBuffer>;
}

/**
 * Names a part by its content. Parts are made in one order everywhere, so that the same content has the same hash at every site; it is not
 * the canonical one, because clients are given the keys of a definition in the order of its server.
 */
export function encodePart(part: IndexPart | ServerPart | ProfilePart | AccessPart | KeysPart): EncodedPart {
  const bytes = Buffer.from(JSON.stringify(part));
  return { hash: hash('sha256', bytes), bytes };
}

function toHex(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}

function isAscending(entries: readonly (readonly [string, string])[]): boolean {
  return entries.every(([id], index) => index === 0 || (entries[index - 1]?.[0] ?? '') < id);
}
