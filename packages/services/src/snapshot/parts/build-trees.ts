import { hash } from 'node:crypto';

import type { TenantTx } from '@gatehouse/db/tenant';
import { BUCKET_IDS, type EncodedPart, toBucket } from '@gatehouse/policy/documents/manifest';

import { type LeafSource, listCatalogueLeaves } from './catalogue-parts.ts';
import { listAccessParts, listKeysParts } from './people-parts.ts';
import type { SiteRef } from './site-ref.ts';
import { encodeBounded, type Leaves, type Part, type Trees } from './tree.ts';

/** What may have changed since the newest version of a site; without anything the same is signed again. */
export interface Change {
  /** profiles, servers, and decisions on what they offer */
  catalogue?: boolean;
  /** whose access */
  people?: readonly string[] | 'all';
  /** client keys */
  keys?: readonly string[] | 'all';
}

export const EVERYTHING: Change = { catalogue: true, people: 'all', keys: 'all' };

/** The trees of a site, and the leaves of them that were not in those before. */
export interface Built {
  trees: Trees;
  parts: EncodedPart[];
}

/** Builds what may have changed and takes over the rest, so that the cost of one key does not grow with the tenant. */
export async function buildTrees(tx: TenantTx, site: SiteRef, change: Change, before: Trees): Promise<Built> {
  const parts: EncodedPart[] = [];
  const people = listBuckets(change.people);
  const keys = listBuckets(change.keys);
  const catalogue = change.catalogue ? await listCatalogueLeaves(tx, site) : null;
  const trees: Trees = {
    access: replaceBuckets(before.access, people, await listAccessParts(tx, site, people), parts),
    keys: replaceBuckets(before.keys, keys, await listKeysParts(tx, site, keys), parts),
    profiles: catalogue ? await buildLeaves(site, catalogue.profiles, before.profiles, parts) : before.profiles,
    servers: catalogue ? await buildLeaves(site, catalogue.servers, before.servers, parts) : before.servers,
  };
  return { trees, parts };
}

function listBuckets(ids: readonly string[] | 'all' = []): readonly string[] {
  return ids === 'all' ? BUCKET_IDS : [...new Set(ids.map(toBucket))];
}

function replaceBuckets(
  before: Leaves,
  buckets: readonly string[],
  filled: ReadonlyMap<string, Part>,
  parts: EncodedPart[],
): Leaves {
  const leaves = new Map(before);
  for (const bucket of buckets) {
    const part = filled.get(bucket);
    if (part) addLeaf(leaves, bucket, encodeBounded(part), parts);
    else leaves.delete(bucket);
  }
  return leaves;
}

/** Replaces a leaf; it is a new part unless it was there already. */
function addLeaf(leaves: Map<string, string>, id: string, part: EncodedPart, parts: EncodedPart[], was = leaves.get(id)): void {
  if (part.hash !== was) parts.push(part);
  leaves.set(id, part.hash);
}

/**
 * Hash of the part by the state that it was built from. Documents and definitions never change under the version and the revision that the
 * state names, so they are read, parsed and hashed once in a process and not at every change of their site.
 */
const hashByState = new Map<string, string>();
const MAX_STATES = 50_000;
/** Leaves whose documents and definitions are read at once. */
const BATCH = 50;

async function buildLeaves<P extends Part>(
  { tenantId }: SiteRef,
  source: LeafSource<P>,
  before: Leaves,
  parts: EncodedPart[],
): Promise<Leaves> {
  const leaves = new Map<string, string>();
  const unknown = new Map<string, string>();
  for (const [id, state] of source.states) {
    const key = hash('sha256', JSON.stringify([tenantId, id, state]));
    const was = before.get(id);
    if (was !== undefined && hashByState.get(key) === was) leaves.set(id, was);
    else unknown.set(id, key);
  }
  for (const [id, part] of await buildInBatches(source, [...unknown.keys()])) {
    const encoded = encodeBounded(part);
    rememberHash(unknown.get(id) ?? '', encoded.hash);
    addLeaf(leaves, id, encoded, parts, before.get(id));
  }
  return leaves;
}

async function buildInBatches<P>(source: LeafSource<P>, ids: readonly string[]): Promise<[string, P][]> {
  const built: [string, P][] = [];
  for (let start = 0; start < ids.length; start += BATCH) built.push(...(await source.build(ids.slice(start, start + BATCH))));
  return built;
}

function rememberHash(key: string, partHash: string): void {
  const [oldest] = hashByState.keys();
  if (oldest !== undefined && hashByState.size >= MAX_STATES) hashByState.delete(oldest);
  hashByState.set(key, partHash);
}
