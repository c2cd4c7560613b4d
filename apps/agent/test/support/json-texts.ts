import fc from 'fast-check';

// JSON as others write it: numbers of any length and spelling, escapes that nobody needs, blanks and line breaks between all tokens.

const blank = fc.stringMatching(/^[ \t\r\n]{0,2}$/);
const number = fc.oneof(
  fc.stringMatching(/^-?(?:0|[1-9]\d{0,24})(?:\.\d{1,20})?(?:[eE][+-]?\d{1,2})?$/),
  fc.integer().map(String),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
);

function escapeSome(text: string, every: number): string {
  const letters = Array.from(JSON.stringify(text).slice(1, -1));
  if (text.includes('\\') || /\p{Cc}|"/u.test(text)) return letters.join('');
  return letters
    .map((letter, at) =>
      at % every === 0 && letter.length === 1 ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}` : letter,
    )
    .join('');
}

const words = fc.tuple(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constantFrom(1, 2, 3, 1000));
const text = words.map(([said, every]) => `"${escapeSome(said.replaceAll('__proto__', ''), every)}"`);

const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    number,
    text,
    fc.constantFrom('true', 'false', 'null'),
    fc.tuple(blank, fc.array(tie('value'), { maxLength: 4 })).map(([gap, items]) => `[${gap}${items.join(`${gap},`)}${gap}]`),
    joinMembers(tie('value')),
  ),
}));

function joinMembers(member: fc.Arbitrary<string>): fc.Arbitrary<string> {
  const members = fc.uniqueArray(fc.tuple(text, member), {
    maxLength: 4,
    comparator: (a, b) => JSON.parse(a[0]) === JSON.parse(b[0]),
  });
  return fc
    .tuple(blank, members)
    .map(([gap, held]) => `{${gap}${held.map(([key, item]) => `${key}${gap}:${gap}${item}`).join(`${gap},`)}${gap}}`);
}

/** The text of any JSON value. */
export const jsonText = value;
/** The text of any JSON object. */
export const jsonObjectText = joinMembers(value);
