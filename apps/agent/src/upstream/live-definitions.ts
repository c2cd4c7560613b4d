import { setTimeout as delay } from 'node:timers/promises';

import type { Client } from '@modelcontextprotocol/client';

import { contentHash } from '@gatehouse/policy/canonical';
import { DEFINITION_LIMITS } from '@gatehouse/policy/definition-limits';
import { isJsonObject, isShallow } from '@gatehouse/policy/json';

import { listTools } from './list-tools.ts';

type Pins = ReadonlyMap<string, string>;

const LIST_TIMEOUT_MS = 20_000;
/** A server that announces changes without end is asked no more often than this. */
const MIN_INTERVAL_MS = 5_000;
/** A list older than this is asked for again while calls go on: not every server announces its changes. */
const MAX_AGE_MS = 5 * 60_000;

export interface LiveDefinitionsOptions {
  client: Client;
  /** monotonic, milliseconds */
  clock: () => number;
  /** ends all listing */
  closing: AbortSignal;
  /** the list could not be read again: nothing is known about the tools any more */
  onLost: (error: unknown) => void;
}

/** The pins of the tools that a server defines at this moment. */
export class LiveDefinitions {
  readonly #options: LiveDefinitionsOptions;
  #pins: Promise<Pins>;
  #listedAt: number;
  #relistedAt = Number.NEGATIVE_INFINITY;
  #waiting = false;

  /** Starts the first listing. */
  constructor(options: LiveDefinitionsOptions) {
    this.#options = options;
    this.#listedAt = options.clock();
    this.#pins = this.#list();
    this.#pins.catch(options.onLost);
  }

  /** Pin of the live definition; null when the tool is gone or ambiguous. Waits for a listing that a change has made necessary. */
  async pinOf(toolName: string): Promise<string | null> {
    const { clock } = this.#options;
    if (clock() - this.#listedAt > MAX_AGE_MS) this.#relistBehind();
    return (await this.#pins).get(toolName) ?? null;
  }

  /** The server announced a change: nothing is known about its tools until they are listed again. */
  changed(): void {
    if (this.#waiting) return;
    this.#pins = this.#relist();
    this.#pins.catch(this.#options.onLost);
  }

  #relistBehind(): void {
    const before = this.#pins;
    this.#relist()
      .then((pins) => {
        // unless a change was announced meanwhile
        if (this.#pins === before) this.#pins = Promise.resolve(pins);
      })
      .catch(this.#options.onLost);
  }

  async #relist(): Promise<Pins> {
    this.#waiting = true;
    const { clock, closing } = this.#options;
    const wait = Math.max(0, this.#relistedAt + MIN_INTERVAL_MS - clock());
    this.#relistedAt = this.#listedAt = clock() + wait;
    if (wait > 0) await delay(wait, undefined, { signal: closing, ref: false });
    // a change announced from here on asks for another listing
    this.#waiting = false;
    return this.#list();
  }

  async #list(): Promise<Pins> {
    const signal = AbortSignal.any([this.#options.closing, AbortSignal.timeout(LIST_TIMEOUT_MS)]);
    return pinsOf(await listTools(this.#options.client, signal));
  }
}

function pinsOf(tools: readonly unknown[]): Pins {
  const pins = new Map<string, string>();
  const seen = new Set<string>();
  for (const tool of tools) {
    if (!isJsonObject(tool) || typeof tool['name'] !== 'string' || !isShallow(tool, DEFINITION_LIMITS.depth)) continue;
    const { name } = tool;
    // two tools of one name: which one a call would reach is chance
    if (seen.has(name)) pins.delete(name);
    else pins.set(name, contentHash(tool));
    seen.add(name);
  }
  return pins;
}
