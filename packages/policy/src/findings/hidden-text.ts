import { hideUsualMarks } from './direction-marks.ts';
import { findEncodedText } from './encoded-text.ts';

/** What keeps a text from being read as it is written: closed, each with its own words in the console. */
export const HIDDEN_TEXT_RULES = [
  'tags',
  'variation-selectors',
  'zero-width',
  'direction',
  'terminal',
  'control',
  'private-use',
  'soft-hyphens',
  'look-alikes',
  'styled-letters',
  'blank-space',
  'markup',
  'encoded',
] as const;
export type HiddenTextRule = (typeof HIDDEN_TEXT_RULES)[number];

/** A stretch of a text, `end` exclusive. */
export interface HiddenStretch {
  start: number;
  end: number;
  rule: HiddenTextRule;
  /** what it says, when it is encoded */
  decoded?: string;
}

const JOINED =
  'Arabic Syriac Thaana Nko Mongolian Devanagari Bengali Gurmukhi Gujarati Oriya Tamil Telugu Kannada Malayalam Sinhala Tibetan Myanmar Khmer'
    .split(' ')
    .map((script) => `\\p{scx=${script}}`)
    .join('');
const UNSPACED =
  '\\p{scx=Thai}\\p{scx=Lao}\\p{scx=Khmer}\\p{scx=Myanmar}\\p{scx=Tibetan}\\p{scx=Han}\\p{scx=Hiragana}\\p{scx=Katakana}';

/** Not behind a mark that is not seen itself: it is taken out, and what it stood before would be left. That of a Mongolian letter is one. */
const SEEN = '(?<![\\uFE00-\\uFE0F\\u{E0100}-\\u{E01EF}]|(?<!\\p{scx=Mongolian})[\\u180B-\\u180F]|[\\u180B-\\u180F]{2})';

/**
 * What may be unseen: flags of regions, emoji sequences, joiners in scripts that use them, breaks in those without spaces, and isolates that end.
 */
const ALLOWED = new RegExp(
  [
    '\\u{1F3F4}[\\u{E0030}-\\u{E0039}\\u{E0061}-\\u{E007A}]{3,6}\\u{E007F}',
    '(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F\\u20E3])\\u200D(?=\\p{Extended_Pictographic})',
    '(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\p{Regional_Indicator}\\p{Sm}])[\\uFE0E\\uFE0F](?![\\uFE00-\\uFE0F])',
    '(?<=[0-9#*])\\uFE0F(?=\\u20E3)',
    '(?<=\\p{scx=Han})[\\uFE00-\\uFE02\\u{E0100}-\\u{E01EF}](?![\\uFE00-\\uFE0F\\u{E0100}-\\u{E01EF}])',
    `(?<=[${JOINED}\\p{M}])${SEEN}[\\u200C\\u200D](?![\\u200B-\\u200D\\u2060-\\u2064])`,
    `(?<=[${UNSPACED}\\p{M}])${SEEN}\\u200B(?=[${UNSPACED}])`,
    '(?<=\\p{scx=Mongolian})(?<![\\u180B-\\u180F])[\\u180B-\\u180F]',
    '(?<=[\\p{L}\\p{N}]{2})\\u2060(?=[\\p{L}\\p{N}]{2})',
    '[\\u2066\\u2068](?=[^\\u202A-\\u202E\\u2066-\\u2069\\r\\n]{0,200}\\u2069)',
    '\\u2067(?=[^\\p{sc=Latin}\\u202A-\\u202E\\u2066-\\u2069\\r\\n]{0,200}\\u2069)',
    '\\u2069(?<=[\\u2066-\\u2068][^\\u202A-\\u202E\\u2066-\\u2069\\r\\n]{0,200}\\u2069)',
    '^\\uFEFF',
  ].join('|'),
  'gu',
);

/** Cyrillic and Greek letters that look like Latin ones; a word of both is not what it looks like. */
const LATIN_LOOK = 'аеорсухіјѕԁһӏԛԝАВЕЗКМНОРСТУХІЈЅοανρυικΑΒΕΖΗΙΚΜΝΟΡΤΥΧ';

const LATIN = /\p{sc=Latin}/u;
const LOOK_ALIKE = new RegExp(`[${LATIN_LOOK}]`, 'u');

/** What begins a command to a terminal: escape, and its relatives of eight bits. */
const COMMANDS = '\\u001B\\u0090\\u009B\\u009D-\\u009F';

