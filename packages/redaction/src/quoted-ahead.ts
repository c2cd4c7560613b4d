import { fold } from './fold.ts';
import { readQuoted, readUnit } from './plain-text.ts';

/** Units that are kept behind a place before they are let go together. */
const MOST_PASSED = 1_024;

/**
 * The letters that follow the equals signs of a text where it is read as quoted-printable. Soft line breaks are not seen, so that the same letters may
 * follow any number of signs: they are read once and kept, not once for each sign.
 */
export class QuotedAhead {
  readonly #text: string;
  /** where each unit begins that was read, and how many letters stood before it */
  #starts: number[] = [];
  #before: number[] = [];
  #letters: number[] = [];
  /** the first unit at or behind the place asked for last */
  #first = 0;
  /** how far the text was read */
  #end = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** Up to `most` folded letters of the units that begin from a place on and before an end. Places in ascending order. */
  read(index: number, end: number, most: number): readonly number[] {
    while (this.#first < this.#starts.length && (this.#starts[this.#first] ?? 0) < index) this.#first += 1;
    if (this.#starts[this.#first] !== index) this.#begin(index);
    else if (this.#first > MOST_PASSED) this.#forget();
    const from = this.#before[this.#first] ?? 0;
    while (this.#letters.length < from + most && this.#end < end) this.#readUnit();
    return this.#letters.slice(from, from + most);
  }

  #begin(index: number): void {
    [this.#starts, this.#before, this.#letters, this.#first, this.#end] = [[], [], [], 0, index];
  }

  #forget(): void {
    const letters = this.#before[this.#first] ?? 0;
    this.#letters = this.#letters.slice(letters);
    this.#before = this.#before.slice(this.#first).map((count) => count - letters);
    this.#starts = this.#starts.slice(this.#first);
    this.#first = 0;
  }

  #readUnit(): void {
    const unit = readQuoted(this.#text, this.#end) ?? readUnit(this.#text, this.#end);
    this.#starts.push(this.#end);
    this.#before.push(this.#letters.length);
    for (let at = 0; at < unit.text.length; at += 1) this.#letters.push(fold(unit.text.charCodeAt(at)));
    this.#end = unit.end;
  }
}
