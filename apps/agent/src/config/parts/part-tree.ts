import { readJson } from '@gatehouse/policy/documents/json';
import { IndexPart, PartKind, type ManifestRoots } from '@gatehouse/policy/documents/manifest';

import { ConfigRefused } from '../refusal.ts';
import { describeIssues } from '../trust.ts';
import { makeUnreadable, readLeaf, type Leaf } from './leaf.ts';

/** Largest configuration, bytes of all its leaves. */
const MAX_CONFIG_BYTES = 64 * 1024 * 1024;

/** A leaf as an index names it; `leaf` is null while its part is not there. */
export interface NamedLeaf {
  id: string;
  hash: string;
  leaf: Leaf | null;
}

/**
 * The parts of one configuration while they are gathered: four indexes, and the leaves that these name. Nothing is deeper, so parts that name
 * each other lead nowhere.
 */
export class PartTree {
  readonly #roots: ManifestRoots;
  #known: ReadonlyMap<string, Leaf>;
  readonly #indexes = new Map<PartKind, IndexPart['entries']>();
  readonly #leaves = new Map<string, Leaf>();
  /** what is still to come, and as what it will be read */
  readonly #wanted: Map<string, PartKind>;
  #leafBytes = 0;

  /** `known`: leaves that were read before, by hash. Throws ConfigRefused. */
  constructor(roots: ManifestRoots, known: ReadonlyMap<string, Leaf>) {
    this.#roots = roots;
    this.#known = known;
    this.#wanted = new Map(PartKind.options.map((kind) => [roots[kind], kind]));
    if (this.#wanted.size < PartKind.options.length) throw new ConfigRefused('malformed', 'Two indexes are one part.');
  }

  /** Hashes of what is missing: indexes first, and once these are there leaves. */
  listWanted(): string[] {
    return [...this.#wanted.keys()];
  }

  /** Whether every index is there: without one of them nothing can be served. */
  hasIndexes(): boolean {
    return this.#indexes.size === PartKind.options.length;
  }

  /** Takes something that is wanted; its bytes have this hash. Throws ConfigRefused when it is an index that cannot be read, or too much. */
  take(hash: string, bytes: Buffer): void {
    const kind = this.#wanted.get(hash);
    if (!kind) return;
    this.#wanted.delete(hash);
    if (!this.hasIndexes()) this.#takeIndex(kind, bytes);
    else this.#takeLeaf(hash, readLeaf(kind, bytes));
  }

  /** Every hash that it is made of, as far as it is known. */
  listHashes(): string[] {
    return [...Object.values(this.#roots), ...[...this.#indexes.values()].flatMap((entries) => entries.map(([, hash]) => hash))];
  }

  getLeaves(): ReadonlyMap<string, Leaf> {
    return this.#leaves;
  }

  /** The leaves of a kind in the order of their index: each of that kind, in its own place, or unreadable. */
  listLeaves(kind: PartKind): NamedLeaf[] {
    return (this.#indexes.get(kind) ?? []).map(([id, hash]) => {
      const leaf = this.#leaves.get(hash) ?? null;
      return { id, hash, leaf: leaf && checkPlace(leaf, kind, id) };
    });
  }

  #takeIndex(kind: PartKind, bytes: Buffer): void {
    const { data, error } = IndexPart.safeParse(readJson(bytes.toString('utf8')));
    if (error) throw new ConfigRefused('malformed', `The index of ${kind} cannot be read: ${describeIssues(error)}`);
    if (data.kind !== kind) throw new ConfigRefused('malformed', `The index of ${kind} is one of ${data.kind}.`);
    this.#indexes.set(kind, data.entries);
    if (this.hasIndexes()) this.#addWantedLeaves();
  }

  #addWantedLeaves(): void {
    for (const [kind, entries] of this.#indexes) {
      for (const [, hash] of entries) {
        const known = this.#known.get(hash);
        if (known?.kind === kind) this.#takeLeaf(hash, known);
        else this.#wanted.set(hash, kind);
      }
    }
    this.#known = new Map();
  }

  #takeLeaf(hash: string, leaf: Leaf): void {
    if (!this.#leaves.has(hash)) this.#leafBytes += leaf.bytes;
    if (this.#leafBytes > MAX_CONFIG_BYTES) {
      throw new ConfigRefused('malformed', `The configuration is larger than ${MAX_CONFIG_BYTES} bytes.`);
    }
    this.#leaves.set(hash, leaf);
  }
}

function checkPlace(leaf: Leaf, kind: PartKind, id: string): Leaf {
  if (leaf.kind === 'unreadable') return leaf;
  if (leaf.kind !== kind) return makeUnreadable(leaf.bytes, 'it is a part of another kind');
  if (leaf.owner !== null && leaf.owner !== id) return makeUnreadable(leaf.bytes, `it belongs to ${leaf.owner}`);
  return leaf;
}