/** By rule what is looked for, in time in proportion to the text. */
const PATTERNS: readonly [HiddenTextRule, RegExp][] = [
  ['tags', /[\u{E0000}-\u{E007F}]+/gu],
  ['variation-selectors', /[\uFE00-\uFE0F\u{E0100}-\u{E01EF}]+/gu],
  [
    'zero-width',
    /(?:(?![\u00AD\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069])(?![\uFE00-\uFE0F])(?![\u{E0000}-\u{E0FFF}])[\p{Default_Ignorable_Code_Point}\u2800\uFFF9-\uFFFB])+/gu,
  ],
  ['direction', /[\u061C\u200F\u202A-\u202E\u2066-\u2069]+|\u200E{2,}|(?<=\S)\u200E(?=\S)/gu],
  ['terminal', new RegExp(`[${COMMANDS}]\\P{Cc}{0,64}`, 'gu')],
  ['control', new RegExp(`(?:(?![\\n\\r\\t${COMMANDS}])\\p{Cc})+|\\r+(?!\\n)`, 'gu')],
  ['private-use', /[\p{Co}\p{Cn}]+/gu],
  ['soft-hyphens', /\u00AD(?:[^\u00AD]?\u00AD)+/gu],
  ['look-alikes', new RegExp(`[\\p{sc=Latin}${LATIN_LOOK}]{3,64}`, 'gu')],
  ['styled-letters', /[\u{1D400}-\u{1D7FF}][\u{1D400}-\u{1D7FF} ]{6,}|[\uFF21-\uFF3A\uFF41-\uFF5A][\uFF01-\uFF5E\u3000 ]{12,}/gu],
  ['blank-space', /[^\S\r\n]{400,}|(?:\r?\n){40,}/gu],
  [
    'markup',
    new RegExp(
      [
        '<!--\\s{0,9}[^\\s>]{1,60}\\s{1,9}(?!-->)[^>]{0,2000}',
        '\\[[^\\]\\n]{1,40}\\]:\\s{0,3}(?:#|<>)\\s{0,3}["\'(]',
        '(?<![\\w-])(?:display\\s{0,3}:\\s{0,3}none|visibility\\s{0,3}:\\s{0,3}(?:hidden|collapse)|(?:font-size|opacity|max-height|max-width|line-height)\\s{0,3}:\\s{0,3}0(?![.\\d]*[1-9]))',
        '(?:text-indent|left|top|margin-left)\\s{0,3}:\\s{0,3}-\\d{3,}',
        '(?<![\\w-])color\\s{0,3}[:=]\\s{0,3}["\']?(?:#f{3,8}\\b|white\\b|transparent\\b|rgba?\\(\\s{0,3}255\\s{0,3}[, ]\\s{0,3}255\\s{0,3}[, ]\\s{0,3}255|rgba\\([^)]{0,30},\\s{0,3}0?\\.?0\\s{0,3}\\))',
        '<[a-z]{1,12}\\s[^>]{0,200}(?<![\\w-])hidden(?![\\w-])',
      ].join('|'),
      'giu',
    ),
  ],
];

/** The text with a dot for each unit of what may be unseen where it stands. */
export function hideAllowed(text: string): string {
  return text.replace(ALLOWED, (found) => '.'.repeat(found.length));
}

/**
 * Stretches that a person would not read as a model does. Emoji sequences, flags, joiners of scripts that have them and breaks in scripts
 * without spaces are none.
 */
export function findHiddenText(text: string, rules: readonly HiddenTextRule[] = HIDDEN_TEXT_RULES): HiddenStretch[] {
  const rest = hideUsualMarks(text, hideAllowed(text));
  const encoded = rules.includes('encoded') ? findEncodedText(text) : [];
  const hidden = PATTERNS.filter(([rule]) => rules.includes(rule)).flatMap(([rule, pattern]) =>
    Array.from(rest.matchAll(pattern))
      .filter(([found]) => rule !== 'look-alikes' || (LATIN.test(found) && LOOK_ALIKE.test(found)))
      .map(({ index, 0: found }): HiddenStretch => ({ start: index, end: index + found.length, rule })),
  );
  return [...hidden, ...encoded.map((stretch): HiddenStretch => ({ ...stretch, rule: 'encoded' }))];
}
