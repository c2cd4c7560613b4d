import { fold, FOLDED } from './fold.ts';

/** Letters that are looked at together. */
export const BLOCK = 4;
/** ASCII that is no letter of its own, or need not be, but for control characters. */
const OTHERS = [...Buffer.from('%&=\\\x7F')];
/** In a shorter stretch without them nothing is gained. */
const WORTH = 256;
const MOST_PAUSE = 16_384;
/** In either case, and so coarse that a few others fall together. */
const ANY_CASE = 0x20202020;
const KNUTH = 0x9e3779b1;
/** Of a slot that blocks with several tags share; no tag is even. */
const ANY_TAG = 2;
/** The letters that are folded to one code, beside those in the other case. */
const ALIKE: ReadonlyMap<number, string> = new Map(['+- ', '/_'].map((letters) => [fold(letters.charCodeAt(0)), letters]));

/**
 * Blocks of four letters of ASCII, looked for in bytes of it: at every fourth one, four at a time. What it takes for such a block need not be one; what it passes over is none.
 */
export class LetterBlocks {
  /** by the hash of a block, more of that hash: it tells most blocks that share a slot from each other */
  readonly #slots: Uint8Array;
  readonly #shift: number;
  /** as they are folded: several share a slot */
  readonly #blocks = new Set<number>();

  /** `slots`: a power of two */
  constructor(slots: number) {
    this.#slots = new Uint8Array(slots);
    this.#shift = 32 - Math.log2(slots);
  }

  /** `letters`: folded, a block of them */
  add(letters: readonly number[]): void {
    this.#blocks.add(letters.reduce(addLetter, 0));
    for (const written of listWritten(letters)) {
      const [a = 0, b = 0, c = 0, d = 0] = written;
      const hash = hashWritten(a | (b << 8) | (c << 16) | (d << 24));
      const [slot, tag] = [hash >>> this.#shift, toTag(hash)];
      this.#slots[slot] = this.#slots[slot] === 0 || this.#slots[slot] === tag ? tag : ANY_TAG;
    }
  }

  has(block: number): boolean {
    return this.#blocks.has(block);
  }

  /** The first place, in steps of a block, where one may stand; else one less than a block before `to`. */
  pass(view: DataView, from: number, to: number): number {
    const slots = this.#slots;
    const shift = this.#shift;
    let at = from;
    for (const last = to - BLOCK; at <= last; at += BLOCK) {
      const hash = hashWritten(view.getInt32(at, true));
      const tag = slots[hash >>> shift];
      if (tag !== 0 && (tag === ANY_TAG || tag === toTag(hash))) break;
    }
    return at;
  }
}

/** The last four letters. */
export function addLetter(block: number, letter: number): number {
  return (block << 8) ^ letter;
}

function hashWritten(letters: number): number {
  return Math.imul(letters | ANY_CASE, KNUTH);
}

/** Never 0, which is an empty slot. */
function toTag(hash: number): number {
  return ((hash >>> 8) & 0xfe) | 1;
}

/** As the letters of a block may stand in ASCII; nothing where one of them does not. */
function listWritten(letters: readonly number[]): number[][] {
  let written: number[][] = [[]];
  for (const letter of letters) {
    const alike = letter < 128 ? [...Buffer.from(ALIKE.get(letter) ?? String.fromCharCode(letter))] : [];
    written = written.flatMap((before) => alike.map((code) => [...before, code]));
  }
  return written;
}

/** A text in bytes: where a stretch of it has nothing but letters, its blocks are looked for there. */
export class LetterStretches {
  readonly #bytes: Buffer;
  readonly #view: DataView;
  readonly #next: number[];
  /** of the stretch of letters at hand */
  #end = 0;
  /** before it nobody looks for a stretch again */
  #again = 0;
  #pause = WORTH;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#next = OTHERS.map(() => -1);
  }

  /** How far a text can be passed over from a place on, by whole blocks: the same place where it has to be read. */
  pass(blocks: LetterBlocks, from: number): number {
    if (from < this.#end) return this.#passStretch(blocks, from);
    if (from < this.#again) return from;
    const end = this.#findOther(from);
    if (end - from >= WORTH) {
      this.#end = end;
      this.#pause = WORTH;
      return this.#passStretch(blocks, from);
    }
    if (end === from) return from;
    this.#again = end + this.#pause;
    this.#pause = Math.min(2 * this.#pause, MOST_PAUSE);
    return from;
  }

  /** Of the letters that are left at its end, the block with which it ends tells as much as each one of them. */
  #passStretch(blocks: LetterBlocks, from: number): number {
    const end = this.#end;
    let at = from;
    while (at < end) {
      at = blocks.pass(this.#view, at, end);
      const next = Math.min(at + BLOCK, end);
      if (blocks.has(this.readBlock(next))) return at;
      at = next;
    }
    return end;
  }

  /** The block of folded letters that ends before a place up to which the text was passed. */
  readBlock(end: number): number {
    let block = 0;
    for (let at = end - BLOCK; at < end; at += 1) block = addLetter(block, FOLDED[this.#bytes[at] ?? 0] ?? 0);
    return block;
  }

  /** Where the next character stands that may be no letter of its own. */
  #findOther(from: number): number {
    let least = this.#bytes.length;
    for (let at = 0; at < OTHERS.length; at += 1) {
      let next = this.#next[at] ?? -1;
      if (next < from) {
        next = this.#bytes.indexOf(OTHERS[at] ?? 0, from);
        if (next === -1) next = this.#bytes.length;
        this.#next[at] = next;
      }
      if (next < least) least = next;
    }
    return least;
  }
}
