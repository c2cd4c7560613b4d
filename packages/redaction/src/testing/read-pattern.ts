import type { CharacterTest } from './step-program.ts';

/** A regular expression as a tree. */
export type Node =
  | { type: 'class'; test: CharacterTest }
  | { type: 'edge'; kind: 'start' | 'end' | 'word' | 'inside' }
  | { type: 'reference'; group: number }
  | { type: 'look'; behind: boolean; negate: boolean; body: Node }
  | { type: 'sequence'; parts: readonly Node[] }
  /** 0: nothing is kept of it */
  | { type: 'group'; index: number; body: Node }
  | { type: 'either'; options: readonly Node[] }
  | { type: 'loop'; body: Node; min: number; max: number; lazy: boolean };

/** Reads what the engine has compiled before, so that it is well-formed. Named references are not supported. */
export function readPattern(source: string, flags: string): Node {
  return new Reader(source, flags).readEither();
}

const GROUP = /\((?:(\?:)|\?(<)?([=!])|\?<(\w+)>)?/y;
const QUANTIFIER = /(?:([*+?])|\{(\d+)(,)?(\d*)\})(\?)?/y;
const ESCAPED = /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[^])/y;
const CHARACTER_CLASS = /\[(?:\\[^]|[^\]\\])*\]/y;

class Reader {
  readonly #source: string;
  readonly #flags: string;
  #at = 0;
  #groups = 0;

  constructor(source: string, flags: string) {
    this.#source = source;
    this.#flags = flags.replaceAll(/[gy]/g, '');
  }

  /** Up to the end or to a closing bracket. */
  readEither(): Node {
    const options = [this.#readSequence()];
    while (this.#source[this.#at] === '|') {
      this.#at += 1;
      options.push(this.#readSequence());
    }
    const [only] = options;
    return options.length === 1 && only ? only : { type: 'either', options };
  }

  #readSequence(): Node {
    const parts: Node[] = [];
    while (this.#at < this.#source.length && this.#source[this.#at] !== '|' && this.#source[this.#at] !== ')')
      parts.push(this.#readQuantified());
    return { type: 'sequence', parts };
  }

  #readQuantified(): Node {
    const body = this.#readAtom();
    const found = this.#match(QUANTIFIER);
    if (!found) return body;
    const [, sign, least = '', comma, most] = found;
    const lazy = found[5] !== undefined;
    if (sign) return { type: 'loop', body, min: sign === '+' ? 1 : 0, max: sign === '?' ? 1 : Number.POSITIVE_INFINITY, lazy };
    const max = comma === undefined ? Number(least) : most ? Number(most) : Number.POSITIVE_INFINITY;
    return { type: 'loop', body, min: Number(least), max, lazy };
  }

  #readAtom(): Node {
    switch (this.#source[this.#at]) {
      case '(':
        return this.#readGroup();
      case '[':
        return this.#readClass(CHARACTER_CLASS);
      case '\\':
        return this.#readEscape();
      case '^':
      case '$':
        this.#at += 1;
        return { type: 'edge', kind: this.#source[this.#at - 1] === '^' ? 'start' : 'end' };
      default:
        return this.#readClass(this.#flags.includes('u') ? /[^]/uy : /[^]/y);
    }
  }

  #readGroup(): Node {
    const [, plain, behind, look] = this.#match(GROUP) ?? [];
    const index = plain || look ? 0 : (this.#groups += 1);
    const body = this.readEither();
    this.#at += 1;
    if (look) return { type: 'look', behind: behind !== undefined, negate: look === '!', body };
    return index === 0 ? body : { type: 'group', index, body };
  }

  #readEscape(): Node {
    const next = this.#source[this.#at + 1] ?? '';
    if (!/[bB1-9]/.test(next)) return this.#readClass(ESCAPED);
    this.#at += 2;
    return /\d/.test(next)
      ? { type: 'reference', group: Number(next) }
      : { type: 'edge', kind: next === 'b' ? 'word' : 'inside' };
  }

  /** Asks the engine which characters belong to it, once for each. */
  #readClass(form: RegExp): Node {
    const [source = ''] = this.#match(form) ?? [];
    const pattern = new RegExp(`^${source}$`, this.#flags);
    const known = new Map<number, boolean>();
    const ask = (code: number): boolean => {
      const isIn = pattern.test(String.fromCodePoint(code));
      known.set(code, isIn);
      return isIn;
    };
    return { type: 'class', test: (code) => known.get(code) ?? ask(code) };
  }

  #match(form: RegExp): RegExpExecArray | null {
    form.lastIndex = this.#at;
    const found = form.exec(this.#source);
    if (found) this.#at += found[0].length;
    return found;
  }
}
