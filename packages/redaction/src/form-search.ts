import { fold } from './fold.ts';
import { readQuoted, readUnit } from './plain-text.ts';
import type { Span } from './span.ts';
import type { WrittenForm } from './written-forms.ts';

/** Letters of a form by which it is looked up. */
export const WINDOW = 7;
const EQUALS = 61;
const BASE64 = /[A-Za-z0-9+/_=-]/;

/** A form, letter by letter, with the table of Knuth, Morris and Pratt: how much of its beginning still stands when a letter does not fit. */
export class SearchedForm {
  readonly form: WrittenForm;
  readonly letters: Int32Array;
  #fallbacks: Int32Array | null = null;

  constructor(form: WrittenForm) {
    this.form = form;
    this.letters = Int32Array.from({ length: form.text.length }, (_, at) => this.toLetter(form.text.charCodeAt(at)));
  }

  /** What is compared: base64 and words keep their case. */
  toLetter(code: number): number {
    if (this.form.kind === 'plain') return fold(code);
    if (this.form.kind === 'word') return code;
    return code === 45 || code === 32 ? 43 : code === 95 ? 47 : code;
  }

  /** How many letters fit after this one, when `matched` did before it. */
  advance(matched: number, letter: number): number {
    const fallbacks = (this.#fallbacks ??= listFallbacks(this.letters));
    let state = matched === this.letters.length ? (fallbacks[matched - 1] ?? 0) : matched;
    while (state > 0 && letter !== this.letters[state]) state = fallbacks[state - 1] ?? 0;
    return letter === this.letters[state] ? state + 1 : 0;
  }
}

function listFallbacks(letters: Int32Array): Int32Array {
  const fallbacks = new Int32Array(letters.length);
  for (let [index, state] = [1, 0]; index < letters.length; index += 1) {
    while (state > 0 && letters[index] !== letters[state]) state = fallbacks[state - 1] ?? 0;
    if (letters[index] === letters[state]) state += 1;
    fallbacks[index] = state;
  }
  return fallbacks;
}

/** From where a form was met: reading on, within an escape, or in quoted-printable. */
export type Reading = 'plain' | 'inside' | 'quoted';

interface Stretch {
  from: number;
  to: number;
}

/** One text and what was found in it so far. */
export class FormSearch {
  readonly text: string;
  readonly spans: Span[] = [];
  /** by way of reading the stretch in which each form was followed last: none is read twice for the same form */
  #followed: Record<Reading, Map<SearchedForm, Stretch>> | null = null;

  constructor(text: string) {
    this.text = text;
  }

  /**
   * Notes every occurrence of the form from here on, for as long as it goes on fitting. Returns how far the text needs no further look: to
   * the end of a base64 run, which goes as a whole.
   */
  follow(searched: SearchedForm, start: number, reading: Reading): number {
    const followed = this.#listFollowed(reading);
    const stretch = followed.get(searched);
    if (stretch && start >= stretch.from && start < stretch.to) return 0;
    const { text } = this;
    const { form, letters } = searched;
    const starts: number[] = [];
    let [state, index, quotedAt] = [0, start, text.length];
    while (index < text.length && (starts.length < WINDOW || state >= WINDOW)) {
      const quoted = letters[state] === EQUALS ? null : readQuoted(text, index);
      if (quoted) quotedAt = Math.min(quotedAt, index);
      const unit = quoted ?? readUnit(text, index);
      if (unit.isBreak && form.kind === 'word') state = 0;
      for (let at = 0; at < unit.text.length; at += 1) {
        state = searched.advance(state, searched.toLetter(unit.text.charCodeAt(at)));
        starts.push(index);
        const end = state === letters.length ? this.#note(form, starts.at(-state) ?? index, unit.end) : 0;
        if (end === 0) continue;
        followed.set(searched, { from: start, to: end });
        return end;
      }
      index = unit.end;
    }
    const to = index >= text.length || state === 0 ? index : (starts.at(-state) ?? index);
    // what was taken for quoted-printable may be none, and then it has yet to be read
    followed.set(searched, { from: start, to: reading === 'quoted' ? to : Math.min(to, quotedAt) });
    return 0;
  }

  /** Made when first needed: most texts hold nothing that looks like a form. */
  #listFollowed(reading: Reading): Map<SearchedForm, Stretch> {
    this.#followed ??= { plain: new Map(), inside: new Map(), quoted: new Map() };
    return this.#followed[reading];
  }

  /** Returns the end of a base64 run, otherwise 0. */
  #note({ kind, rest }: WrittenForm, start: number, end: number): number {
    if (!this.text.startsWith(rest, end)) return 0;
    const span: Span = { start, end: end + rest.length, rule: 'credential' };
    if (kind === 'base64') {
      while (span.start > 0 && BASE64.test(this.text.charAt(span.start - 1))) span.start -= 1;
      while (span.end < this.text.length && BASE64.test(this.text.charAt(span.end))) span.end += 1;
    }
    const last = this.spans.at(-1);
    if (!last || span.start < last.start || span.start >= last.end) this.spans.push(span);
    else last.end = Math.max(last.end, span.end);
    return kind === 'base64' ? span.end : 0;
  }
}
