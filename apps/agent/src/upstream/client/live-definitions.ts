import { setTimeout as delay } from 'node:timers/promises';

import { hashContent } from '@gatehouse/policy/documents/canonical';
import { isJsonObject, isShallow, type JsonObject } from '@gatehouse/policy/documents/json';
import { DEFINITION_LIMITS } from '@gatehouse/policy/limits/definition-limits';

import type { RpcAnswer } from '../../wire/json-rpc.ts';
import { runWithin } from '../abort.ts';
import { listTools } from './list-pages.ts';

/** null: the server defines several tools of that name */
type Pins = ReadonlyMap<string, string | null>;

const LIST_TIMEOUT_MS = 20_000;
/** A server that announces changes without end is asked no more often than this. */
const MIN_INTERVAL_MS = 5_000;
/** A list older than this is asked for again while calls go on: not every server announces its changes. */
const MAX_AGE_MS = 5 * 60_000;

export interface LiveDefinitionsOptions {
  ask: (method: string, params: JsonObject, signal: AbortSignal) => Promise<RpcAnswer>;
  /** monotonic, milliseconds */
  readClock: () => number;
  /** ends all listing */
  closing: AbortSignal;
  /** the list could not be read again: nothing is known about the tools any more */
  onLost: (error: unknown) => void;
}

/** The pins of the tools that a server defines at this moment. */
export class LiveDefinitions {
  readonly #options: LiveDefinitionsOptions;
  #pins: Promise<Pins>;
  /** what the listing `from` resolved with: for as long as `from` is still `#pins`, a call reads the pins here and need not wait */
  #listed: { from: Promise<Pins>; pins: Pins } | null = null;
  #listedAt: number;
  #relistedAt = Number.NEGATIVE_INFINITY;
  #waiting = false;

  /** Starts the first listing. */
  constructor(options: LiveDefinitionsOptions) {
    this.#options = options;
    this.#listedAt = options.readClock();
    this.#pins = this.#keep(this.#list());
  }

  /**
   * Pin of the live definition; undefined when the server does not offer the tool, null when it offers several of that name. Waits for a
   * listing that a change has made necessary.
   */
  getPin(toolName: string): Promise<string | null | undefined> | string | null | undefined {
    const { readClock } = this.#options;
    if (readClock() - this.#listedAt > MAX_AGE_MS) this.#relistInBackground();
    if (this.#listed?.from === this.#pins) return this.#listed.pins.get(toolName);
    return this.#pins.then((pins) => pins.get(toolName));
  }

  /** The server announced a change: nothing is known about its tools until they are listed again. */
  invalidate(): void {
    if (this.#waiting) return;
    this.#pins = this.#keep(this.#relist());
  }

  #keep(listing: Promise<Pins>): Promise<Pins> {
    listing.then((pins) => {
      this.#listed = { from: listing, pins };
    }, this.#options.onLost);
    return listing;
  }

  #relistInBackground(): void {
    const before = this.#pins;
    this.#relist()
      .then((pins) => {
        // unless a change was announced meanwhile
        if (this.#pins === before) this.#pins = this.#keep(Promise.resolve(pins));
      })
      .catch(this.#options.onLost);
  }

  async #relist(): Promise<Pins> {
    this.#waiting = true;
    const { readClock, closing } = this.#options;
    const wait = Math.max(0, this.#relistedAt + MIN_INTERVAL_MS - readClock());
    this.#relistedAt = this.#listedAt = readClock() + wait;
    if (wait > 0) await delay(wait, undefined, { signal: closing, ref: false });
    // a change announced from here on asks for another listing
    this.#waiting = false;
    return this.#list();
  }

  async #list(): Promise<Pins> {
    const { ask, closing } = this.#options;
    return readPins(
      await runWithin(LIST_TIMEOUT_MS, closing, (signal) => listTools((method, params) => ask(method, params, signal))),
    );
  }
}

function readPins(tools: readonly unknown[]): Pins {
  const pins = new Map<string, string | null>();
  for (const tool of tools) {
    if (!isJsonObject(tool) || typeof tool['name'] !== 'string' || !isShallow(tool, DEFINITION_LIMITS.depth)) continue;
    const { name } = tool;
    // two tools of one name: which one a call would reach is chance
    pins.set(name, pins.has(name) ? null : hashContent(tool));
  }
  return pins;
}
