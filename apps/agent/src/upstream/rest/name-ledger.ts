import type { DeclaredName } from '@gatehouse/policy/compile/declared-names';
import { holdsNul, isMethodOverride, splitName } from '@gatehouse/policy/names/parameter-name';

const PLACES = ['query', 'body'] as const;

/** One member of an argument, and where it is sent. */
interface Writer {
  place: (typeof PLACES)[number];
  argument: string;
  member: string;
}

/**
 * The names that one request is made of, at all of its places, as servers read them: many put path, query and body together. What the
 * description declares anywhere is had before any value is looked at; a member is sent under it only where the description says so.
 */
export class NameLedger {
  readonly #declared = new Map<string, DeclaredName[]>();
  /** beginnings of declared names */
  readonly #around = new Map<string, DeclaredName[]>();
  /** names that members were sent under, and beginnings of them, each behind its place */
  readonly #sent = new Set<string>();
  readonly #sentAround = new Set<string>();

  constructor(declared: readonly DeclaredName[]) {
    for (const each of declared) {
      const [whole, beginnings] = readKeys(each.name);
      addTo(this.#declared, whole, each);
      for (const key of beginnings) addTo(this.#around, key, each);
    }
  }

  /** Takes a name for a member; false when a server could read it as another one's that is declared or sent, or as the request's method. */
  take(name: string, writer: Writer): boolean {
    if (!this.isFree(name, writer)) return false;
    const [whole, beginnings] = readKeys(name);
    this.#sent.add(`${writer.place} ${whole}`);
    for (const key of beginnings) this.#sentAround.add(`${writer.place} ${key}`);
    return true;
  }

  /** Whether a member may have a name, or stand inside of one or around it. A name with NUL may be any. */
  isFree(name: string, writer: Writer): boolean {
    if (holdsNul(name)) return false;
    const [whole, beginnings] = readKeys(name);
    const keys = [whole, ...beginnings];
    const rivals = [this.#around.get(whole), ...keys.map((key) => this.#declared.get(key))];
    if (rivals.some((known) => known?.every((each) => !isOwn(each, writer)))) return false;
    const isDeclared = this.#declared.get(whole)?.some((each) => isOwn(each, writer)) === true;
    if (!isDeclared && isMethodOverride(name)) return false;
    // what is declared at two places is sent at both
    const places = isDeclared ? [writer.place] : PLACES;
    return !places.some(
      (place) => this.#sentAround.has(`${place} ${whole}`) || keys.some((key) => this.#sent.has(`${place} ${key}`)),
    );
  }
}

/** The name as one word, and each beginning that it may stand inside of. */
function readKeys(name: string): [whole: string, beginnings: string[]] {
  const parts = splitName(name);
  return [parts.join(''), parts.slice(0, -1).map((_part, index) => parts.slice(0, index + 1).join(''))];
}

function addTo(names: Map<string, DeclaredName[]>, key: string, declared: DeclaredName): void {
  const known = names.get(key);
  if (known) known.push(declared);
  else names.set(key, [declared]);
}

/** An argument that is declared whole stands for its members too. */
function isOwn({ argument, member }: DeclaredName, writer: Writer): boolean {
  return argument === writer.argument && (member === null || member === writer.member);
}
