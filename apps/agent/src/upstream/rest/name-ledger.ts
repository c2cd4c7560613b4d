import { holdsNul, splitName } from '@gatehouse/policy/documents/parameter-name';

/** Who writes a name: an argument, or one member of it. */
interface Writer {
  argument: string;
  /** null: the argument under its declared name, which stands for all its members */
  member: string | null;
}

/** Stands for more than one writer: another one is always a stranger to it. */
const SEVERAL: Writer = { argument: '', member: '' };

/**
 * The names that one query or form is made of, as servers read them: each is written by one argument only. Names that are declared are taken
 * before any value is looked at, so that no member of another argument brings a value of its own.
 */
export class NameLedger {
  /** a whole name, and every beginning of one */
  readonly #whole = new Map<string, Writer>();
  readonly #beginnings = new Map<string, Writer>();

  constructor(declared: readonly { name: string; argument: string }[]) {
    for (const { name, argument } of declared) this.#add(splitName(name), { argument, member: null });
  }

  /** Takes a name; false when another argument or member has it, or one that it stands inside of or around. A name with NUL may be any. */
  take(name: string, writer: Writer): boolean {
    if (holdsNul(name)) return false;
    const parts = splitName(name);
    const isStrange = (known: Writer | undefined): boolean => known !== undefined && isForeign(known, writer);
    const around = parts.slice(0, -1).map((_part, index) => this.#whole.get(join(parts, index + 1)));
    const [same, inside] = [this.#whole, this.#beginnings].map((known) => known.get(join(parts, parts.length)));
    if ([same, inside, ...around].some(isStrange)) return false;
    this.#add(parts, writer);
    return true;
  }

  #add(parts: readonly string[], writer: Writer): void {
    this.#whole.set(join(parts, parts.length), writer);
    for (let length = 1; length < parts.length; length += 1) {
      const key = join(parts, length);
      const known = this.#beginnings.get(key);
      this.#beginnings.set(key, known && isForeign(known, writer) ? SEVERAL : writer);
    }
  }
}

function join(parts: readonly string[], length: number): string {
  return parts.slice(0, length).join('_');
}

function isForeign(one: Writer, other: Writer): boolean {
  if (one.argument !== other.argument) return true;
  return one.member !== null && other.member !== null && one.member !== other.member;
}
