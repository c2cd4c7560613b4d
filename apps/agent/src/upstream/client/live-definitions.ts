import { hash } from 'node:crypto';

import { NOTIFICATION } from '../../wire/protocol.ts';
import type { ListedKind } from './list-pages.ts';
import { LiveList, type Freshness, type Listing, type LiveListOptions, type RoundedPins } from './live-list.ts';

/** What a server defines under one name. */
export interface LiveDefinition {
  /** steady pin; undefined: it does not offer that name; null: it offers several of that name */
  pin: string | null | undefined;
  /** steady pin without the texts that its approval ignores; undefined: it ignores none */
  wordless: string | undefined;
  /** as approvals of before have it, where it has numbers that no double keeps */
  rounded: RoundedPins | undefined;
  /** the server lists more than was read, so what was not found may still be there */
  more: boolean;
  /** how long ago the listing began, milliseconds */
  listedMsAgo: number;
}

export interface LiveDefinitionsOptions extends Omit<LiveListOptions, 'ask' | 'onListed'> {
  ask: (kind: ListedKind, ...request: Parameters<LiveListOptions['ask']>) => ReturnType<LiveListOptions['ask']>;
  /** `digest` tells two lists apart */
  onListed: (kind: ListedKind, digest: string) => void;
}

/** Which lists a notification is about. */
const CHANGED: ReadonlyMap<string, readonly ListedKind[]> = new Map([
  [NOTIFICATION.toolsChanged, ['tool']],
  [NOTIFICATION.promptsChanged, ['prompt']],
  [NOTIFICATION.resourcesChanged, ['resource', 'template']],
]);

/** What a server defines at this moment, as far as it was listed over one connection, which is the one that the calls take. */
export class LiveDefinitions {
  readonly #readClock: () => number;
  readonly #lists: Readonly<Record<ListedKind, LiveList>>;

  /** Begins to list the tools; the other lists are asked for when they are needed. */
  constructor({ ask, onListed, ...options }: LiveDefinitionsOptions) {
    const open = (kind: ListedKind) =>
      new LiveList(kind, {
        ...options,
        ask: (...request) => ask(kind, ...request),
        onListed: (listing) => onListed(kind, computeDigest(listing)),
      });
    this.#readClock = options.readClock;
    this.#lists = { tool: open('tool'), prompt: open('prompt'), resource: open('resource'), template: open('template') };
    void this.#lists.tool.refresh();
  }

  /** Waits for a listing when the last one is too old for such a call, or the server has announced a change since it began. */
  find(kind: ListedKind, name: string, freshness: Freshness): LiveDefinition | Promise<LiveDefinition> {
    const listing = this.#lists[kind].getListing(freshness);
    return listing instanceof Promise ? listing.then((listed) => this.#read(listed, name)) : this.#read(listing, name);
  }

  /** The server said that a list has changed. Other notifications change nothing. */
  noteNotification(method: string): void {
    for (const kind of CHANGED.get(method) ?? []) this.#lists[kind].invalidate();
  }

  /** Changes may have been missed, or a definition is in doubt. */
  invalidate(kinds: readonly ListedKind[] = ['tool', 'prompt', 'resource', 'template']): void {
    for (const kind of kinds) this.#lists[kind].invalidate();
  }

  #read({ pins, wordless, rounded, more, beganAt }: Listing, name: string): LiveDefinition {
    return {
      pin: pins.get(name),
      wordless: wordless.get(name),
      rounded: rounded.get(name),
      more,
      listedMsAgo: this.#readClock() - beganAt,
    };
  }
}

/** The same for the same definitions, in whatever order they were listed, and however those are worded whose words are ignored. */
function computeDigest({ pins, wordless }: Listing): string {
  const lines = Array.from(pins, ([name, pin]) => JSON.stringify([name, pin === null ? null : (wordless.get(name) ?? pin)]));
  return hash('sha256', lines.toSorted().join());
}
