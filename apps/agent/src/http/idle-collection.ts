import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** Bytes that have to have passed since the last collection. */
const WORTH_BYTES = 32 * 1024 * 1024;
/**
 * Milliseconds without work. A collection on demand forgets the shape of every object that nothing holds at that moment, and V8 then throws away the code that was
 * compiled for it: the next ten thousand calls cost up to twice as much. So an agent that is called now and then is left alone.
 */
const QUIET_MS = 600_000;
/** Mean bytes of a call from which calls count as large. */
const LARGE_BYTES = 16 * 1024;
/** What the last call weighs in the mean: some sixty small calls forget one of 256 kB. */
const LAST_WEIGHS = 0.05;
const NARROW = '--heap-growing-percent=100';
/** 0: V8 decides, from how fast garbage comes and goes. */
const WIDE = '--heap-growing-percent=0';

export interface CollectionOptions {
  worthBytes?: number;
  quietMs?: number;
  collect?: () => void;
  setFlag?: (flag: string) => void;
}

/**
 * Collects garbage when large requests are long over. V8 does so when something new needs room, or by itself some seconds after it last did, but not always: of a burst of
 * bodies and answers, 200 MB that nobody holds can stay until the next one. Takes some 30 ms, once per burst.
 */
export class IdleCollection {
  readonly #worthBytes: number;
  readonly #quietMs: number;
  readonly #collect: () => void;
  readonly #growth: HeapGrowth;
  #passed = 0;
  #timer: NodeJS.Timeout | null = null;

  constructor({
    worthBytes = WORTH_BYTES,
    quietMs = QUIET_MS,
    collect = openCollector(),
    setFlag = setFlagsFromString,
  }: CollectionOptions = {}) {
    this.#worthBytes = worthBytes;
    this.#quietMs = quietMs;
    this.#collect = collect;
    this.#growth = new HeapGrowth(setFlag);
  }

  /** So many bytes came or left. `isIdle`: nothing else is under way. */
  note(bytes: number, isIdle: boolean): void {
    this.#growth.note(bytes);
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

/**
 * How far V8 lets the heap grow before it collects by itself. Of small calls little is garbage that grew old, so to collect when twice of what is held is there, instead of four times, takes
 * 50 MB less and no CPU. The texts of large calls go to the old heap at once: with them it costs a fifth more, so while they pass V8's own measure holds.
 */
class HeapGrowth {
  readonly #setFlag: (flag: string) => void;
  #mean = 0;
  #isWide = false;

  constructor(setFlag: (flag: string) => void) {
    this.#setFlag = setFlag;
    setFlag(NARROW);
  }

  note(bytes: number): void {
    this.#mean += (bytes - this.#mean) * LAST_WEIGHS;
    const isWide = this.#mean >= LARGE_BYTES;
    if (isWide === this.#isWide) return;
    this.#isWide = isWide;
    this.#setFlag(isWide ? WIDE : NARROW);
  }
}

/** V8's own function, which is there only for contexts that are made while the flag is set. */
function openCollector(): () => void {
  // Collections that V8 makes while little goes on forget no shapes either.
  setFlagsFromString('--no-memory-reducer-favors-memory');
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  setFlagsFromString('--no-expose-gc');
  return typeof collect === 'function' ? () => void Reflect.apply(collect, undefined, []) : () => {};
}
