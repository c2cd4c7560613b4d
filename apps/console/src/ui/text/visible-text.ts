/** A run of a text: shown as it is, or one character that a reader would not see (or that changes what is seen). */
export type TextRun = { hidden: false; text: string } | { hidden: true; codePoint: string; name: string };

// Controls, format characters (zero width, bidirectional, tags), separators, private use, whatever a renderer leaves out, the blank
// Braille cell, and every space but the plain one. Lines and tabs are no secret.
const HIDDEN = /(?![ \n\t])[\p{Cc}\p{Cf}\p{Zs}\p{Zl}\p{Zp}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}\u2800]/u;

const NAMES: Readonly<Record<string, string>> = {
  '000D': 'carriage return',
  '001B': 'escape',
  '00A0': 'no-break space',
  '00AD': 'soft hyphen',
  '061C': 'Arabic letter mark',
  '200B': 'zero width space',
  '200C': 'zero width non-joiner',
  '200D': 'zero width joiner',
  '200E': 'left-to-right mark',
  '200F': 'right-to-left mark',
  '2028': 'line separator',
  '2029': 'paragraph separator',
  '202A': 'left-to-right embedding',
  '202B': 'right-to-left embedding',
  '202C': 'end of direction',
  '202D': 'left-to-right override',
  '202E': 'right-to-left override',
  '2060': 'word joiner',
  '2066': 'left-to-right isolate',
  '2067': 'right-to-left isolate',
  '2068': 'first strong isolate',
  '2069': 'end of isolate',
  FEFF: 'byte order mark',
};

function getCharacterName(codePoint: number, hex: string): string {
  const known = NAMES[hex];
  if (known) return known;
  if (codePoint >= 0xe0020 && codePoint <= 0xe007e) return `tag "${String.fromCodePoint(codePoint - 0xe0000)}"`;
  if ((codePoint >= 0xfe00 && codePoint <= 0xfe0f) || codePoint >= 0xe0100) return 'variation selector';
  if (codePoint < 0x20 || (codePoint >= 0x7f && codePoint < 0xa0)) return 'control character';
  return 'invisible character';
}

/** Splits a text that a model will read so that nothing in it can stay unseen by a person. Joining the runs gives the text back. */
export function splitIntoRuns(text: string): TextRun[] {
  // nearly every text: a page asks about thousands of them at a stretch
  if (!HIDDEN.test(text)) return text === '' ? [] : [{ hidden: false, text }];
  const runs: TextRun[] = [];
  let plain = '';
  for (const character of text) {
    if (!HIDDEN.test(character)) {
      plain += character;
      continue;
    }
    if (plain) runs.push({ hidden: false, text: plain });
    plain = '';
    const codePoint = character.codePointAt(0) ?? 0;
    const hex = codePoint.toString(16).toUpperCase().padStart(4, '0');
    runs.push({ hidden: true, codePoint: `U+${hex}`, name: getCharacterName(codePoint, hex) });
  }
  if (plain) runs.push({ hidden: false, text: plain });
  return runs;
}

/** The text for a place that takes no elements, such as a title or a field's label: what a reader would not see is named. */
export function writeVisible(text: string): string {
  return splitIntoRuns(text.replaceAll(/[\n\t]/g, ' '))
    .map((run) => (run.hidden ? `<${run.codePoint}>` : run.text))
    .join('');
}

/** How many characters of the text a reader would not see. */
export function countHidden(text: string): number {
  return splitIntoRuns(text).filter((run) => run.hidden).length;
}
