import { foldName } from '../compile/name-collisions.ts';

/** Letters of other scripts, and digits, that are taken for a Latin letter. */
const LOOKS_LIKE: ReadonlyMap<string, string> = new Map(
  Object.entries({
    a: 'аα',
    c: 'сϲ',
    e: 'еє',
    h: 'һ',
    j: 'ј',
    k: 'кκ',
    l: '1|iıіӏι',
    m: 'м',
    n: 'ո',
    o: '0оοσ',
    p: 'рρ',
    q: 'ԛ',
    s: 'ѕ5',
    t: 'тτ',
    u: 'υ',
    v: 'ν',
    w: 'ԝ',
    x: 'хχ',
    y: 'уγ',
  }).flatMap(([letter, others]) => Array.from(others, (other) => [other, letter] as const)),
);

/** What a person takes for the same name at a glance: letters by their look, case and separators count for nothing. */
function readAtGlance(name: string): string {
  const letters = Array.from(foldName(name).replaceAll('_', ''), (letter) => LOOKS_LIKE.get(letter) ?? letter).join('');
  return letters.replaceAll('rn', 'm').replaceAll('vv', 'w');
}

/** Names of a server that a person would take for each other: by name, the others. What looks like no other is left out. */
export function listLookAlikes(names: Iterable<string>): ReadonlyMap<string, readonly string[]> {
  const alike = Map.groupBy(new Set(names), readAtGlance);
  return new Map(
    [...alike.values()]
      .filter((group) => group.length > 1)
      .flatMap((group) => group.map((name) => [name, group.filter((other) => other !== name)] as const)),
  );
}
