import type { ManifestRoots } from '@gatehouse/policy/documents/manifest';
import type { Part } from '@gatehouse/protocol/parts';

import { PartStore } from '../../state/part-store.ts';
import type { StateDir } from '../../state/state-dir.ts';
import type { Guardrails } from '../guardrails/guardrails.ts';
import { ConfigRefused, createStorageRefusal } from '../refusal.ts';
import { assembleConfig, type Assembled } from './assemble.ts';
import { PartFetch, type PartFetchOptions } from './part-fetch.ts';
import { PartTree } from './part-tree.ts';

/** How the parts of a push are asked for. */
export type PartSource = Pick<PartFetchOptions, 'nonce' | 'send'>;

/** A configuration whose parts were gathered. */
export interface Gathered extends Assembled {
  tree: PartTree;
}

/**
 * The configuration as parts: those of the one in force are kept as they were read, so that the next one costs what has changed. Bytes of
 * parts are on the disk only.
 */
export class ConfigParts {
  readonly #dir: StateDir;
  readonly #guardrails: Guardrails;
  readonly #store: PartStore;
  #inForce: Gathered | null = null;
  #fetch: PartFetch | null = null;

  constructor(dir: StateDir, guardrails: Guardrails) {
    this.#dir = dir;
    this.#guardrails = guardrails;
    this.#store = new PartStore(dir);
  }

  /** What of a stored configuration is on the disk. Throws ConfigRefused when that is not enough to serve anything. */
  gatherStored(roots: ManifestRoots): Gathered {
    const tree = new PartTree(roots, new Map());
    // the indexes, then the leaves that they name
    for (const _level of ['index', 'leaf']) this.#takeStored(tree);
    if (!tree.hasIndexes()) throw new ConfigRefused('storage', 'Parts of it are missing or damaged.');
    return this.#assemble(tree);
  }

  /** Everything of a pushed configuration: what is not here is fetched. Rejects with ConfigRefused or FetchAbandoned. */
  async gather(roots: ManifestRoots, source: PartSource): Promise<Gathered> {
    const tree = new PartTree(roots, this.#inForce?.tree.getLeaves() ?? new Map());
    const fetch = new PartFetch({
      ...source,
      onPart: async (hash, bytes) => {
        tree.take(hash, bytes);
        await this.#guardStorage(this.#store.write(hash, bytes));
      },
    });
    this.#fetch = fetch;
    try {
      for (const _level of ['index', 'leaf']) {
        this.#takeStored(tree);
        await fetch.fetch(tree.listWanted());
      }
      await this.#guardStorage(this.#store.flush());
      return this.#assemble(tree);
    } finally {
      this.#fetch = null;
      // what failed is told already, and what is still being written must not meet the next push
      await this.#store.flush().catch(() => undefined);
    }
  }

  /** Hands a part to whoever waits for it. False when nobody does. */
  async takePart(part: Part): Promise<boolean> {
    if (this.#fetch?.nonce !== part.nonce) return false;
    await this.#fetch.take(part);
    return true;
  }

  /** Whoever waits for parts waits no longer. */
  endFetch(reason: Error): void {
    this.#fetch?.end(reason);
  }

  /** The stored configuration is in force. */
  resume(gathered: Gathered): void {
    this.#inForce = gathered;
  }

  /** A new configuration is in force; its parts and those of the one before it stay on the disk. Null: it is not one of parts. */
  replace(gathered: Gathered | null): void {
    const before = this.#inForce;
    this.#inForce = gathered;
    this.#store.keepOnly(new Set(gathered ? [before, gathered].flatMap((kept) => kept?.tree.listHashes() ?? []) : []));
  }

  #assemble(tree: PartTree): Gathered {
    return { ...assembleConfig(tree, this.#guardrails, this.#inForce?.profiles ?? new Map()), tree };
  }

  #takeStored(tree: PartTree): void {
    for (const hash of tree.listWanted()) {
      const bytes = this.#store.read(hash);
      if (bytes) tree.take(hash, bytes);
    }
  }

  async #guardStorage(writing: Promise<void>): Promise<void> {
    await writing.catch((error: unknown) => {
      throw createStorageRefusal(error, this.#dir);
    });
  }
}
