import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { findAdvertisedNameProblem } from '../../src/compile/advertised-name.ts';
import { findCollisions, type NameClaim } from '../../src/compile/name-collisions.ts';
import { listHiddenText } from '../../src/findings/definition-findings.ts';
import { listLookAlikes } from '../../src/findings/look-alike-names.ts';
import { defineTool } from '../../src/testing/build.ts';

/** What the tools of 32 public servers are called: a server in each line, with its names behind tabs. */
const SERVERS = new Map(
  readFileSync(new URL('./real-names.txt', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [server = '', ...names] = line.split('\t');
      return [server, names] as const;
    }),
);
const CLAIMS: NameClaim[] = [...SERVERS].flatMap(([serverSlug, names]) =>
  names.map((name) => ({ advertisedName: name, serverSlug, name })),
);
const NAMES = [...new Set(CLAIMS.map(({ name }) => name))];

test('T-52: of 1,054 names of 32 servers every one that two claim is found, with both, and no other', () => {
  expect([SERVERS.size, CLAIMS.length, NAMES.length]).toEqual([32, 1_054, 1_046]);
  const claimed = Map.groupBy(CLAIMS, ({ name }) => name);
  const equal = [...claimed].filter(([, owners]) => owners.length > 1);
  expect(equal.length).toBeGreaterThan(0);
  expect(findCollisions(CLAIMS)).toEqual(
    equal.map(([name, owners]) => ({ name, owners: owners.map(({ serverSlug }) => ({ serverSlug, name })) })),
  );
});

test('T-52: no server has names of its own that look alike', () => {
  expect([...SERVERS].filter(([, names]) => listLookAlikes(names).size > 0)).toEqual([]);
});

const CYRILLIC = new Map(Object.entries({ a: 'а', c: 'с', e: 'е', o: 'о', p: 'р', x: 'х', y: 'у' }));
const toFullwidth = (letter: string): string => String.fromCodePoint((letter.codePointAt(0) ?? 0) + 0xfee0);

/** Another writing of a name that looks the same; null where a name has no letter for it. */
const VARIANTS: Record<string, (name: string) => string | null> = {
  Cyrillic: (name) => {
    const letter = Array.from(name).find((each) => CYRILLIC.has(each));
    return letter === undefined ? null : name.replace(letter, CYRILLIC.get(letter) ?? letter);
  },
  fullwidth: (name) => name.replace(/[a-z]/i, toFullwidth),
  'zero-width': (name) => `${name.slice(0, 2)}\u200b${name.slice(2)}`,
};

test.each(Object.entries(VARIANTS))(
  'T-52: a %s variant of any of the names is found in a review and is not advertised',
  (_, write) => {
    const written = NAMES.flatMap((name) => {
      const variant = write(name);
      return variant === null ? [] : [{ name, variant }];
    });
    expect(written.length).toBeGreaterThan(1_000);
    const missed = written.filter(
      ({ name, variant }) => !listLookAlikes([name, variant]).has(variant) && listHiddenText(defineTool(variant)).length === 0,
    );
    expect(missed).toEqual([]);
    const shown = written.filter(
      ({ name, variant }) =>
        findAdvertisedNameProblem(variant) === null &&
        findCollisions([name, variant].map((each) => ({ advertisedName: each, serverSlug: 's', name: each }))).length === 0,
    );
    expect(shown).toEqual([]);
  },
);
