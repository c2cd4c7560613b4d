import type { HiddenTextRule } from './hidden-text.ts';

const [TAKEN, FIRST] = [1, 2] as const;
const NONE: HiddenTextRule[] = [];

/** Which units of a text are taken out of it, in a byte for each and none where nothing is: there may be millions of them. */
export class HiddenUnits {
  readonly #length: number;
  #units: Uint8Array | null = null;
  #rules: HiddenTextRule[] = NONE;

  constructor(text: string) {
    this.#length = text.length;
  }

  /** The rules of what was added, each once. */
  get rules(): readonly HiddenTextRule[] {
    return this.#rules;
  }

  /** A place of its own, `end` exclusive. */
  add(start: number, end: number, rule: HiddenTextRule): void {
    this.join(start, end);
    if (this.#units) this.#units[start] = FIRST;
    if (!this.#rules.includes(rule)) this.#rules = [...this.#rules, rule];
  }

  /** More of the place that was added last. */
  join(start: number, end: number): void {
    this.#units ??= new Uint8Array(this.#length);
    this.#units.fill(TAKEN, start, end);
  }

  has(index: number): boolean {
    return this.#units !== null && (this.#units[index] ?? 0) > 0;
  }

  /** Whether a place begins here; those that touch are one. */
  isFirst(index: number): boolean {
    return this.#units?.[index] === FIRST && !this.has(index - 1);
  }
}
