import { hash } from 'node:crypto';

import { hashContent } from '@gatehouse/policy/documents/content-hash';
import { IndexPart, Manifest } from '@gatehouse/policy/documents/manifest';

import { MAX_REQUESTED_PARTS, type ManifestPush, type Part } from '../parts.ts';

/** What an agent holds of configurations, and what it lacks of the one that was pushed last. It trusts the hub: signatures are not checked. */
export class FakeParts {
  /** whole parts by their hash */
  readonly held = new Map<string, Buffer>();
  push: ManifestPush | null = null;
  #roots: string[] = [];
  #pieces: Buffer[] = [];

  /** What it says it applied. */
  get applied(): { version: number; contentHash: string } {
    const { version, roots } = this.readManifest();
    return { version, contentHash: hashContent(roots) };
  }

  /** The manifest that was pushed last. */
  readManifest(): Manifest {
    return Manifest.parse(this.push && JSON.parse(Buffer.from(this.push.manifest.payload, 'base64').toString()));
  }

  open(push: ManifestPush): void {
    this.push = push;
    this.#roots = Object.values(this.readManifest().roots);
  }

  /** Takes a piece in. True when its part is whole; throws when that is not what its name says. */
  take({ hash: name, index, of, data }: Part): boolean {
    if (index === 0) this.#pieces = [];
    this.#pieces.push(Buffer.from(data, 'base64'));
    if (index + 1 < of) return false;
    const bytes = Buffer.concat(this.#pieces);
    if (hash('sha256', bytes) !== name) throw new Error(`Part ${name} has other bytes`);
    this.held.set(name, bytes);
    return true;
  }

  /** The hashes of the next request: indexes first, then what they name. None when everything is there. */
  listMissing(): string[] {
    const roots = this.#roots.filter((name) => !this.held.has(name));
    return (roots.length > 0 ? roots : this.#listLeaves().filter((name) => !this.held.has(name))).slice(0, MAX_REQUESTED_PARTS);
  }

  #listLeaves(): string[] {
    return this.#roots.flatMap((name) => {
      return IndexPart.parse(JSON.parse(String(this.held.get(name)))).entries.map(([, leaf]) => leaf);
    });
  }
}
