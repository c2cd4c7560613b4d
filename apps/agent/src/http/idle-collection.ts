import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes that have to have passed since the last collection. */
const WORTH_BYTES = 32 * 1024 * 1024;
/**
 * Milliseconds without work. A collection on demand forgets the shape of every object that nothing holds at that moment, and V8 then throws away the code that was
 * compiled for it: the next ten thousand calls cost up to twice as much. So an agent that is called now and then is left alone.
 */
const QUIET_MS = 600_000;

export interface CollectionOptions {
  worthBytes?: number;
  quietMs?: number;
  collect?: () => void;
}

/**
 * Collects garbage when large requests are long over. V8 does so when something new needs room, or by itself some seconds after it last did, but not always: of a burst of
 * bodies and answers, 200 MB that nobody holds can stay until the next one. Takes some 30 ms, once per burst.
 */
export class IdleCollection {
  readonly #worthBytes: number;
  readonly #quietMs: number;
  readonly #collect: () => void;
  #passed = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor({ worthBytes = WORTH_BYTES, quietMs = QUIET_MS, collect = openCollector() }: CollectionOptions = {}) {
    this.#worthBytes = worthBytes;
    this.#quietMs = quietMs;
    this.#collect = collect;
  }

  /** So many bytes came or left. `isIdle`: nothing else is under way. */
  note(bytes: number, isIdle: boolean): void {
    this.#passed += bytes;
    if (!isIdle) return this.close();
    if (this.#passed < this.#worthBytes) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = null;
      this.#passed = 0;
      this.#collect();
    }, this.#quietMs).unref();
  }

  close(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }
}

/** V8's own function, which is there only for contexts that are made while the flag is set. */
function openCollector(): () => void {
  setCollection();
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  return typeof collect === 'function' ? () => void Reflect.apply(collect, undefined, []) : () => {};
}

/** What V8 collects by itself: while little goes on, without forgetting shapes; and when twice of what is held is there, not four times, which takes 50 MB less and no more CPU that could be measured. */
function setCollection(): void {
  setFlagsFromString('--no-memory-reducer-favors-memory');
  setFlagsFromString('--heap-growing-percent=100');
}
