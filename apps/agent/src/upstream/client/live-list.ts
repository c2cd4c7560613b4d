import { setImmediate as nextTurn } from 'node:timers/promises';

import { holdsExactNumber } from '@gatehouse/policy/compile/exact-keywords';
import { readEntryName } from '@gatehouse/policy/documents/catalogue-entry';
import { isJsonObject, isShallow, type JsonObject } from '@gatehouse/policy/documents/json';
import { computeSteadyPin } from '@gatehouse/policy/documents/steady-pin';
import { DEFINITION_LIMITS } from '@gatehouse/policy/limits/definition-limits';
import { roundDigits } from '@gatehouse/policy/schema/noted-digits';

import type { RpcAnswer } from '../../wire/json-rpc.ts';
import type { Era } from '../../wire/protocol.ts';
import { runToAnswer } from '../abort.ts';
import { createToldFailure, type TimedRequest } from '../failure.ts';
import type { IgnoredTexts } from '../ignored-texts.ts';
import type { McpRequest } from './connection.ts';
import { listPages, LISTS, type ListedKind } from './list-pages.ts';

/** `write`: of every call that may change something. */
export type Freshness = 'read' | 'write';

/** A call that may change something goes by a listing that began at most this long before it. */
const WRITE_MS = 5_000;
/** A call that only reads goes by one of at most this age, or of the time for which the server says that it holds, but never less than a write. */
const READ_MS = 5 * 60_000;
/** From this part of the time on, reads let the next listing begin while they go on. */
const RENEW_AT = 0.8;
/** Announcements often come several at once, so there is a pause between listings that follow one, which grows as long as they go on. */
const PAUSE_MS = { first: 100, growth: 4, longest: 5_000 };
/** Listings that one call waits for: one that began too early, one that a change overtook, and one more. */
const MOST_LISTINGS = 3;
/** Entries that are hashed before calls under way get their turn. */
const TURN = 200;

export interface LiveListOptions {
  /** of the protocol, which says what ends a list */
  era: Era;
  ask: (request: McpRequest) => Promise<RpcAnswer>;
  /** monotonic, milliseconds */
  readClock: () => number;
  /** a listing may take as long as a call, for a server that does one thing after the other */
  timed: TimedRequest;
  /** resolves after so many milliseconds */
  wait: (milliseconds: number, signal: AbortSignal) => Promise<unknown>;
  /** ends all listing */
  closing: AbortSignal;
  onListed: (listing: Listing) => void;
  /** a listing failed; those who wait for it are told as well */
  onFailed: (error: unknown) => void;
  /** what approvals ignore of the server's texts at this moment; left out: nothing */
  findIgnored?: (() => IgnoredTexts) | undefined;
}

/** What a server listed. */
export interface Listing {
  /** by name; null: the server defines several of that name, each otherwise */
  pins: ReadonlyMap<string, string | null>;
  /** by name, without the texts that approvals ignored when it was read; of most there is none */
  wordless: ReadonlyMap<string, string>;
  /** by name, those with numbers that no double keeps, as they were approved when every number was taken for a double */
  rounded: ReadonlyMap<string, RoundedPins>;
  /** `IgnoredTexts.digest` of that time */
  ignored: string;
  /** the server lists more than was read */
  more: boolean;
  /** monotonic, milliseconds: when its first page was asked for */
  beganAt: number;
  /** changes that the server had announced by then */
  announced: number;
  /** how long reads may go by it, milliseconds */
  readMs: number;
}

/** Steady pins of a definition whose numbers are rounded; `wordless`: without the texts that its approval ignores, where it ignores some. */
export interface RoundedPins {
  pin: string;
  wordless: string | undefined;
}

/** One list of a server, asked for again when a call needs it newer than it is. One listing is under way at most, whoever waits for it. */
export class LiveList {
  readonly #kind: ListedKind;
  readonly #options: LiveListOptions;
  #known: Listing | null = null;
  #listing: Promise<Listing> | null = null;
  #announced = 0;
  /** when it was listed last because of an announced change, and the pause before that */
  #followed = { at: Number.NEGATIVE_INFINITY, pause: 0 };

  constructor(kind: ListedKind, options: LiveListOptions) {
    this.#kind = kind;
    this.#options = options;
  }

  /** The server announced a change: what was listed before, or is being listed, counts no more. */
  invalidate(): void {
    this.#announced += 1;
  }

