const RING = 8;
const LAST = RING - 1;
const BACKSLASH = 92;

/** Where the letters last read stand: in runs of letters that stand for themselves, backslashes between them, and in escapes. */
export class LetterRuns {
  /** where the run that is being read begins */
  #start = 0;
  readonly #starts = new Int32Array(RING);
  readonly #ends = new Int32Array(RING);
  /** letters of an escape, which is one piece; 0 of a run */
  readonly #letters = new Int32Array(RING);
  #count = 0;

  /** The run ends here, and the next begins behind what is not seen. */
  end(index: number, next: number): void {
    if (index > this.#start) this.#add(this.#start, index, 0);
    this.#start = next;
  }

  addEscape(start: number, end: number, letters: number): void {
    if (letters > 0) this.#add(start, end, letters);
    this.#start = end;
  }

  /**
   * Where that many letters before a place begin, and how many there are: fewer at the beginning of a text, more when the first of them is one of several
   * that stand for one escape or character. Each run has a letter, so that eight runs have seven.
   */
  findStart(text: string, index: number, letters: number): [start: number, letters: number] {
    let [start, missing] = skipBack(text, this.#start, index, letters);
    for (let at = this.#count - 1; missing > 0 && at >= 0 && at >= this.#count - RING; at -= 1) {
      const [from, known] = [this.#starts[at & LAST] ?? 0, this.#letters[at & LAST] ?? 0];
      [start, missing] = known > 0 ? [from, missing - known] : skipBack(text, from, this.#ends[at & LAST] ?? 0, missing);
    }
    return [start, letters - missing];
  }

  #add(start: number, end: number, letters: number): void {
    this.#starts[this.#count & LAST] = start;
    this.#ends[this.#count & LAST] = end;
    this.#letters[this.#count & LAST] = letters;
    this.#count += 1;
  }
}

/** Back over letters within a run: where they begin, and how many are missing. */
function skipBack(text: string, from: number, end: number, letters: number): [start: number, missing: number] {
  let [start, missing] = [end, letters];
  while (start > from && missing > 0) {
    start -= 1;
    if (text.charCodeAt(start) !== BACKSLASH) missing -= 1;
  }
  return [start, missing];
}
