import { findNameFault, isMethodOverride, splitName } from '../names/parameter-name.ts';
import type { DeclaredName } from './declared-names.ts';

const PLACES = ['query', 'body'] as const;

/** A member of an argument that is sent under a name of its own. */
export interface SentMember {
  place: (typeof PLACES)[number];
  argument: string;
  member: string;
  /** as it is written there */
  name: string;
}

/** Why a member is not sent under its name: nothing ever is, it stands for the method, or another one has it to some server. */
export type NameClash =
  | { kind: 'fault'; fault: string }
  | { kind: 'method' }
  | { kind: 'declared'; other: DeclaredName }
  | { kind: 'sent'; other: SentMember };

/**
 * The names that one request is made of, at all of its places, as servers read them: many put path, query and body together. What the
 * description declares anywhere is had before any value is looked at; a member is sent under it only where the description says so.
 */
export class NameLedger {
  readonly #declared = new Map<string, DeclaredName[]>();
  /** beginnings of declared names */
  readonly #around = new Map<string, DeclaredName[]>();
  /** names that members were sent under, and beginnings of them, each behind its place */
  readonly #sent = new Map<string, SentMember>();
  readonly #sentAround = new Map<string, SentMember>();

  constructor(declared: readonly DeclaredName[]) {
    for (const each of declared) {
      const [whole, beginnings] = readKeys(each.name);
      addTo(this.#declared, whole, each);
      for (const key of beginnings) addTo(this.#around, key, each);
    }
  }

  /** Takes a name for a member. What is returned is why it cannot: a server could read it as another one's, or as the request's method. */
  take(sent: SentMember): NameClash | null {
    const clash = this.findClash(sent);
    if (clash) return clash;
    const [whole, beginnings] = readKeys(sent.name);
    this.#sent.set(`${sent.place} ${whole}`, sent);
    for (const key of beginnings) this.#sentAround.set(`${sent.place} ${key}`, sent);
    return null;
  }

  /** Null when a member may have a name, and stand inside of one or around it. */
  findClash(sent: SentMember): NameClash | null {
    const fault = findNameFault(sent.name);
    if (fault !== null) return { kind: 'fault', fault };
    const [whole, beginnings] = readKeys(sent.name);
    const keys = [whole, ...beginnings];
    const rivals = [this.#around.get(whole), ...keys.map((key) => this.#declared.get(key))];
    const rival = rivals.find((known) => known?.every((each) => !isOwn(each, sent)))?.[0];
    if (rival) return { kind: 'declared', other: rival };
    const isDeclared = this.#declared.get(whole)?.some((each) => isOwn(each, sent)) === true;
    if (!isDeclared && isMethodOverride(sent.name)) return { kind: 'method' };
    // what is declared at two places is sent at both
    const other = this.#findSent(isDeclared ? [sent.place] : PLACES, whole, keys);
    return other ? { kind: 'sent', other } : null;
  }

  #findSent(places: readonly string[], whole: string, keys: readonly string[]): SentMember | undefined {
    for (const place of places) {
      const around = this.#sentAround.get(`${place} ${whole}`);
      if (around) return around;
      const key = keys.find((each) => this.#sent.has(`${place} ${each}`));
      if (key !== undefined) return this.#sent.get(`${place} ${key}`);
    }
    return undefined;
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
function isOwn({ argument, member }: DeclaredName, sent: SentMember): boolean {
  return argument === sent.argument && (member === null || member === sent.member);
}