  /** A listing that is fresh enough for a call made now: at once when there is one. Rejects with UpstreamFailure or its cause. */
  getListing(freshness: Freshness): Listing | Promise<Listing> {
    const now = this.#options.readClock();
    const known = this.#known;
    if (!known || !this.#isOfNow(known)) return this.#waitFor(freshness, now);
    const age = now - known.beganAt;
    if (age > getWindow(known, freshness)) return this.#waitFor(freshness, now);
    if (age > known.readMs * RENEW_AT) void this.refresh();
    return known;
  }

  /** Begins a listing unless one is under way. Nobody need wait for it. */
  refresh(): Promise<Listing> {
    if (this.#listing) return this.#listing;
    const listing = this.#list();
    this.#listing = listing;
    listing.then(
      (listed) => {
        this.#listing = null;
        this.#known = listed;
        this.#options.onListed(listed);
      },
      (error: unknown) => {
        this.#listing = null;
        this.#options.onFailed(error);
      },
    );
    return listing;
  }

  /** Nothing was announced since it began, and it was read by what approvals ignore now. */
  #isOfNow({ announced, ignored }: Listing): boolean {
    return announced === this.#announced && ignored === (this.#options.findIgnored?.().digest ?? '');
  }

  async #waitFor(freshness: Freshness, askedAt: number): Promise<Listing> {
    for (let times = 1; ; times += 1) {
      const listing = await this.refresh();
      const isNew = listing.beganAt >= askedAt - getWindow(listing, freshness);
      if (isNew && this.#isOfNow(listing)) return listing;
      if (times < MOST_LISTINGS) continue;
      if (freshness === 'read') return listing;
      throw createToldFailure('tool_not_approved', 'The server announces changes without end.');
    }
  }

  async #list(): Promise<Listing> {
    const { era, ask, readClock, timed, closing } = this.#options;
    if (this.#known && this.#known.announced !== this.#announced) await this.#pauseBetweenAnnouncements();
    const [beganAt, announced] = [readClock(), this.#announced];
    const list = (signal: AbortSignal, onNoRoom: McpRequest['onNoRoom']) =>
      listPages({ ...LISTS[this.#kind], most: Infinity }, era, (method, params) => ask({ method, params, signal, onNoRoom }));
    const { entries, cut, ttlMs } = await runToAnswer(timed, closing, list);
    const readMs = Math.min(READ_MS, Math.max(WRITE_MS, ttlMs));
    const read = await readPins(this.#kind, entries, this.#options.findIgnored?.());
    return { ...read, more: cut !== null, beganAt, announced, readMs };
  }

  async #pauseBetweenAnnouncements(): Promise<void> {
    const { readClock, wait, closing } = this.#options;
    const { first, growth, longest } = PAUSE_MS;
    const { at, pause } = this.#followed;
    const passed = readClock() - at;
    const next = passed > longest ? 0 : Math.min(longest, Math.max(first, pause * growth));
    if (next > passed) await wait(next - passed, closing);
    this.#followed = { at: readClock(), pause: next };
  }
}

function getWindow({ readMs }: Listing, freshness: Freshness): number {
  return freshness === 'write' ? WRITE_MS : readMs;
}

async function readPins(
  kind: ListedKind,
  entries: readonly unknown[],
  texts?: IgnoredTexts,
): Promise<Pick<Listing, 'pins' | 'wordless' | 'rounded' | 'ignored'>> {
  const pins = new Map<string, string | null>();
  const wordless = new Map<string, string>();
  const rounded = new Map<string, RoundedPins>();
  for (const [index, entry] of entries.entries()) {
    if (index > 0 && index % TURN === 0) await nextTurn();
    if (!isJsonObject(entry) || !isShallow(entry, DEFINITION_LIMITS.depth)) continue;
    const name = readEntryName(kind, entry);
    const pin = tryComputePin(kind, entry);
    // two of one name: which one a call would reach is chance; the same one on two pages is one
    pins.set(name, pins.has(name) && pins.get(name) !== pin ? null : pin);
    const ignored = texts?.get({ kind, name });
    if (ignored) wordless.set(name, tryComputePin(kind, entry, ignored));
    if (!holdsExactNumber(entry)) continue;
    const plain = roundDigits(entry);
    rounded.set(name, { pin: tryComputePin(kind, plain), wordless: ignored && tryComputePin(kind, plain, ignored) });
  }
  return { pins, wordless, rounded, ignored: texts?.digest ?? '' };
}

/** Empty, which fits no approval, for what has no canonical form. */
function tryComputePin(kind: ListedKind, entry: JsonObject, ignored?: readonly string[]): string {
  try {
    return computeSteadyPin(kind, entry, ignored);
  } catch {
    return '';
  }
}
